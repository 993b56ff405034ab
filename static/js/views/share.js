// @ts-check
import { part, setShown, setText } from "./pieces.js";

/** The way in for others: code, QR, link. */
export class Share {
  #url;
  #name;
  #said;

  /** @param {HTMLElement} root @param {{url: string, host: string, name: () => string, said: (words: string) => void}} options */
  constructor(root, { url, host, name, said }) {
    this.#url = url;
    this.#name = name;
    this.#said = said;
    setText(part(root, "share-host"), host);
    const [share, copy] = [part(root, "share"), part(root, "copy")];
    setShown(share, true);
    setShown(copy, true);
    share.addEventListener("click", () => this.share());
    copy.addEventListener("click", () => this.copy());
  }

  async share() {
    if (!navigator.share) {
      await this.copy();
      return;
    }
    try {
      await navigator.share({ title: this.#name(), url: this.#url });
    } catch {
      // Put away by the person: nothing to say.
    }
  }

  async copy() {
    this.#said((await copied(this.#url)) ? "The link is copied" : `The link: ${this.#url}`);
  }
}

/** On a plain http address the clipboard is out of reach but for the old way. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "heard";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
