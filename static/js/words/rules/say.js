// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What the page of the rules says. */
export const { say, sayNth, sayOf } = wordsOf(EN);
