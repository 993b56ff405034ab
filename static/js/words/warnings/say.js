// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What the site's staff says to one person. */
export const { say, sayNth, sayOf } = wordsOf(EN);
