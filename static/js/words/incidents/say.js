// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What stood in the way of the sound. */
export const { say, sayNth, sayOf } = wordsOf(EN);
