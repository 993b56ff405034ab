"""The lanes of the suite: what a run leaves out, and why.

- `make test-fast`: all but browsers and server processes.
- `make test`: everything; the stand-in for Spotify and the shipped music are tested by themselves,
  and only where their own files have changed since. A few flows run in Firefox and in WebKitGTK,
  too, where `make engines` has installed these.
- `make test-stores`: what touches the stores, again on the ones that `DATABASE_URL` and `REDIS_URL`
  name: actions, locks, sockets, limits, tokens, faults, and some flows in a browser.
"""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Modules whose promises depend on which database, cache and channel layer there is.
ON_STORES = {
    *("test_arrivals", "test_cache", "test_chat", "test_chat_reports", "test_chat_rules"),
    *("test_backup", "test_clock", "test_concurrency", "test_conductor", "test_reactions"),
    *("test_devices", "test_folders_away", "test_incidents", "test_limits", "test_members"),
    *("test_migrations", "test_moving", "test_newcomers", "test_pages", "test_reads"),
    *("test_recordings", "test_released_messages", "test_staff", "test_staff_lists"),
    *("test_replay", "test_rules", "test_shelf", "test_skip_votes", "test_socket"),
    *("test_spotify_device_returns", "test_spotify_devices", "test_spotify_tokens"),
    *("test_unheard", "test_votes", "test_watchdog", "test_workers", "test_would_not_play"),
    *("test_coming_back", "test_first_minute", "test_playback", "test_queue"),
}


def mark(items: list[pytest.Item]) -> None:
    """Give each test the marks by which the lanes choose."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in ("browser", "engines"):
            item.add_marker("browser")
        if folder == "engines":
            item.add_marker("engines")
        if folder in ("faults", "deploy"):
            item.add_marker("servers")
        if folder in ("faults", "deploy") or item.path.stem in ON_STORES:
            item.add_marker("stores")
