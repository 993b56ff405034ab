"""Which browser drives the tests: the system's Chromium, or the one playwright has installed."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Tabs of one person share a process, which then has the page's scripts compiled already.
    "--process-per-site",
)
# What makes a page in a whole Chromium dearer and is never looked at: pages behind its address bar,
# loaded for each window. The rest is what playwright switches off; the last list named counts.
OFF = (
    "PreloadTopChromeWebUI", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup",
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints",
    "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
)  # fmt: skip


def executable() -> str | None:
    """The path of the system's Chromium (or what `CHROMIUM` names); None: playwright's own."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def launch(
    playwright: Playwright, *arguments: str, environment: dict[str, str] | None = None
) -> Browser:
    """A headless browser with a new profile; with an environment of its own it is not muted.

    As root, Chromium runs only without its sandbox.
    """
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=executable(),
        args=[*QUIET, f"--disable-features={','.join(OFF)}", *sandbox, *arguments],
        env=dict(environment) if environment else None,
        ignore_default_args=["--mute-audio"] if environment else None,
    )


if __name__ == "__main__":
    with sync_playwright() as started:
        found = executable() or started.chromium.executable_path
        print(found)
        sys.exit(0 if Path(found).exists() else 1)
