/**
 * How a deck is best held in place: the page's own SyncController beside other ways, on a modelled sound card whose clock
 * parts from the room's and whose times tremble. No browser, no server, no quiet machine.
 *
 *     node bench/corrections.mjs
 */
import { SyncController } from "../static/js/audio/sync-controller.js";

const TICK_MS = 5;
const STEADY_MS = 300_000;
const AFTER_STEP_MS = 40_000;
const IN_STEP_MS = 5;
/** Quartz clocks part by up to 100 millionths. */
const DRIFTS = [0, 0.00003, 0.0001];
/** Standard deviations of a reading: of the card's own times, and of a context's clock that moves in blocks. */
const TREMBLES_MS = [0.1, 1];
const STEPS_MS = [3, 6, 12, 20, 100];

/** A deck whose true position is known. */
class ModelledDeck {
  kind = "precise";
  tremble_ms = 0;
  rate = 1;
  seams = 0;
  /** How far it really is ahead of the room. */
  ahead_ms = 0;
  #room;

  constructor(room) {
    this.#room = room;
  }

  get position_ms() {
    return this.#room.now + this.ahead_ms + this.#room.noise();
  }

  start(position_ms, at) {
    this.seams += 1;
    this.ahead_ms = position_ms - at + this.#room.noise();
    this.rate = 1;
  }

  learn() {}
}

/** The page's own way. */
function own(room, deck) {
  const clock = { now: () => room.now, local: () => room.now, uncertainty_ms: 1 };
  const controller = new SyncController({ clock, playback: () => ({ state: "playing", starts_at_ms: 0 }) });
  return { every_ms: 1_000, look: () => controller.correct(deck, { afterGap: false }) };
}

/** By rate alone within the given bounds, and one jump beyond them. */
function byRate({ from, until, reach, jump, every_ms = 1_000 }) {
  return (room, deck) => {
    let isCorrecting = false;
    const look = () => {
      const ahead = deck.position_ms - room.now;
      if (Math.abs(ahead) > jump) {
        deck.start(room.now, room.now);
        isCorrecting = false;
        return;
      }
      isCorrecting = Math.abs(ahead) > (isCorrecting ? until : from);
      deck.rate = isCorrecting ? 1 - Math.max(-reach, Math.min(reach, ahead / every_ms)) : 1;
    };
    return { every_ms, look };
  };
}

/** As Sendspin does in its mode "sync": smoothed, samples below 8 ms, rates from there, a jump above 200 ms. */
function bySamples(room, deck) {
  const CHUNK_MS = 25;
  const SAMPLE_MS = 1000 / 48_000;
  let smoothed = null;
  const look = () => {
    const ahead = deck.position_ms - room.now;
    smoothed = smoothed === null ? ahead : smoothed + 0.05 * (ahead - smoothed);
    const size = Math.abs(smoothed);
    deck.rate = 1;
    if (size > 200) {
      deck.start(room.now, room.now);
      smoothed = null;
    } else if (size >= 8) deck.rate = 1 - Math.sign(smoothed) * (size > 35 ? 0.005 : 0.003);
    else if (size > 1) deck.ahead_ms -= Math.sign(smoothed) * SAMPLE_MS;
  };
  return { every_ms: CHUNK_MS, look };
}

const WAYS = {
  "the page's": own,
  "rate to 1 %, jump above 25 ms (before)": byRate({ from: 2, until: 0.5, reach: 0.01, jump: 25 }),
  "rate to 0.3 %, jump above 25 ms": byRate({ from: 1, until: 0.25, reach: 0.003, jump: 25 }),
  "rate always on, to 0.3 %": byRate({ from: 0, until: 0, reach: 0.003, jump: 8 }),
  "samples, 0.3 and 0.5 % (Sendspin's)": bySamples,
};

/** Pseudo-random and the same on every run: two uniform draws make a normal one. */
function draws(seed) {
  let state = seed;
  const uniform = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return (state + 1) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** @returns {{errors: number[], bend: number, seams: number, bent: number}} bent: share of the time off the track's speed */
function play(way, { drift, tremble_ms, step_ms, ms, seed }) {
  const normal = draws(seed);
  const room = { now: 10_000, noise: () => normal() * tremble_ms };
  const deck = new ModelledDeck(room);
  deck.ahead_ms = step_ms;
  const { every_ms, look } = way(room, deck);
  const errors = [];
  let [bend, bent] = [0, 0];
  for (let passed = 0; passed < ms; passed += TICK_MS) {
    if (passed % every_ms < TICK_MS) look();
    bend = Math.max(bend, Math.abs(deck.rate - 1));
    if (deck.rate !== 1) bent += TICK_MS / ms;
    deck.ahead_ms += TICK_MS * (deck.rate - 1 + drift);
    room.now += TICK_MS;
    errors.push(Math.abs(deck.ahead_ms));
  }
  return { errors, bend, seams: deck.seams, bent };
}

function percentile(values, percent) {
  return [...values].sort((one, other) => one - other)[Math.ceil((values.length * percent) / 100) - 1];
}

/** Seconds until it is within IN_STEP_MS for good. */
function back(errors) {
  const last = errors.findLastIndex((error) => error > IN_STEP_MS);
  return ((last + 1) * TICK_MS) / 1000;
}

function main() {
  const head = ["way", ...TREMBLES_MS.flatMap((ms) => [`± ${ms} ms: p95, max ms`, "time bent"]), ...STEPS_MS.map((ms) => `${ms} ms off: s, cents`)];
  console.log(`| ${head.join(" | ")} |\n| --- |${" --: |".repeat(head.length - 1)}`);
  for (const [name, way] of Object.entries(WAYS)) {
    const steady = TREMBLES_MS.flatMap((tremble_ms) => {
      const runs = DRIFTS.map((drift, seed) => play(way, { drift, tremble_ms, step_ms: 0, ms: STEADY_MS, seed }));
      const errors = runs.flatMap((run) => run.errors);
      const bent = Math.max(...runs.map((run) => run.bent));
      return [`${percentile(errors, 95).toFixed(2)}, ${percentile(errors, 100).toFixed(2)}`, `${Math.round(bent * 100)} %`];
    });
    const steps = STEPS_MS.map((step_ms) => {
      const { errors, bend, seams } = play(way, { drift: 0.00003, tremble_ms: 0.1, step_ms, ms: AFTER_STEP_MS, seed: 7 });
      const cents = Math.abs(1200 * Math.log2(1 + bend));
      return `${back(errors).toFixed(2)}, ${seams > 0 ? "seam" : cents.toFixed(0)}`;
    });
    console.log(`| ${[name, ...steady, ...steps].join(" | ")} |`);
  }
}

main();
