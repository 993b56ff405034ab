import assert from "node:assert/strict";
import { test } from "node:test";

import { siteNoticeOf } from "../../../../static/js/views/words/site-notice.js";

const posted = { id: "1", text: "Fire drill", at_ms: 5 };
const warning = { id: "2", text: "The site hid a message of yours: Spam.", at_ms: 9 };

test("where the site says nothing there is no notice", () => {
  assert.equal(siteNoticeOf({ state: { notice: null, me: { warning: null } } }), null);
  assert.equal(siteNoticeOf({ state: { me: null } }), null);
});

test("the latest of what the site says to all and to one is shown, and can be put away", () => {
  assert.equal(siteNoticeOf({ state: { notice: posted, me: { warning } } }).rest, warning.text);
  assert.equal(siteNoticeOf({ state: { notice: { ...posted, at_ms: 10 }, me: { warning } } }).rest, "Fire drill");
  assert.equal(siteNoticeOf({ state: { notice: posted, me: null } }).key, "1");
  const everywhere = { id: "site-12", text: "Back at noon", at_ms: 12 };
  assert.equal(siteNoticeOf({ state: { notice: posted, me: { warning, site_notice: everywhere } } }).key, "site-12");
});

test("a warning is said in the words of the page", () => {
  const shown = (facts) => siteNoticeOf({ state: { notice: null, me: { warning: { ...warning, ...facts } } } }).rest;
  assert.equal(shown({ code: "track_skipped", values: { title: "Blue", why: "Spam" } }), "The site skipped your track “Blue”: Spam.");
  assert.equal(shown({ code: "room_ended", values: { why: "hate: of us" } }), "The site ended this room: insults or hate: of us.");
  assert.equal(shown({ code: "of_tomorrow", values: {} }), warning.text);
});
