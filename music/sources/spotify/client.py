"""A small client of Spotify's Web API: what BeatSync asks of it, and nothing more.

Every method raises the `SpotifyError`s of `errors`. Lists come as sheets, one call for each.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext_noop as _

from music.sources.spotify import parsing
from music.sources.spotify.calls import Call, perform
from music.sources.spotify.errors import Gone
from music.sources.spotify.models import Account
from music.sources.spotify.quota import Bucket
from music.sources.spotify.shapes import (
    ListedPlaylist,
    Player,
    Sheet,
    Song,
    SpotifyDevice,
    SpotifyUser,
)
from rooms import clock

T = TypeVar("T")
Query = Mapping[str, str | int]

# The most that one answer holds: of lists, and of a search.
SHEET, FOUND = 50, 10
# How far a search can be followed, and a list.
DEEPEST_SEARCH, DEEPEST = 1000, 100_000


class Client:
    """Spotify, as one account sees it. `commands`: what it tells the player counts as that."""

    def __init__(self, account: Account, *, commands: Bucket = Bucket.PLAYER) -> None:
        self._account, self._commands = account, commands

    # --- Finding --------------------------------------------------------------------------------

    def me(self) -> SpotifyUser:
        """Whose account it is. Raises `NotListed` where the app may not serve it."""
        return parsing.person(self._ask(Bucket.CATALOGUE, "/me"))

    def search(self, query: str, offset: int = 0, limit: int = FOUND) -> Sheet[Song]:
        """Up to ten tracks that fit, best first. The query must not be empty."""
        asked: Query = {"q": query, "type": "track", "limit": limit, "offset": offset}
        return parsing.found(self._ask(Bucket.SEARCH, "/search", asked))

    def track(self, id: str) -> Song:
        """One track. Raises `Gone`, also for what cannot be queued."""
        data = self._ask(Bucket.CATALOGUE, f"/tracks/{_id(id)}")
        try:
            return parsing.song(data)
        except parsing.Skipped as skip:
            raise Gone(
                _("Spotify cannot play that track here."), detail="spotify_unplayable_here"
            ) from skip

    def playlists(self, offset: int = 0) -> Iterator[Sheet[ListedPlaylist]]:
        """Playlists that the person owns or follows."""
        return self._sheets(Bucket.PLAYLIST, "/me/playlists", parsing.listing, offset)

    def playlist(self, id: str) -> ListedPlaylist:
        """What a playlist is, without its tracks. Raises `Gone`."""
        data = self._ask(Bucket.PLAYLIST, f"/playlists/{_id(id)}")
        try:
            return parsing.listing(data)
        except parsing.Skipped as skip:
            raise Gone from skip

    def playlist_items(self, id: str, offset: int = 0) -> Iterator[Sheet[Song]]:
        """The tracks of a playlist. Raises `NotReadable`, `Gone`."""
        # Without asking for episodes they come in disguise; we want to tell what they are.
        kinds = {"additional_types": "track,episode"}
        path = f"/playlists/{_id(id)}/items"
        return self._sheets(Bucket.PLAYLIST, path, parsing.entry, offset, kinds)

    def saved_tracks(self, offset: int = 0) -> Iterator[Sheet[Song]]:
        """Liked songs, the newest first. Raises `MissingScope`."""
        return self._sheets(Bucket.LIBRARY, "/me/tracks", parsing.entry, offset)

    def top_tracks(self, offset: int = 0) -> Iterator[Sheet[Song]]:
        """What the person has heard most in about half a year. Raises `MissingScope`."""
        return self._sheets(Bucket.LIBRARY, "/me/top/tracks", parsing.song, offset)

    # --- The player: Premium only, and the order of two commands is not kept ----------------------

    def devices(self) -> list[SpotifyDevice]:
        """Where it could sound now. Not every device shows itself."""
        return parsing.devices(self._ask(Bucket.READS, "/me/player/devices"))

    def player(self) -> Player | None:
        """What sounds now; None when nothing does."""
        asked_ms = clock.now_ms()
        data = self._ask(Bucket.READS, "/me/player", {"additional_types": "track,episode"})
        return parsing.player(data, at_ms=(asked_ms + clock.now_ms()) // 2)

    def transfer(self, device_id: str, play: bool = False) -> None:
        """Let a device be the one that sounds. Without `play` it goes on as it was."""
        self._tell("PUT", "/me/player", body=lambda: {"device_ids": [device_id], "play": play})

    def play(self, device_id: str, uri: str, *, starts_at_ms: int) -> None:
        """Play one track as if begun at a moment (UTC), instead of whatever plays there.

        Raises `NoDevice`.
        """

        def body() -> Mapping[str, Any]:
            return {"uris": [uri], "position_ms": max(0, clock.now_ms() - starts_at_ms)}

        where = {"device_id": device_id}
        # After no answer the caller asks first whether the room still wants this track.
        self._tell("PUT", "/me/player/play", where, body=body, repeatable=False)

    def pause(self, device_id: str) -> None:
        """Pause. Raises `Restricted` if it was paused already."""
        self._tell("PUT", "/me/player/pause", {"device_id": device_id})

    def volume(self, percent: int, device_id: str) -> None:
        """Set the volume, 0 to 100. Raises `Restricted` where the device has no such thing."""
        query: Query = {"volume_percent": percent, "device_id": device_id}
        self._tell("PUT", "/me/player/volume", query)

    def repeat_off(self, device_id: str) -> None:
        """Let a track that ends be over."""
        self._tell("PUT", "/me/player/repeat", {"state": "off", "device_id": device_id})

    def try_premium(self) -> None:
        """Have an account do what takes Premium and is not heard. Raises `PremiumRequired`."""
        self._tell("PUT", "/me/player/repeat", {"state": "off"})

    def shuffle_off(self, device_id: str) -> None:
        self._tell("PUT", "/me/player/shuffle", {"state": "false", "device_id": device_id})

    # --- How --------------------------------------------------------------------------------------

    def _ask(self, bucket: Bucket, path: str, query: Query | None = None) -> Any:
        return perform(self._account, Call(bucket, path, query=query or {}))

    def _tell(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        *,
        body: Callable[[], Mapping[str, Any]] | None = None,
        repeatable: bool = True,
    ) -> None:
        call = Call(
            self._commands,
            path,
            method,
            query or {},
            body,
            command=True,
            repeatable=repeatable,
        )
        perform(self._account, call)

    def _sheets(
        self,
        bucket: Bucket,
        path: str,
        read: parsing.Reader[T],
        offset: int,
        query: Query | None = None,
    ) -> Iterator[Sheet[T]]:
        """One sheet after the other; each `next` is followed as it was given."""
        asked = {**(query or {}), "limit": SHEET, "offset": offset}
        sheet = parsing.sheet(self._ask(bucket, path, asked), read)
        yield sheet
        while sheet.next is not None:
            sheet = parsing.sheet(self._ask(bucket, sheet.next), read)
            yield sheet


def _id(id: str) -> str:
    """An id that may stand in an address. Raises `Gone`: nothing has any other."""
    if not parsing.identifier(id):
        raise Gone
    return id
