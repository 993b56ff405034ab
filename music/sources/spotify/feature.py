"""Spotify as a source: what it can, what it adds to a room, and what it keeps of a guest."""

import uuid
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from music.sources.base import (
    Capabilities,
    Links,
    Lookup,
    Sounds,
    SourceKind,
    StaffFigure,
    StaffList,
)
from music.sources.spotify import along, along_api, api, commander, links, memory, pages, quota
from music.sources.spotify.errors import NotConnected, SpotifyError
from music.sources.spotify.login import disconnect
from music.sources.spotify.metrics import BreakersCollector
from music.sources.spotify.models import Account, Connection
from music.sources.spotify.outputs import account_changed
from music.sources.spotify.shapes import SOURCE as NAME
from music.sources.spotify.shapes import TRACK_URI
from music.sources.spotify.source import SpotifySource, known_track
from rooms import limits
from rooms.features import Feature
from rooms.limits import Limit
from rooms.models import Room

_NAMES_OF_GROUPS = {
    quota.Bucket.PLAYLIST: _("Spotify, playlists"),
    quota.Bucket.LIBRARY: _("Spotify, liked songs"),
    quota.Bucket.SEARCH: _("Spotify, search"),
    quota.Bucket.CATALOGUE: _("Spotify, catalogue"),
    quota.Bucket.PLAYER: _("Spotify, player"),
    quota.Bucket.READS: _("Spotify, what plays"),
    quota.Bucket.ALONG: _("Spotify, listening along"),
}


def _erase_guest(guest: uuid.UUID) -> None:
    disconnect(guest, tell=(lambda account, _: memory.forget(account), account_changed))


def _data_of_guest(guest: uuid.UUID) -> list[dict[str, Any]]:
    """The accounts that this browser is connected to; of their tokens only that they are kept."""
    connections = Connection.objects.select_related("account").filter(guest=guest)
    return [
        {
            "account": each.account.account_id,
            "name": str(each.account),
            "connected_at_ms": each.connected_at_ms,
        }
        for each in connections
    ]


def _of_room(room: Room) -> SpotifySource | None:
    """Through the account of the room's host, who lends it until the room ends."""
    account = Account.objects.of_room(room).first()
    if account is None:
        return None

    def count() -> None:
        # All of a room ask through one account, which Spotify counts.
        limits.hit("ROOM_SPOTIFY_SEARCHES", str(room.pk))

    return SpotifySource(account, before_asking=count)


def _exact_query(artist: str, title: str) -> str:
    bare = str.maketrans({'"': " ", ":": " "})
    return f'track:"{title.translate(bare)}" artist:"{artist.translate(bare)}"'


def _breakers() -> dict[str, int]:
    if not settings.SPOTIFY_CLIENT_ID:
        return {}
    closed = quota.closings()
    return {
        gettext(words): closed[group].until_ms if group in closed else 0
        for group, words in _NAMES_OF_GROUPS.items()
    }


FEATURE = Feature(
    name=NAME,
    limits={
        "SPOTIFY_SEARCHES": Limit(
            "10/60", _("Easy: {count} searches of Spotify {window}. Try again in {wait} s.")
        ),
        "ROOM_SPOTIFY_SEARCHES": Limit(
            "60/60", _("Many ask Spotify in this room. Try again in {wait} s.")
        ),
        "SPOTIFY_CALLS": Limit(
            "20/60", _("Easy: {count} calls to Spotify {window}. Try again in {wait} s.")
        ),
        "SPOTIFY_ALONG": Limit(
            "12/60", _("Easy: {count} starts on your Spotify {window}. Again in {wait} s.")
        ),
        "APP_SPOTIFY_ALONG": Limit(
            "30/30", _("Many listen on Spotify of their own. Yours goes on in {wait} s.")
        ),
        "LOGINS": Limit("20/600", _("Easy: {count} logins {window}. Try again in {wait} s.")),
        "ADDRESS_LOGINS": Limit(
            "200/600", _("Many logins were begun from this network. Try again in {wait} s.")
        ),
    },
    erase_guest=_erase_guest,
    data_of_guest=_data_of_guest,
    breakers=_breakers,
)


def _count_accounts() -> str:
    many = Account.objects.count()
    return ngettext("{n} account", "{n} accounts", many).format(n=many)


SOURCE = SourceKind(
    name=NAME,
    title="Spotify",
    can=Capabilities(
        sounds=Sounds.DEVICE,
        personal=True,
        attribution="Spotify",
        # Spotify counts every question, so fingers have to stand still a little longer.
        fewest_letters=3,
        pause_ms=400,
        links=links.PATTERN,
        page="spotify",
    ),
    of_room=_of_room,
    is_offered=lambda: bool(settings.SPOTIFY_CLIENT_ID),
    refusal=NotConnected,
    refusals=SpotifyError,
    search_limit="SPOTIFY_SEARCHES",
    links=Links(
        uri_of=links.uri_of_link,
        is_in=lambda text: links.find_link(text) is not None,
        elsewhere=links.refusal_elsewhere,
    ),
    lookup=Lookup(service="spotify", uri_of=lambda id: f"{TRACK_URI}{id}", query=_exact_query),
    known=known_track,
    forgets=True,
    start=commander.start_in_background,
    doctor="spotify_doctor",
    collectors=lambda: (BreakersCollector(),),
    routers=(api.router, along_api.router),
    pages=pages.PAGES,
    page_facts=pages.room_facts,
    person_facts=pages.person_facts,
    site_facts=lambda: {"along": along.is_offered()},
    line=pages.line,
    staff_lists=(
        StaffList(
            model=Account,
            columns=("account_id", "name", "premium", "trouble", "connected", "ends"),
            fields=("account_id", "name", "premium", "scopes", "trouble", "connected", "ends"),
            search=("account_id", "name"),
            filters=("trouble", "premium"),
            moments={
                "connected": (_("connected"), "authorised_at_ms"),
                "ends": (_("permission ends"), "ends_at_ms"),
            },
            secret=("access_token", "refresh_token"),
        ),
    ),
    staff_figures=(
        StaffFigure(
            _("Spotify accounts in trouble"),
            lambda: Account.objects.exclude(trouble="").count(),
            model=Account,
            is_urgent=True,
        ),
    ),
    fact=_count_accounts,
)
