// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What the search and the library say. */
export const { say, sayNth, sayOf } = wordsOf(EN);
