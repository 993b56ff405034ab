"""Cheap questions for threads that ask the same one all the time."""

from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Poll:
    """Reads the first value of each of some querysets, in one statement that is compiled once.

    Django takes several times longer to compile a query than a database takes to answer it by an
    index. The querysets give one column and one row at most, and name no moment: what was true when
    they were compiled is asked for ever.
    """

    def __init__(self, *values: QuerySet[Any, Any]) -> None:
        self._values = values

    def read(self) -> tuple[Any, ...]:
        """The values in the given order, None where there is no row. Raises `DatabaseError`s."""
        statement, parameters = self._compiled
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            row: tuple[Any, ...] = cursor.fetchone()
        return row

    @cached_property
    def _compiled(self) -> tuple[str, list[Any]]:
        compiled = [each.query.sql_with_params() for each in self._values]
        statement = ", ".join(f"({sql})" for sql, _ in compiled)
        return f"SELECT {statement}", [value for _, values in compiled for value in values]
