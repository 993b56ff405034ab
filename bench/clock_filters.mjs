/**
 * How far off the server's clock is on modelled lines (tests/js/net/lines.mjs): our filter beside others that were tried.
 * Needs no server and no quiet machine: all times are computed.
 *
 *     node bench/clock_filters.mjs
 */
import { OffsetFilter } from "../static/js/net/offset-filter.js";
import { LINES, exchanges } from "../tests/js/net/lines.mjs";

const SEEDS = 20;
const MS = 300_000;
const PARTINGS = [0, 0.00003, -0.00006];

/** Offset and drift, fed with the middle of each exchange as if it could be off by half its round trip. */
class Kalman {
  #state;

  update(measured, deviation, at) {
    const variance = Math.max(0.5, deviation) ** 2;
    if (!this.#state) {
      this.#state = { offset: measured, drift: 0, ofOffset: variance, ofBoth: 0, ofDrift: 0.00005 ** 2, at };
      return;
    }
    const { offset, drift, ofOffset, ofBoth, ofDrift, at: before } = this.#state;
    const passed = Math.max(0, at - before);
    const grown = ofOffset + 2 * ofBoth * passed + ofDrift * passed ** 2 + 1e-8 * passed;
    const both = ofBoth + ofDrift * passed;
    const gain = grown / (grown + variance);
    const gainOfDrift = both / (grown + variance);
    const surprise = measured - offset - drift * passed;
    this.#state = {
      offset: offset + drift * passed + gain * surprise,
      drift: drift + gainOfDrift * surprise,
      ofOffset: (1 - gain) * grown,
      ofBoth: (1 - gain) * both,
      ofDrift: ofDrift - gainOfDrift * both + 1e-18 * passed,
      at,
    };
  }

  at(local) {
    return this.#state ? this.#state.offset + this.#state.drift * (local - this.#state.at) : NaN;
  }
}

const middle = ({ sent, received, replied, arrived }) => (received - sent + replied - arrived) / 2;
const roundTrip = ({ sent, received, replied, arrived }) => Math.max(0, arrived - sent - (replied - received));

class EachExchange {
  #kalman = new Kalman();

  add(exchange) {
    this.#kalman.update(middle(exchange), roundTrip(exchange) / 2, exchange.arrived);
  }

  at(local) {
    return this.#kalman.at(local);
  }
}

/** As Sendspin's player does: of each eight exchanges the middle one of the three quickest. */
class BestOfBursts {
  static asks = Array.from({ length: (MS / 10_000) * 8 }, (_, turn) => Math.floor(turn / 8) * 10_000 + (turn % 8) * 60);
  #kalman = new Kalman();
  #burst = [];

  add(exchange) {
    this.#burst.push(exchange);
    if (this.#burst.length < 8) return;
    const quickest = this.#burst.sort((one, other) => roundTrip(one) - roundTrip(other)).slice(0, 3);
    const [, chosen] = quickest.sort((one, other) => middle(one) - middle(other));
    this.#kalman.update(middle(chosen), roundTrip(chosen) / 2, exchange.arrived);
    this.#burst = [];
  }

  at(local) {
    return this.#kalman.at(local);
  }
}

/** Two exchanges 10 ms apart count where both ways kept that gap to 2 ms: none of them waited in a queue that grew. */
class PairsWithTheirGap {
  static asks = Array.from({ length: MS / 1_000 }, (_, turn) => [turn * 2_000, turn * 2_000 + 10]).flat().filter((at) => at < MS);
  #kalman = new Kalman();
  #first = null;

  add(exchange) {
    const first = this.#first;
    this.#first = exchange;
    if (!first || exchange.sent - first.sent > 50) return;
    const there = exchange.received - first.received - (exchange.sent - first.sent);
    const back = exchange.arrived - first.arrived - (exchange.replied - first.replied);
    if (Math.max(Math.abs(there), Math.abs(back)) <= 2) this.#kalman.update(middle(exchange), 1, exchange.arrived);
  }

  at(local) {
    return this.#kalman.at(local);
  }
}

/** What was used before: the mean of all exchanges, each by how much longer it took than the quickest. */
class WeightedMean {
  #kept = [];

  add(exchange) {
    this.#kept = [...this.#kept, exchange].filter(({ arrived }) => exchange.arrived - arrived <= 200_000).slice(-80);
  }

  at(local) {
    const quickest = Math.min(...this.#kept.map(roundTrip));
    let [sum, weights] = [0, 0];
    for (const exchange of this.#kept) {
      if (roundTrip(exchange) > quickest * 1.5 + 10) continue;
      const weight = 1 / (1 + (roundTrip(exchange) - quickest) / 2 + (local - exchange.arrived) * 0.0001) ** 2;
      sum += middle(exchange) * weight;
      weights += weight;
    }
    return sum / weights;
  }
}

const FILTERS = {
  "least delay of each way": OffsetFilter,
  "weighted mean (before)": WeightedMean,
  "Kalman, each exchange": EachExchange,
  "Kalman, best of bursts": BestOfBursts,
  "Kalman, pairs that kept their gap": PairsWithTheirGap,
};

function errors(Filter, line) {
  const found = [];
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const filter = new Filter();
    const asks = Filter.asks && { asks: Filter.asks };
    for (const exchange of exchanges(line, { seed, ms: MS, parting: PARTINGS[seed % 3], ...asks })) {
      filter.add(exchange);
      const ms = Math.abs(filter.at(exchange.arrived) - exchange.truth(exchange.arrived));
      if (exchange.at >= 1_000) found.push({ at: exchange.at, ms: Number.isNaN(ms) ? Infinity : ms });
    }
  }
  return found;
}

function percentile(numbers, share) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))].toFixed(1);
}

console.log("| line | filter | p95 ms, first minute | p50 ms | p95 ms | max ms |\n| --- | --- | --: | --: | --: | --: |");
for (const [name, line] of Object.entries(LINES)) {
  for (const [filter, Filter] of Object.entries(FILTERS)) {
    const found = errors(Filter, line);
    const early = found.filter(({ at }) => at < 60_000).map(({ ms }) => ms);
    const late = found.filter(({ at }) => at >= 60_000).map(({ ms }) => ms);
    const figures = [percentile(early, 95), ...[50, 95, 100].map((share) => percentile(late, share))];
    console.log(`| ${[name, filter, ...figures].join(" | ")} |`);
  }
}
