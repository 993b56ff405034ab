// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What the queue and its rows say. */
export const { say, sayNth, sayOf } = wordsOf(EN);
