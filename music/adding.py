"""Adding several tracks at once, one after the other, each by itself.

Each is refused or not by the same rules and limits as if it came alone, and in a transaction of
its own: others get to the room in between.
"""

from collections.abc import Callable

from music.actions.queue import add_track
from music.models import Track
from music.queue_state import standing
from music.shapes import AdditionShape, item_shape
from music.sources import registry
from rooms.errors import RateLimited, RoomError, Unavailable
from rooms.models import Member, Room


class Finder:
    """Finds the tracks of several uris for a room; `count` is called before each and may refuse.

    A source that was away for one of them is not asked for the others, and after the limit has
    refused one, all others are refused with it. `put_off`: some were refused for now only.
    """

    def __init__(self, room: Room, *, count: Callable[[], None]) -> None:
        self._room, self._count = room, count
        self._away: dict[str, RoomError] = {}
        self._limited: RateLimited | None = None

    @property
    def put_off(self) -> bool:
        return bool(self._limited or self._away)

    def track(self, uri: str) -> Track:
        """May ask the world outside: never while a room is held. Raises `RoomError`s."""
        self._keep_to_limit()
        source = uri.partition(":")[0]
        if source in self._away:
            raise self._away[source]
        try:
            return registry.resolve(uri, self._room)
        except Unavailable as away:
            self._away[source] = away
            raise

    def _keep_to_limit(self) -> None:
        if self._limited is None:
            try:
                self._count()
            except RateLimited as limited:
                self._limited = limited
        if self._limited is not None:
            raise self._limited


def added(member: Member, uri: str, track: Track) -> AdditionShape:
    """Add one of them, and say what came of it."""
    try:
        item, created = add_track(member=member, track=track)
    except RoomError as refusal:
        return refused(uri, refusal)
    shape = item_shape(item, standing(member.room).why.get(item.pk))
    shape["my_vote"] = 1
    return {
        "uri": uri,
        "outcome": "added" if created else "waiting",
        "item": shape,
        "error": None,
    }


def refused(uri: str, refusal: RoomError) -> AdditionShape:
    """That one of them was not added, and why."""
    return {"uri": uri, "outcome": "refused", "item": None, "error": refusal.as_json()["error"]}
