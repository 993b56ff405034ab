// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What pages beside the room say. */
export const { say, sayNth, sayOf } = wordsOf(EN);
