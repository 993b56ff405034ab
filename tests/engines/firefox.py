"""Firefox as the system has it, driven by playwright over WebDriver BiDi."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright

FILTER = Path(__file__).with_name("bidi_filter.py")


def executable() -> str | None:
    """The path of the system's Firefox; None: there is none."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def launch(
    playwright: Playwright,
    *,
    environment: dict[str, str] | None = None,
    plays_untapped: bool = False,
) -> Browser:
    """A headless Firefox with a new profile. Raises RuntimeError where it is not installed.

    `plays_untapped`: it sounds without a tap. `environment`: other variables, as of a sound card.
    """
    found = executable()
    if found is None:
        raise RuntimeError("Firefox is not installed: make engines")
    own_python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=FILTER,
        env={**os.environ, **(environment or {}), "FIREFOX": found, "PATH": own_python},
        firefox_user_prefs={"media.autoplay.default": 0} if plays_untapped else None,
    )
