// @ts-check
import { say } from "../../words/room/say.js";
import { reasonWords } from "../../words/refusal.js";
import { sayOf } from "../../words/warnings/say.js";

/**
 * The latest of what the site's staff says to this person, to everybody here, or in all rooms. Pure.
 * @param {{state: Pick<import("../../state/shapes.js").State, "notice"|"me">}} viewModel
 * @returns {import("./trouble.js").Trouble|null}
 */
export function siteNoticeOf({ state: { notice = null, me } }) {
  let latest = null;
  for (const each of [me?.warning, notice, me?.site_notice]) {
    if (each && (latest === null || each.at_ms > latest.at_ms)) latest = each;
  }
  if (latest === null) return null;
  return { kind: "stop", icon: "warning", bold: say("notice.from_site"), rest: noticeWords(latest), act: null, key: latest.id };
}

/** What a notice says: words of the staff, or the sentence of its code. @param {import("../../state/shapes.js").SiteNotice} notice */
export function noticeWords({ code, values = {}, text }) {
  if (!code) return text;
  return sayOf("warning", code, { ...values, ...(values.why && { why: reasonWords(values.why) }) }, text);
}
