// @ts-check
/** A page of the admin, whose other scripts are Django's. */
import "../browser/fills.js";

import { wireThemeKey } from "../views/elements/theme-key.js";

wireThemeKey();
