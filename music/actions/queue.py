"""Adding, removing and bringing back; moving by hand."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from music import acts, add_checks
from music.actions.ballots import Ballot, count
from music.actions.shelf_rows import claim_shelf_row, offer_shelf_rows
from music.actions.transport import playback_of
from music.actions.turns import advance_soon
from music.errors import AlreadyStarted, OtherOrder, QueueFull, UnknownItem
from music.events import MemberVoted, QueueAdded, QueueRemoved, QueueRestored
from music.models import (
    MOST_WAITING,
    QUEUE_LENGTH,
    ItemState,
    Playback,
    QueueItem,
    QueueItemQuerySet,
    Track,
    Vote,
)
from music.queue_state import standing, waiting_items
from music.reordering import reordering
from music.room_rules import Mode, music_rules
from music.shapes import item_shape
from rooms import clock
from rooms.actors import Actor, member_of
from rooms.changes import Change, changing
from rooms.errors import Conflict
from rooms.models import LogEntry, Member, Room

# The key "Undo" shows for 10 s; a slow line gets the rest.
UNDO_FOR_MS = 30_000
# All that a source says about a track, and the keys that follow from it.
_OF_THE_SOURCE = """title artists album duration_ms explicit link cover audio available
    recording artist isrc""".split()


def add_track(*, member: Member, track: Track) -> tuple[QueueItem, bool]:
    """Put a track into the queue with the member's up-vote; whether it is new there.

    A recording that waits already, in whatever spelling, gets the up-vote instead; a row of the
    shelf becomes the member's. When nothing plays, the conductor starts it. A track that was only
    found until now is saved. Raises `NotAllowed`, `Muted`, `QueueFull`, and what
    `music.add_checks` has against it.
    """
    with changing(member) as change:
        member.require(acts.ADD)
        item = _waiting_in(change.room).of_recording(track).with_facts().first()
        if item is not None and item.added_by_id is not None:
            return _voted_up(change, item, member), False
        if _waiting_in(change.room).asked_for().count() >= QUEUE_LENGTH:
            raise QueueFull
        add_checks.check(member, track)
        playback = playback_of(change.room)
        if item is None:
            item = _added(change, playback, track, member)
        else:
            claim_shelf_row(change, playback, item, member)
        advance_soon(change)
        return item, True


def remove_item(*, by: Actor, item_id: int) -> None:
    """Take a waiting item out: one's own, or any as host or co-host.

    Raises `UnknownItem`, `AlreadyStarted`, `NotAllowed`.
    """
    with changing(by) as change:
        item = _waiting_item(change.room, item_id)
        own = member_of(by)
        is_own = own is not None and item.added_by_id == own.pk
        if not is_own:
            by.require(acts.CURATE)
        _remove(change, [item], by=by)
        if not is_own:
            facts = {"title": item.track.title, "items": [item.pk]}
            change.log("item.removed", by=by, target=item.added_by, facts=facts)


def clear_queue(*, by: Actor) -> list[int]:
    """Take out all that people added; returns the ids, for `restore_items`. Raises `NotAllowed`.

    The rows of the shelf stay: who wants none chooses no shelf.
    """
    with changing(by) as change:
        by.require(acts.CURATE)
        items = list(_waiting_in(change.room).asked_for().order_by("pk"))
        _remove(change, items, by=by)
        if items:
            facts = {"tracks": len(items), "items": [item.pk for item in items]}
            change.log("queue.cleared", by=by, facts=facts)
        return [item.pk for item in items]


def restore_items(*, by: Actor, item_ids: Sequence[int]) -> list[int]:
    """Undo a removal, within `UNDO_FOR_MS`: of one's own tracks, or anybody's as host or co-host.

    Returns the ids of those that wait again, with their votes. Those that cannot come back are
    passed over: another entry of the recording may wait by now, the queue be full, or as many of
    the member's own wait as may. Raises `NotAllowed`, `Muted`.
    """
    with changing(by) as change:
        removed = QueueItem.objects.filter(
            room=change.room,
            pk__in=item_ids[:MOST_WAITING],
            state=ItemState.REMOVED,
            removed_at_ms__gt=clock.now_ms() - UNDO_FOR_MS,
        ).with_facts()
        places = QUEUE_LENGTH - _waiting_in(change.room).asked_for().count()
        own = member_of(by)
        if own is not None and not own.may(acts.CURATE):
            own.require(acts.ADD)
            removed = removed.filter(removed_by=own, added_by=own)
            places = min(places, add_checks.places_left(own))
        back = _that_fit(change.room, list(removed.order_by("pk")), places)
        with reordering(change):
            QueueItem.objects.filter(pk__in=[item.pk for item in back]).update(
                state=ItemState.WAITING, removed_at_ms=None, removed_by=None
            )
            stands = standing(change.room)
            at = {pk: place for place, pk in enumerate(stands.ids)}
            for item in sorted(back, key=lambda item: at[item.pk]):
                shape = item_shape(item, stands.why[item.pk])
                change.publish(QueueRestored(shape, at=at[item.pk]))
        for member_id, votes in _votes_on(back).items():
            change.publish(MemberVoted(member_id, votes))
        if any(item.added_by_id is not None for item in back):
            advance_soon(change)
        return [item.pk for item in back]


def undo_removal(by: Actor, entry: LogEntry) -> None:
    """Bring back what an entry of the log took out. Raises `Conflict` when it is too late."""
    if not restore_items(by=by, item_ids=entry.facts["items"]):
        raise Conflict(_("It is too late to bring that back."), detail="too_late")


def pin_item(*, by: Actor, item_id: int, pinned: bool) -> QueueItem:
    """Let a waiting item play right after what is fixed as next, or no longer.

    Raises `NotAllowed`, `UnknownItem`, `AlreadyStarted`.
    """
    with changing(by) as change:
        by.require(acts.CURATE)
        item = _waiting_item(change.room, item_id)
        if pinned != (item.pinned_at_ms is not None):
            with reordering(change):
                item.pinned_at_ms = clock.now_ms() if pinned else None
                item.save(update_fields=["pinned_at_ms"])
        return item


def set_order(*, by: Actor, item_ids: Sequence[int]) -> list[int]:
    """Put what waits into this order; what it does not name comes after. Returns the new order.

    Ids that do not wait (any more) are passed over. Raises `NotAllowed`, `OtherOrder`.
    """
    with changing(by) as change:
        by.require(acts.CURATE)
        if music_rules(change.room).mode != Mode.HOST:
            raise OtherOrder
        with reordering(change) as before:
            wanted = [pk for pk in dict.fromkeys(item_ids) if pk in before.facts]
            named = set(wanted)
            wanted += [pk for pk in before.ids if pk not in named]
            # Placed by hand: a pin would hold it elsewhere.
            _waiting_in(change.room).update(pinned_at_ms=None)
            write_order(wanted)
        return standing(change.room).ids


def write_order(item_ids: Sequence[int]) -> None:
    """Write down an order as the host's (room locked by the caller)."""
    items = [QueueItem(pk=pk, place=place) for place, pk in enumerate(item_ids)]
    QueueItem.objects.bulk_update(items, ["place"], batch_size=200)


def _waiting_in(room: Room) -> QueueItemQuerySet:
    return QueueItem.objects.filter(room=room).waiting()


def _added(change: Change, playback: Playback, track: Track, member: Member) -> QueueItem:
    """A new entry of the queue of a locked room, with the member's up-vote."""
    if track.pk is None:
        track = save_track(track)
    with reordering(change):
        item = QueueItem.objects.create(
            room=change.room, track=track, added_by=member, up=1, floor_ms=playback.virtual_ms
        )
        Vote.objects.create(item=item, member=member, value=1)
        stands = standing(change.room)
        shape = item_shape(item, stands.why[item.pk])
        change.publish(QueueAdded(shape, at=stands.ids.index(item.pk)))
    change.publish(MemberVoted(member.pk, {str(item.pk): 1}))
    return item


def save_track(track: Track) -> Track:
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
        for uri, waiting in waiting_items(_waiting_in(room), alike).items()
        if waiting is not None
        for pk in alike[uri]
    }
    fit: list[QueueItem] = []
    for item in items:
        if len(fit) < places and item.track_id not in there:
            fit.append(item)
            there.update(alike[item.track.uri])
    return fit


def _remove(change: Change, items: list[QueueItem], *, by: Actor) -> None:
    was_locked = any(item.locked for item in items)
    with reordering(change):
        QueueItem.objects.filter(pk__in=[item.pk for item in items]).update(
            state=ItemState.REMOVED,
            locked=False,
            removed_at_ms=clock.now_ms(),
            removed_by=member_of(by),
        )
        change.publish(*(QueueRemoved(str(item.pk), why="removed") for item in items))
        if any(item.added_by_id is None and item.suggested_for is None for item in items):
            offer_shelf_rows(change, playback_of(change.room))
    if was_locked:
        advance_soon(change)  # to fix another one in its place


def _votes_on(items: list[QueueItem]) -> dict[int, dict[str, int]]:
    """By member: how they voted on these items."""
    votes: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for vote in Vote.objects.filter(item__in=items):
        votes[vote.member_id][str(vote.item_id)] = vote.value
    return votes


def _voted_up(change: Change, item: QueueItem, member: Member) -> QueueItem:
    ballot = Ballot(member, item.pk, 1)
    count(change, [ballot])
    if ballot.tally is None:
        assert ballot.refusal is not None
        raise ballot.refusal
    tally = ballot.tally
    item.up, item.down = tally.up, tally.down
    return item
