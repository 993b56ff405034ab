// @ts-check
/** What the page of the rules says, in English. */
export const EN = /** @type {const} */ ({
  "rules.as_far": "{value} is as far as it goes",
  "rules.blocked": { "one": "{n} word is blocked now", "other": "{n} words are blocked now" },
  "rules.blocked_none": "No words are blocked now",
  "rules.changed": "The rules have changed",
  "rules.hold": "The rules of {preset} hold now",
  "rules.no_connection": "No connection"
});
