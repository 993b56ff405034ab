"""Adding, removing and bringing back; moving by hand."""

from collections import defaultdict
from collections.abc import Sequence

from music import rules
from music.actions.transport import playback_of
from music.actions.turns import wake_soon
from music.actions.voting import Ballot, count
from music.events import QueueAdded, QueueRemoved, QueueRestored
from music.models import QUEUE_LENGTH, ItemState, QueueItem, QueueItemQuerySet, Track, Vote
from music.queue import standing, waiting_items
from music.reordering import reordering
from music.shapes import item_shape
from rooms import clock
from rooms.errors import AlreadyStarted, OtherOrder, QueueFull, UnknownItem
from rooms.models import Member, Room
from rooms.publish import changing_by, publish, tell
from rooms.roles import Act
from rooms.rules import Mode

# The key "Undo" shows for 10 s; a slow line gets the rest.
UNDO_FOR_MS = 30_000
# All that a source says about a track, and the keys that follow from it.
_OF_THE_SOURCE = """title artists album duration_ms explicit link cover audio available
    recording artist isrc""".split()


def add_track(*, member: Member, track: Track) -> tuple[QueueItem, bool]:
    """Put a track into the queue with the member's up-vote; whether it is new there.

    A recording that waits already, in whatever spelling, gets the up-vote instead. When nothing
    plays, the conductor starts it. A track that was only found until now is saved. Raises
    `NotAllowed`, `Muted`, `QueueFull`, and what `music.rules` has against it.
    """
    with changing_by(member) as room:
        member.require(Act.ADD)
        item = _waiting_in(room).of_recording(track).with_facts().first()
        if item is not None:
            return _voted_up(room, item, member), False
        if _waiting_in(room).count() >= QUEUE_LENGTH:
            raise QueueFull
        rules.check(member, track)
        if track.pk is None:
            track = _saved(track)
        with reordering(room):
            item = QueueItem.objects.create(
                room=room,
                track=track,
                added_by=member,
                up=1,
                floor_ms=playback_of(room).virtual_ms,
            )
            Vote.objects.create(item=item, member=member, value=1)
            stands = standing(room)
            shape = item_shape(item, stands.why[item.pk])
            publish(room, QueueAdded(shape, at=stands.ids.index(item.pk)))
        tell(room, member.pk, votes={str(item.pk): 1})
        wake_soon(room)
        return item, True


def remove_item(*, member: Member, item_id: int) -> None:
    """Take a waiting item out: one's own, or any as host or co-host.

    Raises `UnknownItem`, `AlreadyStarted`, `NotAllowed`.
    """
    with changing_by(member) as room:
        item = _waiting_item(room, item_id)
        if item.added_by_id != member.pk:
            member.require(Act.CURATE)
        _remove(room, [item], by=member)


def clear_queue(*, member: Member) -> list[int]:
    """Take everything out that waits; returns the ids, for `restore_items`. Raises `NotAllowed`."""
    with changing_by(member) as room:
        member.require(Act.CURATE)
        items = list(_waiting_in(room).order_by("pk"))
        _remove(room, items, by=member)
        return [item.pk for item in items]


def restore_items(*, member: Member, item_ids: Sequence[int]) -> list[int]:
    """Undo a removal, within `UNDO_FOR_MS`: of one's own tracks, or anybody's as host or co-host.

    Returns the ids of those that wait again, with their votes. Those that cannot come back are
    passed over: another entry of the recording may wait by now, the queue be full, or as many of
    the member's own wait as may. Raises `NotAllowed`, `Muted`.
    """
    with changing_by(member) as room:
        removed = QueueItem.objects.filter(
            room=room,
            pk__in=item_ids[:QUEUE_LENGTH],
            state=ItemState.REMOVED,
            removed_at_ms__gt=clock.now_ms() - UNDO_FOR_MS,
        ).with_facts()
        places = QUEUE_LENGTH - _waiting_in(room).count()
        if not member.may(Act.CURATE):
            member.require(Act.ADD)
            removed = removed.filter(removed_by=member, added_by=member)
            places = min(places, rules.places_left(member))
        back = _that_fit(room, list(removed.order_by("pk")), places)
        with reordering(room):
            QueueItem.objects.filter(pk__in=[item.pk for item in back]).update(
                state=ItemState.WAITING, removed_at_ms=None, removed_by=None
            )
            stands = standing(room)
            at = {pk: place for place, pk in enumerate(stands.ids)}
            for item in sorted(back, key=lambda item: at[item.pk]):
                shape = item_shape(item, stands.why[item.pk])
                publish(room, QueueRestored(shape, at=at[item.pk]))
        for member_id, votes in _votes_on(back).items():
            tell(room, member_id, votes=votes)
        if back:
            wake_soon(room)
        return [item.pk for item in back]


def pin_item(*, member: Member, item_id: int, pinned: bool) -> QueueItem:
    """Let a waiting item play right after what is fixed as next, or no longer.

    Raises `NotAllowed`, `UnknownItem`, `AlreadyStarted`.
    """
    with changing_by(member) as room:
        member.require(Act.CURATE)
        item = _waiting_item(room, item_id)
        if pinned != (item.pinned_at_ms is not None):
            with reordering(room):
                item.pinned_at_ms = clock.now_ms() if pinned else None
                item.save(update_fields=["pinned_at_ms"])
        return item


def set_order(*, member: Member, item_ids: Sequence[int]) -> list[int]:
    """Put what waits into this order; what it does not name comes after. Returns the new order.

    Ids that do not wait (any more) are passed over. Raises `NotAllowed`, `OtherOrder`.
    """
    with changing_by(member) as room:
        member.require(Act.CURATE)
        if room.rules.mode != Mode.HOST:
            raise OtherOrder
        with reordering(room) as before:
            wanted = [pk for pk in dict.fromkeys(item_ids) if pk in before.facts]
            named = set(wanted)
            wanted += [pk for pk in before.ids if pk not in named]
            # Placed by hand: a pin would hold it elsewhere.
            _waiting_in(room).update(pinned_at_ms=None)
            write_order(wanted)
        return standing(room).ids


def write_order(item_ids: Sequence[int]) -> None:
    """Write down an order as the host's (room locked by the caller)."""
    items = [QueueItem(pk=pk, place=place) for place, pk in enumerate(item_ids)]
    QueueItem.objects.bulk_update(items, ["place"], batch_size=200)


def _waiting_in(room: Room) -> QueueItemQuerySet:
    return QueueItem.objects.filter(room=room).waiting()


def _saved(track: Track) -> Track:
    """The track as the one row of its uri, with what its source says of it now."""
    [saved] = Track.objects.bulk_create(
        [track], update_conflicts=True, unique_fields=["uri"], update_fields=_OF_THE_SOURCE
    )
    return saved


def _waiting_item(room: Room, item_id: int) -> QueueItem:
    item = QueueItem.objects.filter(room=room, pk=item_id).with_facts().first()
    if item is None or item.state == ItemState.REMOVED:
        raise UnknownItem
    if item.state != ItemState.WAITING:
        raise AlreadyStarted
    return item


def _that_fit(room: Room, items: list[QueueItem], places: int) -> list[QueueItem]:
    """Those of these removed items that can wait again: each recording once, so many at most."""
    alike = Track.objects.alike([item.track for item in items])
    there = {
        pk
        for uri, waiting in waiting_items(room, alike).items()
        if waiting is not None
        for pk in alike[uri]
    }
    fit: list[QueueItem] = []
    for item in items:
        if len(fit) < places and item.track_id not in there:
            fit.append(item)
            there.update(alike[item.track.uri])
    return fit


def _remove(room: Room, items: list[QueueItem], *, by: Member) -> None:
    was_locked = any(item.locked for item in items)
    with reordering(room):
        QueueItem.objects.filter(pk__in=[item.pk for item in items]).update(
            state=ItemState.REMOVED, locked=False, removed_at_ms=clock.now_ms(), removed_by=by
        )
        publish(room, *(QueueRemoved(str(item.pk), why="removed") for item in items))
    if was_locked:
        wake_soon(room)  # to fix another one in its place


def _votes_on(items: list[QueueItem]) -> dict[int, dict[str, int]]:
    """By member: how they voted on these items."""
    votes: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for vote in Vote.objects.filter(item__in=items):
        votes[vote.member_id][str(vote.item_id)] = vote.value
    return votes


def _voted_up(room: Room, item: QueueItem, member: Member) -> QueueItem:
    ballot = Ballot(member, item.pk, 1)
    count(room, [ballot])
    if ballot.tally is None:
        assert ballot.refusal is not None
        raise ballot.refusal
    tally = ballot.tally
    item.up, item.down, item.held = tally.up, tally.down, tally.held
    return item
