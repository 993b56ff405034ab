"""The real settings, in a language in which each translated sentence shows."""

import os

from beatsync.settings import *
from beatsync.settings import INSTALLED_APPS
from tests.browser.pseudo_locale import LANGUAGE

LANGUAGE_CODE = LANGUAGE
LANGUAGES = [(LANGUAGE, "Pseudo")]
LOCALE_PATHS = [os.environ["PSEUDO_LOCALE"]]
INSTALLED_APPS += ["tests.browser.pseudo_locale.PseudoLocale"]
