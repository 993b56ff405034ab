// @ts-check
/** The one list of the page: the sources that bring more than what all have, which a source's capabilities say. */

import { addRefusals } from "../words/refusal.js";
import { radio } from "./radio/radio-in-page.js";
import { spotify } from "./spotify/spotify-in-page.js";

/** @type {readonly import("./source-in-page.js").SourceInPage[]} */
export const SOURCES = [spotify, radio];

for (const { sayRefusal } of SOURCES) if (sayRefusal) addRefusals(sayRefusal);
