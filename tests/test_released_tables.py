"""The last release works on the tables of this version, so that both may run beside each other.

`released_tables.json` names the last migration of each app in that release: to release, write the
present ones there. What a release reads is dropped one release later, when nobody reads it.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

from tests.servers import ROOT

RELEASED = json.loads((ROOT / "tests" / "released_tables.json").read_text())
LOADER = MigrationLoader(None)
TABLES = {
    model._meta.db_table: model
    for model in LOADER.project_state([*RELEASED["migrations"].items()]).apps.get_models(
        include_auto_created=True
    )
    if model._meta.app_label in RELEASED["migrations"]
}


class Column(NamedTuple):
    """What a row without a value of its own may do about it."""

    may_be_null: bool
    has_default: bool


QUERIES = {
    "sqlite": 'SELECT name, "notnull" = 0, dflt_value IS NOT NULL FROM pragma_table_info(%s)',
    "postgresql": "SELECT column_name, is_nullable = 'YES', column_default IS NOT NULL"
    " FROM information_schema.columns WHERE table_name = %s",
}


def columns_now(table: str) -> dict[str, Column]:
    with connection.cursor() as cursor:
        cursor.execute(QUERIES[connection.vendor], [table])
        return {str(name): Column(bool(null), bool(has)) for name, null, has in cursor.fetchall()}


def columns_then(table: str) -> dict[str, models.Field[Any, Any]]:
    return {str(field.column): field for field in TABLES[table]._meta.concrete_fields}


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_what_the_last_release_reads_is_there(table: str) -> None:
    assert list(TABLES[table]._base_manager.all()[:1]) == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_the_last_release_may_leave_out_what_is_new_in_a_row(table: str) -> None:
    then = columns_then(table)
    new = {name: column for name, column in columns_now(table).items() if name not in then}
    without = [name for name, column in new.items() if not any(column)]
    assert not without, f"give {without} of {table} null=True or a db_default"


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_the_last_release_may_leave_empty_what_it_left_empty(table: str) -> None:
    now = columns_now(table)
    filled = [name for name, field in columns_then(table).items() if field.null]
    assert [name for name in filled if not now[name].may_be_null] == []


def test_each_migration_since_the_last_release_only_adds() -> None:
    """Whatever a migration writes into rows, it takes no column away and gives none a new name."""
    taking = {"RemoveField", "RenameField", "DeleteModel", "RenameModel", "AlterModelTable"}
    released = LOADER.graph.forwards_plan
    before = {key for node in RELEASED["migrations"].items() for key in released(node)}
    for (app, name), migration in LOADER.disk_migrations.items():
        if app in RELEASED["migrations"] and (app, name) not in before:
            kinds = {type(operation).__name__ for operation in migration.operations}
            assert not kinds & taking, f"{app} {name}: in the release after the next"


def test_the_recorded_release_is_the_last_one() -> None:
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert RELEASED["version"] == versions[0]
