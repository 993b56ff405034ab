// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What the chat says. */
export const { say, sayNth, sayOf } = wordsOf(EN);
