// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What refusals of the server say. */
export const { say, sayNth, sayOf } = wordsOf(EN);
