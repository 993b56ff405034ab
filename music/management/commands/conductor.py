"""Runs the conductor in a process of its own."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from music.actions import hearing
from music.actions.tracks import forget_unused_tracks
from music.conductor import conduct, is_anything_running
from music.sources.library import watch
from music.sources.spotify import commander
from rooms import clock_sync, processes
from rooms.actions import erase_old
from rooms.workers import stop_workers

# How long what is told to Spotify's devices may still take.
STOP_S = 10


class Command(BaseCommand):
    help = "Advance the music of all rooms until stopped. Any number of these may run."

    def handle(self, *args: Any, **options: Any) -> None:
        processes.claim()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        clock_sync.keep_in_sync(is_anything_running=is_anything_running)
        commander.start_in_background()
        watch.start_in_background()
        self.stdout.write("The conductor is at work. Ctrl-C ends it.")
        conduct(
            stop,
            hears=hearing.somebody_hears,
            housekeeping=_tidy,
        )
        stop_workers(within_s=STOP_S)


def _tidy() -> None:
    erase_old(retention_days=settings.ROOM_RETENTION_DAYS)
    forget_unused_tracks(source="spotify")
