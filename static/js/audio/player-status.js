// @ts-check

/** @typedef {"stalled"|"decode"|"missing"|"network"|"slept"|"suspended"|"device"} Cause  device: it can play nothing */
/** @typedef {"quiet"|"playing"|"stalled"|"ended"|"error"} State */

/** How the play is that is to be heard here. What changes is told as events of the one who follows: see LocalPlayer. */
export class PlayerStatus {
  /** @type {State} */
  state = "quiet";
  /** Does the browser want a tap first? */
  blocked = false;
  /** What is wrong just now. @type {Cause|null} */
  cause = null;
  #told;

  /** @param {EventTarget} told */
  constructor(told) {
    this.#told = told;
  }

  /** Another play, of which nothing is known yet. */
  renew() {
    this.blocked = false;
    this.cause = null;
    this.become("quiet");
  }

  /** @param {State} state */
  become(state) {
    // That a sleep is over shows only when the place is right again.
    if (state === "playing" && this.cause !== "slept") this.recovered();
    if (this.state === state) return;
    this.state = state;
    if (state !== "quiet") this.#told.dispatchEvent(new Event(state));
  }

  block() {
    if (this.blocked) return;
    this.blocked = true;
    this.#told.dispatchEvent(new Event("blocked"));
  }

  /** @param {Cause} cause */
  incident(cause) {
    if (this.cause === cause) return;
    this.cause = cause;
    this.#tell(cause, false);
  }

  recovered() {
    const { cause } = this;
    this.cause = null;
    if (cause) this.#tell(cause, true);
  }

  /** @param {Cause} cause @param {boolean} recovered */
  #tell(cause, recovered) {
    this.#told.dispatchEvent(new CustomEvent("incident", { detail: { cause, recovered } }));
  }
}
