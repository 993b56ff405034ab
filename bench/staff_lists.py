"""How long the admin takes for its lists on a large site: 100,000 rooms and 2,000,000 votes.

Fills a database of its own on the PostgreSQL server of DATABASE_URL, and deletes it afterwards.
Measures within one process: the view, its queries and its template, without a socket.
"""

import json
import os
import subprocess
import sys
import time
from io import StringIO
from statistics import median
from typing import Any
from urllib.parse import urlsplit

ROOMS, MEMBERS, ITEMS, VOTES = 100_000, 300_000, 500_000, 2_000_000
MESSAGES, REPORTS, INCIDENTS = 300_000, 5_000, 50_000
ROUNDS = 5
NAME = "bench_staff_lists"
INSIDE = "BENCH_STAFF_LISTS"


def main() -> None:
    """Print a table: page, queries, median and longest time in ms."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        print("staff_lists: set DATABASE_URL to a PostgreSQL server.")
        return
    import psycopg

    own = urlsplit(url)._replace(path=f"/{NAME}").geturl()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME}")
        server.execute(f"CREATE DATABASE {NAME}")
        try:
            environment = {**os.environ, "DATABASE_URL": own, INSIDE: "1"}
            subprocess.run([sys.executable, "-m", "bench.staff_lists"], env=environment, check=True)
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _inside() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")
    os.environ.setdefault("SECRET_KEY", "only-for-benches")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("prepare", stdout=StringIO())
    _fill()
    print("| page | queries | median ms | longest ms |\n|---|---|---|---|")
    for path in _paths():
        print(_measured(path))


def _paths() -> list[str]:
    from staff.lists import LISTS

    lists = [f"{each._meta.app_label}/{each._meta.model_name}/" for each in LISTS]
    narrowed = [
        "rooms/room/?state=live", "rooms/room/?q=Friday+99", "rooms/member/?q=Ana+77",
        "rooms/member/?room__id__exact=500", "rooms/room/?created_at_ms=day",
        "staff/playeditem/?ended_at_ms=day", "chat/chatmessage/?q=line+999",
    ]  # fmt: skip
    return ["", *lists, *narrowed]


def _measured(path: str) -> str:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    user, _ = User.objects.get_or_create(username="root", is_staff=True, is_superuser=True)
    client.force_login(user)
    times = []
    for _ in range(ROUNDS):
        with CaptureQueriesContext(connection) as asked:
            began = time.perf_counter()
            assert client.get(f"/admin/{path}").status_code == 200, path
            times.append((time.perf_counter() - began) * 1000)
    return f"| /admin/{path} | {len(asked)} | {median(times):.0f} | {max(times):.0f} |"


def _fill() -> None:
    from django.db import connection

    from chat.models import ChatMessage, MessageReport
    from music.models import Incident, QueueItem, Track, Vote
    from rooms import clock
    from rooms.models import Member, Room

    now_ms = clock.now_ms()
    ago = f"{now_ms} - (n::bigint * 7919 * 1000) % 2592000000"
    room = f"1 + n % {ROOMS}"
    _insert(
        Room, ROOMS, code="lpad(n::text, 6, '0')", name="'Friday ' || n", created_at_ms=ago,
        state="CASE WHEN n % 20 = 0 THEN 'live' ELSE 'ended' END", ended_at_ms=ago,
    )  # fmt: skip
    _insert(
        Member, MEMBERS, room_id=room, guest="gen_random_uuid()", name="'Ana ' || n",
        joined_at_ms=ago, seen_at_ms=ago,
        role=f"CASE WHEN n <= {ROOMS} THEN 'host' ELSE 'listener' END",
    )  # fmt: skip
    _insert(
        Track, 1000, uri="'library:' || n", source="'library'", title="'Track ' || n",
        artists="'[\"Artist\"]'::jsonb", duration_ms="60000",
    )  # fmt: skip
    _insert(
        QueueItem, ITEMS, room_id=room, track_id=f"1 + (n + n / {ROOMS}) % 1000",
        added_by_id=f"1 + n % {MEMBERS}",
        state="CASE WHEN n % 20 = 0 THEN 'waiting' ELSE 'played' END",
        added_at_ms=ago, ended_at_ms=ago,
    )  # fmt: skip
    _insert(
        Vote, VOTES, item_id=f"1 + n % {ITEMS}", value="1",
        member_id=f"1 + (n % {ITEMS} + n / {ITEMS} * 1000) % {MEMBERS}",
    )  # fmt: skip
    _insert(
        ChatMessage, MESSAGES, room_id=room, member_id=f"1 + n % {MEMBERS}",
        text="'line ' || n", created_at_ms=ago,
    )  # fmt: skip
    _insert(
        MessageReport, REPORTS, message_id="n", member_id=f"1 + n % {MEMBERS}", reason="'Spam'",
        created_at_ms=ago, cleared_at_ms=f"CASE WHEN n % 10 = 0 THEN NULL ELSE {now_ms} END",
    )  # fmt: skip
    _insert(Incident, INCIDENTS, room_id=room, at_ms=ago, kind="'stalled'", says="'It stalled.'")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _insert(model: Any, many: int, **values: str) -> None:
    """Insert rows 1 to `many`: columns by SQL over `n`, the others by their fields' defaults."""
    from django.db import connection

    columns, sources, constants = [], [], []
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        columns.append(f'"{field.column}"')
        if field.attname in values:
            sources.append(values[field.attname].replace("%", "%%"))
            continue
        default = field.get_default()
        json_field = field.get_internal_type() == "JSONField"
        sources.append("%s::jsonb" if json_field else "%s")
        constants.append(json.dumps(default) if json_field else default)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) '
            f"SELECT {', '.join(sources)} FROM generate_series(1, {many}) AS n",
            constants,
        )


if __name__ == "__main__":
    if os.environ.get(INSIDE):
        _inside()
    else:
        main()
