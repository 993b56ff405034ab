// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What this device says of its sound. */
export const { say, sayNth, sayOf } = wordsOf(EN);
