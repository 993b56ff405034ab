// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What a page says that has no room any more. */
export const { say, sayNth, sayOf } = wordsOf(EN);
