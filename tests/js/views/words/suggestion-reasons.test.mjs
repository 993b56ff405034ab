import assert from "node:assert/strict";
import test from "node:test";

import { reasonWords } from "../../../../static/js/views/words/suggestion-reasons.js";

const words = (code, values) => reasonWords({ code, values });

test("a suggestion says what it goes with", () => {
  assert.equal(words("similar", { title: "Dune", is_playing: true }), "Like Dune, which plays");
  assert.equal(words("similar", { title: "Dune", votes: 1 }), "Like Dune, which got 1 vote");
  assert.equal(words("similar", { title: "Dune", votes: 0 }), "Like Dune");
  assert.equal(words("played_after", { title: "Dune", rooms: 3 }), "Played with Dune in 3 rooms");
  assert.equal(words("same_genre", { genre: "jazz", title: "Dune" }), "Jazz, like Dune");
  assert.equal(words("same_years", { year: 1984, title: "Dune" }), "From 1984, near Dune");
});

test("a reason without one of its values is not told with a gap", () => {
  for (const code of ["similar", "same_artist", "same_genre", "same_years", "same_tempo", "played_here", "constructor"]) {
    assert.equal(words(code, {}), "Suggested", code);
  }
  assert.equal(words("similar", { is_playing: true }), "Suggested");
  assert.equal(words("similar", { votes: 2 }), "Suggested");
  assert.equal(words("played_after", { rooms: 3 }), "Suggested");
  assert.equal(words("same_years", { year: 0, title: "Dune" }), "Suggested");
});
