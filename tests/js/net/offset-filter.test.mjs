/** The filter on modelled lines: each promise holds for 20 draws of the line and for clocks that part either way. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { OffsetFilter } from "../../../static/js/net/offset-filter.js";
import { LINES, exchanges } from "./lines.mjs";

const PARTINGS = [0, 0.00003, -0.00006];

/** How far the filter is off after each exchange; one list for each draw. @returns {{at: number, ms: number}[][]} */
function errors(name, ms) {
  return Array.from({ length: 20 }, (_, seed) => {
    const filter = new OffsetFilter();
    return [...exchanges(LINES[name], { seed, ms, parting: PARTINGS[seed % 3] })].map((exchange) => {
      filter.add(exchange);
      return { at: exchange.at, ms: Math.abs(filter.at(exchange.arrived) - exchange.truth(exchange.arrived)) };
    });
  });
}

function worst(name, { from, until }) {
  return Math.max(...errors(name, until).flat().filter(({ at }) => at >= from).map(({ ms }) => ms));
}

const within = (name, times, limit) => {
  const found = worst(name, times);
  assert.ok(found <= limit, `off by ${found} ms`);
};

test("a second after joining the clock is within 2 ms on a home network and 5 ms with 50 ± 15 ms", () => {
  within("home network", { from: 1_000, until: 60_000 }, 2);
  within("bench, 50 ± 15 ms", { from: 1_000, until: 60_000 }, 5);
});

test("the clock stays within 2 ms through a jam of 300 ms on one way, and after it", () => {
  within("jam of 300 ms from 60 to 90 s", { from: 10_000, until: 150_000 }, 2);
});

test("downloads that jam the line again and again move the clock by less than 2 ms", () => {
  within("downloads jam it by 300 ms, 3 s of 15", { from: 10_000, until: 120_000 }, 2);
});

test("a route that becomes longer moves the clock by less than 3 ms", () => {
  within("route longer by 30 ms after 120 s", { from: 60_000, until: 420_000 }, 3);
});

test("with 200 ± 50 ms the clock is within 8 ms a second after joining", () => {
  within("bench, 200 ± 50 ms", { from: 1_000, until: 180_000 }, 8);
});

test("two clocks that part by 0.06 ms a second are followed without falling behind", () => {
  const filter = new OffsetFilter();
  const heard = [...exchanges(LINES["home network"], { seed: 1, ms: 300_000, parting: 0.00006 })];
  for (const exchange of heard) filter.add(exchange);
  const later = heard.at(-1).arrived + 60_000;
  const off = Math.abs(filter.at(later) - heard.at(-1).truth(later));
  assert.ok(off < 1.5, `off by ${off} ms a minute after the last exchange`);
});

test("the clock is never further off than it says", () => {
  for (const name of Object.keys(LINES)) {
    const filter = new OffsetFilter();
    for (const exchange of exchanges(LINES[name], { seed: 7, ms: 60_000 })) {
      filter.add(exchange);
      const off = Math.abs(filter.at(exchange.arrived) - exchange.truth(exchange.arrived));
      assert.ok(off <= filter.uncertainty_ms + 1, `${name}: off by ${off}, said ${filter.uncertainty_ms}`);
    }
  }
});
