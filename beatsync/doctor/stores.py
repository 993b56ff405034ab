"""The database, its tables and clock, and Redis."""

import time

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from beatsync.doctor.findings import Finding, fine, unsure, wrong

# Logs, cookies and certificates of two machines that differ by more do not fit together.
CLOCKS_DIFFER_S = 5


def database() -> Finding:
    """Whether the database answers, and keeps what it is given."""
    try:
        connection.ensure_connection()
    except DatabaseError as failure:
        step = "Start it, or set DATABASE_URL to where it is."
        return wrong("Database", f"does not answer ({_kind(failure)}).", step)
    if settings.IS_DISK_EPHEMERAL and connection.vendor == "sqlite":
        step = "Add a PostgreSQL: heroku addons:create heroku-postgresql. It sets DATABASE_URL."
        return wrong("Database", "SQLite, on a disk that is emptied every day.", step)
    return fine("Database", f"{connection.display_name} answers.")


def tables() -> Finding:
    """Whether all migrations have been made."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        step = "Run manage.py prepare, or make run."
        return wrong("Tables", f"{len(missing)} changes are missing.", step)
    return fine("Tables", "up to date.")


def clock() -> Finding:
    """Whether this machine's clock can be right."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            ahead_s = time.time() - float(cursor.fetchone()[0])
        if abs(ahead_s) > CLOCKS_DIFFER_S:
            sentence = f"{abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} PostgreSQL."
            return wrong("Clock", sentence, "Let both machines set their clocks by NTP.")
        return fine("Clock", "this machine and PostgreSQL agree.")
    if time.time() < (settings.BASE_DIR / "manage.py").stat().st_mtime - 24 * 60 * 60:
        step = "Set it, and let it follow NTP: timedatectl set-ntp true."
        return wrong("Clock", "earlier than BeatSync was installed.", step)
    return fine("Clock", time.strftime("%Y-%m-%d %H:%M UTC.", time.gmtime()))


def redis() -> Finding:
    """Whether Redis answers."""
    try:
        cache.get("doctor")
    except (RedisError, OSError) as failure:
        step = "Start it, or set REDIS_URL to where it is."
        if settings.REDIS_URL.startswith("rediss:") and settings.REDIS_VERIFY:
            step += " If nobody has signed its certificate, set REDIS_VERIFY=false."
        return wrong("Redis", f"does not answer ({_kind(failure)}).", step)
    if connection.vendor == "sqlite":
        step = "For several machines set DATABASE_URL to PostgreSQL."
        return unsure("Redis", "answers; with SQLite it serves one machine only.", step)
    return fine("Redis", "answers.")


def _kind(failure: Exception) -> str:
    """The kind of a failure; its text may hold an address with a password in it."""
    return type(failure).__name__
