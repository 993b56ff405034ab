"""Adding, voting, removing."""

from dataclasses import replace

from music.actions.playback import wake_soon
from music.events import QueueAdded, QueueOrdered, QueueRemoved, QueueTallied
from music.models import QUEUE_LENGTH, ItemState, QueueItem, QueueItemQuerySet, Track, Vote
from music.ordering import by_votes
from music.queue import facts_of, order_of
from music.shapes import item_shape
from rooms.errors import AlreadyStarted, Invalid, QueueFull, UnknownItem
from rooms.models import Member, Room
from rooms.publish import changing, publish, tell
from rooms.roles import Act


def cast_vote(*, member: Member, item_id: int, value: int) -> QueueItem:
    """The member's vote on a waiting item is now `value`: 1 up, -1 down, 0 none.

    Absolute: a repeat changes and publishes nothing. Raises `UnknownItem`, `AlreadyStarted` (its
    votes are closed), `NotAllowed`, `Invalid`.
    """
    if value not in (-1, 0, 1):
        raise Invalid("A vote is 1, -1 or 0.")
    with changing(member.room_id) as room:
        member.require(Act.VOTE)
        item = _waiting_item(room, item_id)
        _set_vote(room, item, member, value)
        return item


def add_track(*, member: Member, track: Track) -> tuple[QueueItem, bool]:
    """Put a track into the queue with the member's up-vote; whether it is new there.

    A track that waits already gets the up-vote instead. When nothing plays, the conductor starts
    it. Raises `QueueFull`, `NotAllowed`, `Muted`.
    """
    with changing(member.room_id) as room:
        member.require(Act.ADD)
        item = _waiting_in(room).filter(track=track).first()
        if item is not None:
            _set_vote(room, item, member, 1)
            return item, False
        if _waiting_in(room).count() >= QUEUE_LENGTH:
            raise QueueFull
        item = QueueItem.objects.create(room=room, track=track, added_by=member, up=1)
        Vote.objects.create(item=item, member=member, value=1)
        publish(room, QueueAdded(item_shape(item), at=order_of(room).index(item.pk)))
        tell(room, member.pk, votes={str(item.pk): 1})
        wake_soon(room)
        return item, True


def remove_item(*, member: Member, item_id: int) -> None:
    """Take a waiting item out: one's own, or any as host or co-host.

    Raises `UnknownItem`, `AlreadyStarted`, `NotAllowed`.
    """
    with changing(member.room_id) as room:
        item = _waiting_item(room, item_id)
        if item.added_by_id != member.pk:
            member.require(Act.REMOVE_ANY)
        was_locked = item.locked
        item.state, item.locked = ItemState.REMOVED, False
        item.save(update_fields=["state", "locked"])
        publish(room, QueueRemoved(str(item.pk), why="removed"))
        if was_locked:
            wake_soon(room)  # to fix another one in its place


def _waiting_in(room: Room) -> QueueItemQuerySet:
    return QueueItem.objects.filter(room=room).waiting().with_facts()


def _waiting_item(room: Room, item_id: int) -> QueueItem:
    item = QueueItem.objects.filter(room=room, pk=item_id).with_facts().first()
    if item is None or item.state == ItemState.REMOVED:
        raise UnknownItem
    if item.state != ItemState.WAITING:
        raise AlreadyStarted
    return item


def _set_vote(room: Room, item: QueueItem, member: Member, value: int) -> None:
    """Write the vote, keep the tallies equal to the votes, tell who has to know."""
    vote = Vote.objects.filter(item=item, member=member).first()
    before = 0 if vote is None else vote.value
    if value == before:
        return
    if vote is None:
        Vote.objects.create(item=item, member=member, value=value)
    elif value == 0:
        vote.delete()
    else:
        vote.value = value
        vote.save(update_fields=["value"])

    old_facts = facts_of(room)
    item.up += (value == 1) - (before == 1)
    item.down += (value == -1) - (before == -1)
    item.save(update_fields=["up", "down"])
    new_facts = [
        replace(fact, up=item.up, down=item.down) if fact.id == item.pk else fact
        for fact in old_facts
    ]
    shape = item_shape(item)
    publish(
        room,
        QueueTallied(shape["id"], item.up, item.down, item.score, shape["reason"]),
    )
    order = by_votes(new_facts)
    if order != by_votes(old_facts):
        publish(room, QueueOrdered([str(pk) for pk in order]))
    tell(room, member.pk, votes={str(item.pk): value})
