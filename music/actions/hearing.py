"""Whether speakers can be heard at all: said by web processes, asked by a conductor beside them.

That no report came is all a conductor of its own can see. Whether the device went away, or there
was no web process to hear it, it has to be told: with one speaker, both look the same.
"""

import threading
import time

from django.db import Error, close_old_connections, connection

from music.models import Hearing
from rooms import clock
from rooms.polling import Poll

SAID_EVERY_S = 0.5
# Two in a row were not said. Shorter than the time between two reports, so that a break which goes
# unnoticed costs a speaker one of them, and its lease outlasts two.
DEAF_AFTER_MS = 1_250

_LAST_SAID = Poll(Hearing.objects.filter(pk=1).values_list("at_ms", flat=True))


def keep_saying() -> None:
    """Say in a thread, from now on, that this process hears what speakers report."""
    threading.Thread(target=_keep_saying, name="hearing", daemon=True).start()


def say() -> None:
    """This process hears what speakers report."""
    Hearing.objects.bulk_create(
        [Hearing(pk=1, at_ms=clock.now_ms())],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["at_ms"],
    )


def somebody_hears() -> bool:
    """Whether a web process has said so just now."""
    [at_ms] = _LAST_SAID.read()
    return at_ms is not None and at_ms > clock.now_ms() - DEAF_AFTER_MS


def _keep_saying() -> None:
    while True:
        try:
            say()
            close_old_connections()
        except Error:
            connection.close()  # no report could be written either
        time.sleep(SAID_EVERY_S)
