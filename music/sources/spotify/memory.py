"""What Spotify has said lately, and for how long we go by it.

Its terms allow keeping things only as long as they are needed: nothing stays longer than a day.
Found tracks are the same for everybody; what is somebody's own is filed under their account.
"""

import secrets
from collections.abc import Callable, Iterator

from music import cache
from music.cache import Drawer
from music.sources.spotify.errors import Away, Limited, Refused
from music.sources.spotify.models import Account
from music.sources.spotify.shapes import ListedPlaylist, Sheet, Song
from rooms.errors import RateLimited

Ask = Callable[[int], Iterator[Sheet[Song]]]

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_OUTAGES = (Away, Limited)
# A room that may not ask just now does with what is known, too.
_OR_USED_UP = (*_OUTAGES, RateLimited)

SEARCHES: Drawer[Sheet[Song]] = Drawer(
    "spotify.search", soft_s=_HOUR, hard_s=_DAY, outages=_OR_USED_UP
)
TRACKS: Drawer[Song] = Drawer(
    "spotify.track", soft_s=_DAY / 2, hard_s=_DAY, outages=_OR_USED_UP, refusals=(Refused,)
)
# People look here for what they have just changed at Spotify.
LISTS: Drawer[Sheet[ListedPlaylist]] = Drawer(
    "spotify.playlists", soft_s=_MINUTE, hard_s=_DAY, outages=_OUTAGES
)
HEADS: Drawer[ListedPlaylist] = Drawer(
    "spotify.playlist", soft_s=_MINUTE, hard_s=_DAY, outages=_OUTAGES, refusals=(Refused,)
)
# By snapshot: another one is another entry.
SHEETS: Drawer[Sheet[Song]] = Drawer(
    "spotify.items", soft_s=_DAY, hard_s=_DAY, outages=_OUTAGES, refusals=(Refused,)
)
LIKED: Drawer[Sheet[Song]] = Drawer("spotify.liked", soft_s=_MINUTE, hard_s=_DAY, outages=_OUTAGES)
TOP: Drawer[Sheet[Song]] = Drawer("spotify.top", soft_s=_HOUR, hard_s=_DAY, outages=_OUTAGES)


def personal(account: Account) -> tuple[object, ...]:
    """The names under which what is this account's own is filed."""
    return account.pk, cache.read(_filed(account)) or ""


def forget(account: Account) -> None:
    """Drop what is this account's own: nobody finds it from now on, and within a day it is gone."""
    # Longer than anything that was filed before.
    cache.write(_filed(account), secrets.token_hex(8), 2 * _DAY)


def _filed(account: Account) -> str:
    return f"spotify.filed.{account.pk}"
