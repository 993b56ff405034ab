// @ts-check
/** All parts of a room. What one derives may build on what those above it have derived. */

import { activity } from "./activity.js";
import { along } from "./along.js";
import { blockedWords } from "./blocked-words.js";
import { chat } from "./chat.js";
import { held } from "./held.js";
import { lastIncident } from "./last-incident.js";
import { log } from "./log.js";
import { me } from "./me.js";
import { members } from "./members.js";
import { notice } from "./notice.js";
import { playback } from "./playback.js";
import { presence } from "./presence.js";
import { queue } from "./queue.js";
import { reactions } from "./reactions.js";
import { reports } from "./reports.js";
import { restrictions } from "./restrictions.js";
import { room } from "./room.js";
import { sources } from "./sources.js";
import { suggestions } from "./suggestions.js";

/** @type {readonly import("./part.js").Part[]} */
export const PARTS = [
  ...[room, me, members, presence, restrictions, log, along, sources, queue, held, playback],
  ...[lastIncident, chat, reactions, reports, blockedWords, suggestions, notice, activity],
];
