// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What the sheets of tracks, people and logs say. */
export const { say, sayNth, sayOf } = wordsOf(EN);
