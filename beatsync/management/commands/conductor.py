"""Runs the conductor in a process of its own."""

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from beatsync import metrics, sentry
from music.actions import hearing
from music.conductor import conduct, is_anything_running
from music.hourly_tidying import start_sources, tidy
from rooms import clock_sync, processes
from rooms.workers import Stop, stop_workers

# How long what is told to the devices of a source may still take.
STOP_S = 10


class Command(BaseCommand):
    help = "Advance the music of all rooms until stopped. Any number of these may run."

    def handle(self, *args: Any, **options: Any) -> None:
        processes.claim()
        sentry.start()
        stop = Stop()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        clock_sync.keep_in_sync(is_anything_running=is_anything_running)
        start_sources()
        if settings.CONDUCTOR_METRICS_PORT:
            metrics.register_collectors()
            metrics.serve_alone(settings.HOST, settings.CONDUCTOR_METRICS_PORT)
        self.stdout.write("The conductor is at work. Ctrl-C ends it.")
        conduct(
            stop,
            hears=hearing.somebody_hears,
            housekeeping=tidy,
        )
        stop_workers(within_s=STOP_S)
