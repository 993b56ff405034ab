// @ts-check
import { sourceOf } from "../../state/sources.js";
import { RADIO } from "../../state/radio/radio-source.js";

/** What sounds stations in this page. Loaded after the page, and only where the room has any. */
export class RadioParts {
  #options;
  #isLoading = false;
  #isLoaded = false;

  /** @param {import("../../views/source-in-page.js").SourceServices} options */
  constructor(options) {
    this.#options = options;
  }

  load() {
    this.follow(this.#options.store.state);
  }

  /** @param {import("../../state/shapes.js").State} state */
  async follow({ sources }) {
    if (this.#isLoading || this.#isLoaded || !sourceOf(sources, RADIO)) return;
    const { code, clock, speaker, load } = this.#options;
    this.#isLoading = true;
    const loaded = await load(() => import("./station-sound.js"));
    this.#isLoading = false;
    if (!loaded) return;
    this.#isLoaded = true;
    speaker.attach(RADIO, new loaded.RadioSound({ code, clock, device: () => speaker.device }));
  }
}
