// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What a room says of itself and of what is wrong. */
export const { say, sayNth, sayOf } = wordsOf(EN);
