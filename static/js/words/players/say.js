// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What is said of the devices of an account. */
export const { say, sayNth, sayOf } = wordsOf(EN);
