"""Adding several tracks at once: all are looked up first, then added one after the other.

Each is refused or not for itself, by the same rules and limits as if it came alone.
"""

from collections.abc import Callable, Sequence

from music.actions.queue import add_track
from music.models import Track
from music.queue import standing
from music.shapes import AdditionShape, item_shape
from music.sources import registry
from rooms.errors import RoomError, Unavailable
from rooms.models import Member, Room

# What a uri has led to: its track, or why there is none.
Found = tuple[str, Track | RoomError]


def resolved(uris: Sequence[str], room: Room, *, count: Callable[[], None]) -> list[Found]:
    """The tracks of these uris; `count` is called before each and may refuse it.

    May ask the world outside: never while a room is held. A source that is away for one of them is
    not asked for the others.
    """
    away: dict[str, RoomError] = {}
    found: list[Found] = []
    for uri in uris:
        source = uri.partition(":")[0]
        try:
            count()
            if source in away:
                raise away[source]
            found.append((uri, registry.resolve(uri, room)))
        except RoomError as refusal:
            if isinstance(refusal, Unavailable):
                away[source] = refusal
            found.append((uri, refusal))
    return found


def added(member: Member, uri: str, found: Track | RoomError) -> AdditionShape:
    """Add one of them, and say what came of it."""
    if isinstance(found, RoomError):
        return _refused(uri, found)
    try:
        item, created = add_track(member=member, track=found)
    except RoomError as refusal:
        return _refused(uri, refusal)
    shape = item_shape(item, standing(member.room).why.get(item.pk))
    shape["my_vote"] = 1
    return {
        "uri": uri,
        "outcome": "added" if created else "waiting",
        "item": shape,
        "error": None,
    }


def _refused(uri: str, refusal: RoomError) -> AdditionShape:
    return {"uri": uri, "outcome": "refused", "item": None, "error": refusal.as_json()["error"]}
