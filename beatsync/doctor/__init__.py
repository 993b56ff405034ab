"""What an installation needs, looked at once: each finding with what to do about it."""

from collections.abc import Iterator
from difflib import get_close_matches

from django.conf import settings
from django.utils.translation import gettext_noop as _

from beatsync.doctor import machine, music, network, stores
from beatsync.doctor.findings import Finding, Verdict, fine, unsure, wrong

__all__ = ["Finding", "Verdict", "examine"]


def examine() -> Iterator[Finding]:
    """Look at all that BeatSync needs to run, one thing after the other."""
    yield from _settings()
    database = stores.database()
    yield database
    if database.verdict is Verdict.FINE:
        yield stores.tables()
        yield stores.clock()
        yield from music.folders()
        yield music.library()
    if settings.REDIS_URL:
        yield stores.redis()
    yield machine.static_files()
    yield machine.disk()
    yield from machine.memory()
    if settings.LASTFM_API_KEY:
        yield network.lastfm()
    yield from network.reached()


def _settings() -> Iterator[Finding]:
    for name in settings.UNKNOWN_SETTINGS:
        close = get_close_matches(name, settings.KNOWN_SETTINGS, n=1)
        step = (
            _("Is {meant} meant?") if close else _("Take it out, unless something else reads it.")
        )
        text = _("{name} in .env is no setting of BeatSync.")
        yield unsure(_("Settings"), text, step, name=name, meant="".join(close))
    if settings.PUBLIC_URL.startswith("https://") and not settings.HTTPS:
        step = _("Set HTTPS=true, and let the proxy set X-Forwarded-Proto.")
        yield wrong(_("Settings"), _("PUBLIC_URL is https, but cookies are not kept to it."), step)
    elif not settings.UNKNOWN_SETTINGS:
        yield fine(_("Settings"), _("can be read, and fit each other."))
