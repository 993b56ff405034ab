// @ts-check
import { Changes } from "../changes.js";
import { Mirror } from "../mirror.js";
import { Announcer } from "./announcer.js";
import { chosen, copy, meant, names, step } from "./controls.js";
import { farewell, leave } from "./left.js";
import { part, setAttribute, setFlag, setShown, setText } from "./pieces.js";
import { Toast } from "./toast.js";

/** Five taps on a step are one change. */
const STEP_SETTLES_MS = 400;
/** What rules do right now changes with every vote and visitor; nobody needs to read that sooner. */
const EFFECTS_AFTER_MS = 8_000;
/** A line that is back within a breath was never gone. */
const GONE_AFTER_MS = 2_000;
const NO_MEMBER = 4401;

/**
 * Makes the page of a room's rules live. It works without: every control stands in a form.
 * @param {{boot: any, api: import("../api.js").Api, store: import("../store.js").Store,
 *   socket: import("../socket.js").RoomSocket}} parts
 */
export function openRules({ boot, api, store, socket }) {
  const root = document.body;
  const path = `/api/rooms/${boot.code}`;
  const toast = new Toast(part(root, "toast"));
  const announcer = new Announcer({ polite: part(root, "polite"), assertive: part(root, "assertive") });
  const mirror = new Mirror({ url: location.pathname, body: root });
  /** @type {HTMLFormElement|null} */
  const form = part(root, "save") && part(root, "rules");

  wireBack(part(root, "back"));
  wireLine(part(root, "line"), socket);
  follow();
  if (form) edit(form);

  /** The host's half: every change goes out at once. @param {HTMLFormElement} form */
  function edit(form) {
    /** The page as the server last wrote it: where a refused change goes back to. */
    let known = new DOMParser().parseFromString(document.documentElement.outerHTML, "text/html");
    const changes = new Changes(async ({ preset, shelf, ...rules }) => {
      // They live on when this page is left while they are on their way.
      const options = { keepalive: true };
      if (shelf !== undefined) await api.put(`${path}/playback/shelf`, { shelf: shelf || null }, options);
      const asked = Object.keys(rules).length > 0 ? { preset, rules } : { preset };
      if (preset !== undefined || asked.rules) await api.patch(path, asked, options);
    });
    const drawControls = () => {
      const fresh = /** @type {HTMLFormElement} */ (known.querySelector("[data-rules]"));
      for (const name of names(form)) if (!changes.has(name)) copy(form, fresh, name);
      drawEnds(form);
    };
    const change = (/** @type {string} */ name, settleMs = 0) => changes.put(name, name === "shelf" ? chosen(form, name) : meant(chosen(form, name)), settleMs);

    mirror.addEventListener("drawn", (event) => {
      known = /** @type {CustomEvent} */ (event).detail.page;
      drawControls();
    });
    changes.addEventListener("saved", () => mirror.refresh());
    changes.addEventListener("refused", (event) => {
      const { message } = /** @type {CustomEvent} */ (event).detail.error;
      toast.say(message);
      announcer.now(message);
      mirror.draw(known);
    });
    form.addEventListener("change", (event) => {
      const control = /** @type {HTMLElement & {name: string}} */ (event.target);
      change(control.name, control.closest(".steps") ? STEP_SETTLES_MS : 0);
      drawEnds(form);
    });
    form.addEventListener("click", (event) => {
      const key = /** @type {HTMLElement} */ (event.target).closest("[data-step]");
      if (!(key instanceof HTMLElement)) return;
      const select = /** @type {HTMLSelectElement} */ (key.closest(".steps")?.querySelector("select"));
      const moved = step(select, Number(key.dataset.step));
      const words = select.options[select.selectedIndex].text;
      announcer.say(moved ? words : `${words} is as far as it goes`);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      changes.flush();
    });
    for (const presets of [part(root, "presets"), part(root, "put-back")]) {
      presets.addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        choose(/** @type {HTMLButtonElement} */ (event.submitter));
      });
    }
    addEventListener("pagehide", () => changes.flush());

    /** A preset is all of its rules: changes that still wait would fall on top of it. @param {HTMLButtonElement} key */
    function choose(key) {
      const before = store.state.room;
      changes.drop();
      changes.put("preset", key.value);
      if (before && (before.preset !== key.value || before.changed.length > 0)) tell(key.value, before);
      for (const each of part(root, "presets").elements) if (each.name === "preset") setAttribute(each, "aria-pressed", String(each.value === key.value));
      // The sentence goes with the changes it names, and takes its key along.
      if (key.closest("[data-put-back]")) document.getElementById(`preset-${key.value}`)?.focus();
    }

    /** Hand-made rules may be gone by one tap: that tap can be taken back. */
    function tell(/** @type {string} */ preset, /** @type {NonNullable<import("../shapes.js").State["room"]>} */ before) {
      const words = `The rules of ${document.querySelector(`#preset-${preset} [data-title]`)?.textContent} hold now`;
      const undo = () => {
        for (const [name, value] of Object.entries({ preset: before.preset, ...before.rules })) changes.put(name, value);
      };
      toast.say(words, { undo });
      announcer.say(words);
    }

    setShown(part(root, "save"), false);
    drawEnds(form);
    // Whoever was quicker than this script is not asked twice.
    for (const name of names(form)) if (chosen(form, name) !== chosen(/** @type {any} */ (known.querySelector("[data-rules]")), name)) change(name);
  }

  /** Everybody's half: the page says what holds now. */
  function follow() {
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    let due;
    const later = () => {
      due ??= setTimeout(() => {
        due = undefined;
        if (!document.hidden) mirror.refresh();
      }, EFFECTS_AFTER_MS);
    };
    const changed = () => {
      mirror.refresh();
      if (!form) announcer.say("The rules have changed");
    };
    document.addEventListener("visibilitychange", () => !document.hidden && mirror.refresh());
    store.addEventListener("change", (event) => {
      const { previous, state } = /** @type {CustomEvent} */ (event).detail;
      if (state.room.state === "ended" || state.me?.banned) goodbye(null);
      else if (previous.room === null) state.revision !== boot.revision && mirror.refresh();
      else if (previous.room !== state.room) changed();
      else later();
    });
    socket.addEventListener("status", (event) => {
      const { state, code } = /** @type {CustomEvent} */ (event).detail;
      if (state !== "closed") return;
      if (code === NO_MEMBER) location.reload();
      else goodbye(code);
    });
    mirror.addEventListener("drawn", (event) => {
      // Host today, listener tomorrow: another page.
      const edits = part(/** @type {CustomEvent} */ (event).detail.page, "save") !== null;
      if (edits !== (form !== null)) location.reload();
    });
  }

  /** @param {number|string|null} why */
  function goodbye(why) {
    const notice = farewell(why, store.state);
    if (!notice || document.querySelector(".notice")) return;
    socket.close();
    leave(notice);
    announcer.now(notice.title);
  }
}

/** At an end of its list a step key has nothing to do. @param {HTMLFormElement} form */
function drawEnds(form) {
  for (const key of form.querySelectorAll("[data-step]")) {
    const select = /** @type {HTMLSelectElement} */ (key.closest(".steps")?.querySelector("select"));
    const end = /** @type {HTMLElement} */ (key).dataset.step === "1" ? select.options.length - 1 : 0;
    setAttribute(key, "aria-disabled", select.selectedIndex === end ? "true" : null);
  }
}

/** A tab that the room has opened goes away again: the room's own tab is still there, and may be sounding. */
function wireBack(/** @type {HTMLAnchorElement} */ link) {
  link.addEventListener("click", (event) => {
    const opener = /** @type {Window|null} */ (window.opener);
    if (!opener || opener.closed) return;
    event.preventDefault();
    opener.focus();
    window.close();
  });
}

/** @param {HTMLElement} chip @param {import("../socket.js").RoomSocket} socket */
function wireLine(chip, socket) {
  const words = part(chip, "line-words");
  const usual = words.textContent;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const show = (/** @type {boolean} */ gone) => {
    setFlag(chip, "gone", gone);
    setText(words, gone ? "No connection" : usual);
    for (const icon of chip.querySelectorAll("[data-line-icon]")) {
      const mark = /** @type {HTMLElement} */ (icon);
      setShown(mark, (mark.dataset.lineIcon === "gone") === gone);
    }
  };
  socket.addEventListener("status", (event) => {
    const { state } = /** @type {CustomEvent} */ (event).detail;
    clearTimeout(timer);
    if (state === "offline") timer = setTimeout(() => show(true), GONE_AFTER_MS);
    else if (state !== "connecting") show(false);
  });
}
