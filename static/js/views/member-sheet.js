// @ts-check
import { paint } from "./person.js";
import { part, setShown, setText } from "./pieces.js";
import { count } from "./words.js";

/** @typedef {import("../shapes.js").Member} Member */
/** @typedef {import("./scene.js").Show} Show */

/** @type {Record<string, object>} what each act asks for */
const CHANGES = {
  cohost: { role: "cohost" },
  listener: { role: "listener" },
  mute: { muted: true },
  unmute: { muted: false },
};

/**
 * What host and co-host may do for or about one person.
 * @param {{sheet: import("./sheet.js").Sheet, member: Member, show: Show, opener: HTMLElement,
 *   change: (member: Member, facts: object) => Promise<void>}} options  change throws what the server refused
 */
export function openMember({ sheet, member, show, opener, change }) {
  const body = sheet.show("sheet-member", { opener });
  const waiting = show.queue.filter((item) => item.added_by === member.id).length;
  paint(part(body, "person"), member);
  setText(part(body, "title"), member.name);
  setText(part(body, "note"), `${member.role === "cohost" ? "Co-host" : "Listener"}, ${count(waiting, "track")} waiting`);
  setText(part(body, "ban-word"), "Ban from this room");
  const shown = {
    cohost: show.hosts && member.role === "listener",
    listener: show.hosts && member.role === "cohost",
    mute: !member.muted,
    unmute: member.muted,
    ban: true,
  };
  for (const [name, on] of Object.entries(shown)) setShown(/** @type {HTMLElement} */ (body.querySelector(`[data-do="${name}"]`)), on);
  setShown(part(body, "help"), show.hosts);
  setShown(part(body, "calm"), true);
  setShown(part(body, "out"), true);

  part(body, "help").parentElement.addEventListener("click", async (/** @type {MouseEvent} */ event) => {
    const act = /** @type {HTMLElement} */ (event.target).closest("[data-do]");
    if (!(act instanceof HTMLElement)) return;
    const name = act.dataset.do ?? "";
    if (name === "ban") {
      askBan({ sheet, member, opener, change });
      return;
    }
    try {
      await change(member, CHANGES[name]);
      sheet.close();
    } catch (error) {
      setText(part(body, "wrong-words"), /** @type {Error} */ (error).message);
      setShown(part(body, "wrong"), true);
    }
  });
}

/** The one act here that asks first; its key names what happens. */
function askBan(/** @type {{sheet: any, member: Member, opener: HTMLElement, change: Function}} */ { sheet, member, opener, change }) {
  const body = sheet.show("sheet-ban", { opener });
  setText(part(body, "title"), `Ban ${member.name}?`);
  setText(part(body, "ban-word"), `Ban ${member.name}`);
  part(body, "ban").addEventListener("click", async () => {
    sheet.close();
    await change(member, { banned: true }).catch(() => {});
  });
}
