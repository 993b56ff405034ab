"""Spotify as a source of music, through the account of a room's host.

Whatever can be is answered from the cache (`memory`): calls are few, and counted by Spotify.
"""

from collections.abc import Callable

from music.cache import Kept
from music.errors import UnknownPage, UnknownPlaylist, UnknownTrack
from music.models import Track
from music.sources.base import Page, Playlist, Playlists
from music.sources.spotify import memory
from music.sources.spotify.client import DEEPEST, DEEPEST_SEARCH, FOUND, Client
from music.sources.spotify.errors import Away, Limited, MissingScope, NotReadable, Refused
from music.sources.spotify.links import find_link
from music.sources.spotify.models import Account
from music.sources.spotify.parsing import identifier
from music.sources.spotify.shapes import SOURCE, TRACK_URI, ListedPlaylist, Sheet, Song
from music.sources.spotify.signals import announcing
from music.titles import Title, own_title
from rooms import clock
from rooms.errors import RateLimited

# Not playlists at Spotify, but what many people's music is in; and the permission each takes.
LIKED, TOP = "liked", "top"
_SPECIAL = {LIKED: "user-library-read", TOP: "user-top-read"}


class SpotifySource:
    """What one account can find and read. Its methods raise `SpotifyError`s.

    `before_asking` is called before a search or a track is asked for, and may refuse that; what is
    known already is answered without.
    """

    name = SOURCE

    def __init__(
        self, account: Account, *, before_asking: Callable[[], None] = lambda: None
    ) -> None:
        self._account = account
        self._client = Client(account)
        self._before_asking = before_asking

    def search(self, query: str, *, cursor: str | None = None, limit: int = FOUND) -> Page:
        """Tracks that fit, at most ten at a time; nothing for an empty query.

        Of a link to Spotify the one track that it leads to. Raises `SpotifyLink`.
        """
        if link := find_link(query):
            return Page([self.track(link.track_uri())])
        query, offset = " ".join(query.split()), _offset(cursor, DEEPEST_SEARCH)
        if not query:
            return Page([])
        limit = max(1, min(limit, FOUND))
        found = memory.SEARCHES.get(
            query.casefold(),
            offset,
            limit,
            load=lambda: self._sought(query, offset, limit),
        )
        return _page(found, DEEPEST_SEARCH)

    def track(self, uri: str) -> Track:
        """The track with this uri: as lately seen, else asked for, else as it was once saved."""
        id = identifier(uri.removeprefix(TRACK_URI))
        if not uri.startswith(TRACK_URI) or not id:
            raise UnknownTrack
        try:
            return memory.TRACKS.get(id, load=lambda: self._looked_up(id)).value.as_track()
        except Refused as refused:  # gone, not to be had here, or never an id at all
            raise UnknownTrack from refused
        except (Away, Limited, RateLimited):
            saved = Track.objects.filter(uri=uri).first()
            if saved is None:
                raise
            return saved

    def playlists(self, *, cursor: str | None = None) -> Playlists:
        """Liked songs and top tracks, then the playlists that the person owns or follows."""
        offset = _offset(cursor, DEEPEST)
        listed = memory.LISTS.get(
            *memory.personal(self._account), offset, load=lambda: self._listed(offset)
        )
        sheet = listed.value
        special = [] if offset else [self._special(id) for id in _SPECIAL]
        return Playlists(
            special + [self._shown(listing) for listing in sheet.items],
            _cursor(sheet, DEEPEST),
            sheet.skipped,
            listed.stale_since_ms,
        )

    def playlist_tracks(self, playlist_id: str, *, cursor: str | None = None) -> Page:
        """What can be queued of a playlist, 50 entries at a time.

        Raises `UnknownPlaylist`, `NotReadable`, `MissingScope`.
        """
        offset = _offset(cursor, DEEPEST)
        if playlist_id == LIKED:
            return self._own_tracks(LIKED, offset, self._client.saved_tracks)
        if playlist_id == TOP:
            return self._own_tracks(TOP, offset, self._client.top_tracks)
        try:
            return self._tracks_of(playlist_id, offset)
        except NotReadable:
            raise
        except Refused as refused:
            raise UnknownPlaylist from refused

    def _sought(self, query: str, offset: int, limit: int) -> Sheet[Song]:
        self._before_asking()
        with announcing(self._account):
            return _noted(self._client.search(query, offset, limit))

    def _looked_up(self, id: str) -> Song:
        self._before_asking()
        with announcing(self._account):
            return self._client.track(id)

    def _tracks_of(self, id: str, offset: int) -> Page:
        whose = memory.personal(self._account)
        head = memory.HEADS.get(*whose, id, load=lambda: self._client.playlist(id))
        if not head.value.readable_by(self._account.user_id):
            raise NotReadable
        # What is in it changes only together with its snapshot; one without is read each time.
        snapshot = head.value.snapshot or str(clock.now_ms())
        sheet = memory.SHEETS.get(
            *whose,
            id,
            snapshot,
            offset,
            load=lambda: _noted(next(self._client.playlist_items(id, offset))),
        )
        return _page(sheet, DEEPEST, since_ms=head.stale_since_ms)

    def _own_tracks(self, id: str, offset: int, ask: memory.Ask) -> Page:
        if not self._permits(id):
            raise MissingScope
        drawer = memory.LIKED if id == LIKED else memory.TOP
        sheet = drawer.get(
            *memory.personal(self._account), offset, load=lambda: _noted(next(ask(offset)))
        )
        return _page(sheet, DEEPEST)

    def _listed(self, offset: int) -> Sheet[ListedPlaylist]:
        """A sheet of playlists; opening one of them soon after need not ask about it again."""
        with announcing(self._account):
            sheet = next(self._client.playlists(offset))
        whose = memory.personal(self._account)
        memory.HEADS.put({(*whose, listing.id): listing for listing in sheet.items})
        return sheet

    def _special(self, id: str) -> Playlist:
        permits = self._permits(id)
        why_not = None if permits else MissingScope
        return Playlist(id, own_title(id), self._account.name, readable=permits, why_not=why_not)

    def _permits(self, id: str) -> bool:
        return _SPECIAL[id] in self._account.scopes.split()

    def _shown(self, listing: ListedPlaylist) -> Playlist:
        readable = listing.readable_by(self._account.user_id)
        return Playlist(
            id=listing.id,
            name=Title(listing.name),
            owner=listing.owner,
            tracks=listing.tracks,
            cover=listing.cover,
            link=listing.link,
            readable=readable,
            why_not=None if readable else NotReadable,
        )


def known_track(uri: str) -> Track | None:
    """The track of a uri as a search, a playlist or a look-up has lately found it; asks nobody."""
    song = memory.TRACKS.known(identifier(uri.removeprefix(TRACK_URI)))
    return song.as_track() if song is not None and uri.startswith(TRACK_URI) else None


def _noted(sheet: Sheet[Song]) -> Sheet[Song]:
    """The sheet, whose songs are known from now on: who adds one need not ask for it."""
    memory.TRACKS.put({(song.id,): song for song in sheet.items})
    return sheet


def _page(kept: Kept[Sheet[Song]], deepest: int, *, since_ms: int | None = None) -> Page:
    sheet = kept.value
    moments = [moment for moment in (kept.stale_since_ms, since_ms) if moment is not None]
    return Page(
        [song.as_track() for song in sheet.items],
        _cursor(sheet, deepest),
        sheet.skipped,
        min(moments, default=None),
    )


def _cursor(sheet: Sheet[Song] | Sheet[ListedPlaylist], deepest: int) -> str | None:
    following = sheet.following
    return None if following is None or following > deepest else str(following)


def _offset(cursor: str | None, deepest: int) -> int:
    """Where a page begins. Raises `Invalid` for a cursor that no answer gave."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and 0 < int(cursor[:7]) <= deepest):
        raise UnknownPage
    return int(cursor)
