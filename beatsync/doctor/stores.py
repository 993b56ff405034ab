"""The database, its tables and clock, and Redis."""

import time

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext_noop as _
from redis.exceptions import RedisError

from beatsync.doctor.findings import Finding, fine, unsure, wrong
from rooms.sentences import Sentence

# Logs, cookies and certificates of two machines that differ by more do not fit together.
CLOCKS_DIFFER_S = 5


def database() -> Finding:
    """Whether the database answers, and keeps what it is given."""
    try:
        connection.ensure_connection()
    except DatabaseError as failure:
        step = _("Start it, or set DATABASE_URL to where it is.")
        return wrong(_("Database"), _("does not answer ({kind})."), step, kind=_kind(failure))
    if settings.IS_DISK_EPHEMERAL and connection.vendor == "sqlite":
        step = _("Add a PostgreSQL: heroku addons:create heroku-postgresql. It sets DATABASE_URL.")
        return wrong(_("Database"), _("SQLite, on a disk that is emptied every day."), step)
    return fine(_("Database"), _("{name} answers."), name=connection.display_name)


def tables() -> Finding:
    """Whether all migrations have been made."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        step = _("Run manage.py prepare, or make run.")
        text = Sentence(_("{n} changes are missing."), one=_("{n} change is missing."))
        return wrong(_("Tables"), text, step, n=len(missing))
    return fine(_("Tables"), _("up to date."))


def clock() -> Finding:
    """Whether this machine's clock can be right."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            ahead_s = time.time() - float(cursor.fetchone()[0])
        if abs(ahead_s) > CLOCKS_DIFFER_S:
            ahead, behind = _("{s:.0f} s ahead of PostgreSQL."), _("{s:.0f} s behind PostgreSQL.")
            step = _("Let both machines set their clocks by NTP.")
            return wrong(_("Clock"), ahead if ahead_s > 0 else behind, step, s=abs(ahead_s))
        return fine(_("Clock"), _("this machine and PostgreSQL agree."))
    if time.time() < (settings.BASE_DIR / "manage.py").stat().st_mtime - 24 * 60 * 60:
        step = _("Set it, and let it follow NTP: timedatectl set-ntp true.")
        return wrong(_("Clock"), _("earlier than BeatSync was installed."), step)
    now = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    return fine(_("Clock"), _("{now} UTC."), now=now)


def redis() -> Finding:
    """Whether Redis answers."""
    try:
        cache.get("doctor")
    except (RedisError, OSError) as failure:
        step = _("Start it, or set REDIS_URL to where it is.")
        if settings.REDIS_URL.startswith("rediss:") and settings.REDIS_VERIFY:
            step = _(
                "Start it, or set REDIS_URL to where it is. "
                "If nobody has signed its certificate, set REDIS_VERIFY=false."
            )
        return wrong(_("Redis"), _("does not answer ({kind})."), step, kind=_kind(failure))
    if connection.vendor == "sqlite":
        step = _("For several machines set DATABASE_URL to PostgreSQL.")
        return unsure(_("Redis"), _("answers; with SQLite it serves one machine only."), step)
    return fine(_("Redis"), _("answers."))


def _kind(failure: Exception) -> str:
    """The kind of a failure; its text may hold an address with a password in it."""
    return type(failure).__name__
