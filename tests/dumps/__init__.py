"""Databases of former versions, and how a test restores one; `README.md` says what is in them."""

import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path

import psycopg

from tests.servers import ROOT

DUMPS = Path(__file__).parent
# The installation that was dumped lay here. Its music files are the shipped ones, so a restored
# database names those of this installation.
DUMPED_ROOT = "/srv/beatsync"
# The moment of the dump (UTC), 20 s after the present track began: 2026-11-29 20:00:00.
DUMPED_AT_MS = 1_795_982_400_000
# The key of `TOKEN_KEYS` under which its tokens are encrypted.
TOKEN_KEY = "only-for-the-tokens-in-the-dumped-database"


def guest_of(name: str) -> uuid.UUID:
    """The guest behind a member of the dump, by the name that they have there."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{name.lower()}.guests.test")


def start_at_dump() -> str:
    """A statement after which the next process goes on at the moment of the dump.

    A process that finds the clock set back goes on at the last moment that was written down
    (`rooms.clock_sync`). So the clock is set back to an hour before the dump.
    """
    offset_ms = DUMPED_AT_MS - 60 * 60 * 1000 - round(time.time() * 1000)
    return f"UPDATE rooms_clockoffset SET offset_ms = {offset_ms}"


def restore_sqlite(dump: str, file: Path) -> None:
    """Make a database file from a dump such as "0011". The file must not exist."""
    with closing(sqlite3.connect(file)) as database:
        database.executescript(_statements(f"sqlite-{dump}.sql"))


def restore_postgres(dump: str, url: str) -> None:
    """Fill the empty database at this URL from a dump such as "0011"."""
    with psycopg.connect(url) as database:
        database.execute(_statements(f"postgres-{dump}.sql").encode())


def _statements(name: str) -> str:
    return (DUMPS / name).read_text().replace(DUMPED_ROOT, str(ROOT))
