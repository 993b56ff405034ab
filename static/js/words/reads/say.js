// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What listeners read of the rules of a room. */
export const { say, sayNth, sayOf } = wordsOf(EN);
