"""`manage.py spotify_doctor`: what is still missing for Spotify, and what to do about it."""

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from music.sources.spotify import readiness
from music.sources.spotify.login import redirect_uri
from music.sources.spotify.models import Account
from music.sources.spotify.readiness import Check, State

MARKS = {State.OK: _("ok"), State.WRONG: _("NOT OK"), State.UNKNOWN: _("unknown")}

HOSTS_CONNECT = _("Hosts connect theirs behind the rules of their room.")
REFUSED_ADDRESSES = _(
    "Spotify refuses localhost and addresses in the local network such as http://192.168.…"
)
LOGIN_ADDRESSES = _("Hosts log in at https, or on this machine at http://127.0.0.1.")


class Command(BaseCommand):
    help = "Say what is still missing for Spotify. Ends with 1 while anything is not right."

    def handle(self, *args: Any, **options: Any) -> None:
        origin = settings.PUBLIC_URL or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
        accounts = list(Account.objects.order_by("pk"))
        asked = bool(settings.SPOTIFY_CLIENT_ID and settings.SPOTIFY_CLIENT_SECRET)
        found = readiness.app_checks(
            origin=origin,
            account=accounts[0] if accounts else None,
            findings=readiness.look_at_app() if asked else None,
        )
        self._say(gettext("BeatSync and Spotify"), found)
        self._say_address(origin)
        if not accounts:
            found += self._say(gettext("Accounts"), readiness.account_checks(None))
            self.stdout.write(f"          {gettext(HOSTS_CONNECT)}")
        for account in accounts if asked else []:
            findings = readiness.look(account)
            account.refresh_from_db()
            found += self._say(
                gettext("Account of {name}").format(name=account),
                readiness.account_checks(account, findings),
            )
        if any(readiness.wrong(found)):
            raise SystemExit(1)

    def _say(self, title: str, found: Sequence[Check]) -> list[Check]:
        self.stdout.write(f"\n{title}")
        for check in found:
            style = {State.OK: self.style.SUCCESS, State.WRONG: self.style.ERROR}.get(check.state)
            mark = f"{gettext(MARKS[check.state]):8}"
            line = f"  {style(mark) if style else mark}{check.title}: {check.sentence}"
            self.stdout.write(line)
            if check.next_step:
                self.stdout.write(f"          {check.next_step}")
        return list(found)

    def _say_address(self, origin: str) -> None:
        """The one line that has to be copied, and what most people trip over."""
        address = gettext("Redirect URI to register: {address}").format(
            address=redirect_uri(origin)
        )
        self.stdout.write(f"\n  {address}")
        self.stdout.write(f"  {gettext(REFUSED_ADDRESSES)}\n  {gettext(LOGIN_ADDRESSES)}")
