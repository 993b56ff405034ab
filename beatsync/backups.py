"""All rows of the database in one file, and back: between SQLite and PostgreSQL, too.

A backup is JSON in lines, compressed: a head, then one line for each row. It holds no secret of the
settings and no music. It is as of one moment, whatever is written meanwhile.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

FORMAT = 1
# What browsers are logged in by is not carried to another machine.
LEFT_OUT = {"sessions.session"}
_AT_ONCE = 2_000


class NoBackup(Exception):
    """A file that cannot be restored here; the message says why, and what to do."""


@dataclass(frozen=True)
class Head:
    """The first line of a backup.

    `key` says under which SECRET_KEY it was made, `migrations` the last one of each app.
    """

    format: int
    made_at: str
    key: str
    migrations: dict[str, str]


def write(file: IO[bytes]) -> int:
    """Write all rows into a file, while others go on writing to the database; how many they were.

    Raises `DatabaseError` and `OSError`.
    """
    rows = 0
    with gzip.open(file, "wt", encoding="utf-8") as lines, _one_moment():
        assert isinstance(lines, TextIOWrapper)
        lines.write(f"{json.dumps(asdict(_head()))}\n")
        for model in _models():
            for row in _written(model):
                lines.write(row)
                rows += 1
    return rows


def read_head(file: IO[bytes]) -> Head:
    """What a backup says of itself. Raises `NoBackup` for a file that is none."""
    with _lines(file) as lines:
        return _head_in(lines)


def restore(file: IO[bytes]) -> int:
    """Replace all rows of the database by those of a backup, or nothing; how many they were.

    Nobody may be using the database. Raises `NoBackup`, and `DatabaseError`.
    """
    rows = 0
    with _lines(file) as lines, transaction.atomic():
        _check(_head_in(lines))
        for statement in connection.ops.sql_flush(no_style(), _tables()):
            _execute(statement)
        try:
            for row in serializers.deserialize("jsonl", lines):
                row.save(save_m2m=False, force_insert=True)
                rows += 1
        except (OSError, EOFError, serializers.base.DeserializationError) as error:
            raise NoBackup("The file is damaged or cut short. Nothing was changed.") from error
        for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
            _execute(statement)
    return rows


def is_of_this_key(head: Head) -> bool:
    """Whether cookies and tokens in the backup are those of this SECRET_KEY."""
    return head.key == settings.REDIS_PREFIX


def _head() -> Head:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return Head(FORMAT, made_at, settings.REDIS_PREFIX, _migrations())


def _head_in(lines: Iterable[str]) -> Head:
    try:
        return Head(**json.loads(next(iter(lines))))
    except (OSError, EOFError, StopIteration, ValueError, TypeError):
        raise NoBackup("This file is no backup of BeatSync.") from None


def _check(head: Head) -> None:
    if head.format != FORMAT or head.migrations != _migrations():
        raise NoBackup(
            "Another version of BeatSync has made this backup. Restore it with that version, then "
            "install this one, and run manage.py prepare."
        )


def _lines(file: IO[bytes]) -> TextIOWrapper:
    lines = gzip.open(file, "rt", encoding="utf-8")  # noqa: SIM115 - the caller closes it
    assert isinstance(lines, TextIOWrapper)
    return lines


def _models() -> list[type[models.Model]]:
    """All models with a table of their own, also those that Django makes to join two others."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def _tables() -> list[str]:
    return [model._meta.db_table for model in _models()]


def _written(model: type[models.Model]) -> Iterator[str]:
    """A line for each row of a model, in the order of their keys."""
    if model._meta.label_lower in LEFT_OUT:
        return
    # Columns alone: the rows that join two models come by themselves.
    columns = [field.name for field in model._meta.concrete_fields]
    for row in model._base_manager.order_by("pk").iterator(chunk_size=_AT_ONCE):
        line: str = serializers.serialize("jsonl", [row], fields=columns)
        yield line


def _migrations() -> dict[str, str]:
    graph = MigrationExecutor(connection).loader.graph
    return dict(sorted(graph.leaf_nodes()))


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def _one_moment() -> Iterator[None]:
    """All that is read within is as of one moment; no writer waits for it."""
    connection.ensure_connection()  # only a connection has a mode
    sqlite: Any = connection if connection.vendor == "sqlite" else None
    if sqlite:
        mode, sqlite.transaction_mode = sqlite.transaction_mode, None  # reading takes no lock
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                _execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        if sqlite:
            sqlite.transaction_mode = mode
