"""Asking Spotify whether an account is well again: what the doctor, the host and the clock do."""

from contextlib import suppress

from music.sources.spotify import tokens, troubles
from music.sources.spotify.client import Client
from music.sources.spotify.errors import PlayerTrouble
from music.sources.spotify.models import Account, Trouble
from music.sources.spotify.shapes import SpotifyDevice


def check(account: Account) -> list[SpotifyDevice]:
    """The devices of a host's account that is well: from now on, no trouble of it is known.

    Raises what is not well. The login is tried even if it counts as over. One call, and a second
    one where Premium is in doubt.
    """
    tokens.ask_again_now(account)
    client, devices = Client(account), []
    if account.hosts:
        devices = client.devices()
    else:
        client.me()
    account.refresh_from_db()
    if account.premium is False or Trouble.PREMIUM in (account.trouble, account.suspected):
        # Any other refusal comes from a device, so Premium is there.
        with suppress(PlayerTrouble):
            client.try_premium()
    troubles.clear(account)
    return devices
