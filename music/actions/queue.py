"""Adding and removing."""

from music.actions.playback import wake_soon
from music.actions.voting import Ballot, count
from music.events import QueueAdded, QueueRemoved
from music.models import QUEUE_LENGTH, ItemState, QueueItem, QueueItemQuerySet, Track, Vote
from music.queue import order_of
from music.shapes import item_shape
from rooms.errors import AlreadyStarted, QueueFull, UnknownItem
from rooms.models import Member, Room
from rooms.publish import changing_by, publish, tell
from rooms.roles import Act


def add_track(*, member: Member, track: Track) -> tuple[QueueItem, bool]:
    """Put a track into the queue with the member's up-vote; whether it is new there.

    A track that waits already gets the up-vote instead. When nothing plays, the conductor starts
    it. Raises `QueueFull`, `NotAllowed`, `Muted`.
    """
    with changing_by(member) as room:
        member.require(Act.ADD)
        item = _waiting_in(room).filter(track=track).first()
        if item is not None:
            return _voted_up(room, item, member), False
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
    with changing_by(member) as room:
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


def _voted_up(room: Room, item: QueueItem, member: Member) -> QueueItem:
    ballot = Ballot(member, item.pk, 1)
    count(room, [ballot])
    if ballot.tally is not None:
        item.up, item.down = ballot.tally.up, ballot.tally.down
    return item
