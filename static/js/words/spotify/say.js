// @ts-check
import { wordsOf } from "../say.js";
import { EN } from "./en.js";

/** What is said of Spotify. */
export const { say, sayNth, sayOf } = wordsOf(EN);
