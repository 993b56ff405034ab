// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What all areas of the pages say. */
export const { say, sayNth, sayOf } = wordsOf(EN);
