// @ts-check
import { say } from "../../words/room/say.js";

/** @typedef {{url: string, name: string, tell: (words: string) => void}} Invitation  tell: tells what became of it */

/** Hands the link to the device's own sharing, or copies it. @param {Invitation} invitation */
export async function share({ url, name, tell }) {
  if (!navigator.share) {
    await copy({ url, name, tell });
    return;
  }
  try {
    await navigator.share({ title: name, url });
  } catch (error) {
    // Put away by the person: nothing to say. Too late after the tap: then the link is copied.
    if (/** @type {DOMException} */ (error).name !== "AbortError") await copy({ url, name, tell });
  }
}

/** @param {Invitation} invitation */
export async function copy({ url, tell }) {
  tell((await writeToClipboard(url)) ? say("invite.copied") : say("invite.link", { url }));
}

/** On a plain http address the clipboard is out of reach but for the old way. @param {string} text */
async function writeToClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
