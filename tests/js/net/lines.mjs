/** Modelled lines: how long each way takes at a time, in ms. Draws are repeatable; the order of what is sent stays. */

/** A generator of numbers from 0 to 1 that gives the same for the same seed. */
export function draws(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const rare = (draw, mean) => -mean * Math.log(1 - draw());
const even = (least, most) => (draw) => () => least + (most - least) * draw();
const queued = (least, mean, jam = () => 0) => (draw) => (at) => least + rare(draw, mean) + jam(at, draw);

export const LINES = {
  "home network": { there: queued(1, 0.5), back: queued(1, 0.5) },
  "Wi-Fi": { there: queued(3, 4), back: queued(3, 6) },
  "bench, 50 ± 15 ms": { there: even(17.5, 32.5), back: even(17.5, 32.5) },
  "bench, 200 ± 50 ms": { there: even(75, 125), back: even(75, 125) },
  "mobile": { there: queued(35, 16), back: queued(35, 16) },
  "downloads jam it by 300 ms, 3 s of 15": {
    there: queued(10, 2),
    back: queued(10, 2, (at, draw) => (at > 3_000 && at % 15_000 < 3_000 ? 300 * draw() : 0)),
  },
  "jam of 300 ms from 60 to 90 s": {
    there: queued(10, 2),
    back: queued(10, 2, (at) => (at > 60_000 && at < 90_000 ? 300 : 0)),
  },
  "route longer by 30 ms after 120 s": {
    there: queued(20, 3, (at) => (at > 120_000 ? 15 : 0)),
    back: queued(20, 3, (at) => (at > 120_000 ? 15 : 0)),
  },
};

const START_MS = 50_000;
const SERVER_AHEAD_MS = 1_234_567;
/** As the heartbeat asks while sound is made: 20 times in the first second, then once a second. */
const asksUntil = (ms) => [
  ...Array.from({ length: 20 }, (_, turn) => turn * 50),
  ...Array.from({ length: Math.floor(ms / 1_000) }, (_, second) => (second + 1) * 1_000),
];

/**
 * Yields the exchanges over a line as they arrive, each with `truth(local)`: how far the server's clock is ahead.
 * @param {{there: Function, back: Function}} line
 * @param {{seed: number, ms: number, parting?: number, asks?: number[]}} options  parting: of the two clocks, ms per ms
 */
export function* exchanges(line, { seed, ms, parting = 0.00003, asks = asksUntil(ms) }) {
  const draw = draws(seed);
  const [there, back] = [line.there(draw), line.back(draw)];
  const truth = (local) => SERVER_AHEAD_MS + (local - START_MS) * parting;
  let [reached, returned] = [0, 0];
  for (const at of asks) {
    const sent = START_MS + at;
    reached = Math.max(reached, sent + there(at));
    const left = reached + rare(draw, 0.2);
    returned = Math.max(returned, left + back(left - START_MS));
    const arrived = returned + rare(draw, 0.3);
    const [received, replied] = [reached, left].map((moment) => Math.round(moment + truth(moment)));
    yield { sent, received, replied, arrived, at: arrived - START_MS, truth };
  }
}
