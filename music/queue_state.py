"""The queue of a room, read in playing order: what waits, and why it stands where it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from music.models import Alike, QueueItem, QueueItemQuerySet
from music.ordering import Facts, Setting, Why, explain, order
from music.room_rules import music_rules
from rooms.models import Room


@dataclass(frozen=True)
class Standing:
    """What waits in a room, by id and in playing order; why; and how many votes are held back."""

    facts: Mapping[int, Facts]
    setting: Setting
    why: Mapping[int, Why] = field(default_factory=dict)
    held: Mapping[int, int] = field(default_factory=dict)

    @property
    def ids(self) -> list[int]:
        """In playing order."""
        return list(self.facts)

    def with_facts(self, facts: Iterable[Facts], *, held: Mapping[int, int]) -> Standing:
        """What stands where with other facts about the same items."""
        return _standing(facts, self.setting, held)


def standing(room: Room) -> Standing:
    """The queue of a room as ordering sees it, in one query without the tracks themselves."""
    rules = music_rules(room)
    facts, held = [], {}
    run_artist, run_length = None, None
    for row in QueueItem.objects.filter(room=room).waiting().values_list(*_COLUMNS):
        (
            pk, up, down, held_back, added_at_ms, duration_ms, artist, floor_ms, place,
            pinned_at_ms, locked, suggested_for, live, requester, plays, played_at_ms, finish_ms,
            run_artist, run_length,
        ) = row  # fmt: skip
        facts.append(
            Facts(
                id=pk,
                up=up,
                down=down,
                added_at_ms=added_at_ms,
                duration_ms=duration_ms,
                requester=requester,
                requester_plays=plays or 0,
                requester_played_at_ms=played_at_ms,
                requester_finish_ms=finish_ms,
                floor_ms=floor_ms,
                artist=artist,
                place=place,
                pinned_at_ms=pinned_at_ms,
                locked=locked,
                is_suggested=requester is None and suggested_for is not None,
                gives_way=live and rules.stations_give_way,
            )
        )
        if held_back:
            held[pk] = held_back
    setting = Setting(rules.mode, rules.artist_in_a_row, run_artist or "", run_length or 0)
    return _standing(facts, setting, held)


_COLUMNS = (
    "pk",
    "up",
    "down",
    "held",
    "added_at_ms",
    "track__duration_ms",
    "track__artist",
    "floor_ms",
    "place",
    "pinned_at_ms",
    "locked",
    "suggested_for",
    "track__live",
    "added_by",
    "requester_turns__plays",
    "requester_turns__played_at_ms",
    "requester_turns__finish_ms",
    "room__playback__run_artist",
    "room__playback__run_length",
)


def _standing(facts: Iterable[Facts], setting: Setting, held: Mapping[int, int]) -> Standing:
    ordered = order(facts, setting)
    return Standing({fact.id: fact for fact in ordered}, setting, explain(ordered, setting), held)


def order_of(room: Room) -> list[int]:
    """Ids of the waiting items in playing order."""
    return standing(room).ids


def in_order(room: Room, stands: Standing, *, most: int | None = None) -> list[QueueItem]:
    """The items of a standing, or its first `most`, their tracks at hand."""
    ids = stands.ids[:most]
    items = QueueItem.objects.filter(room=room).waiting().select_related("track").in_bulk(ids)
    return [items[pk] for pk in ids if pk in items]


def waiting_items(queue: QueueItemQuerySet, alike: Alike) -> dict[str, str | None]:
    """The id of the item of each of these tracks among those of a queue, by the track's uri.

    As `QueueItemQuerySet.of_recording` finds it, for many tracks in one query.
    """
    rows = queue.order_by("-pk")
    waiting, own = {}, {}
    for track_id, uri, pk in rows.values_list("track_id", "track__uri", "pk"):
        waiting[track_id], own[uri] = pk, pk
    found = {}
    for uri, others in alike.items():
        items = [waiting[other] for other in others if other in waiting]
        first = own.get(uri, min(items, default=None))
        found[uri] = None if first is None else str(first)
    return found
