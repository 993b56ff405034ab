"""Many who have just come and want one thing only: their votes wait a little before they count.

A friend of the host's arrives with five others, or one person opens a dozen private windows: from
here both look alike. So nothing is refused and nothing lost. The votes are held back from the
order until the host or a co-host lets them count, or until their voters have been here for ten
minutes.
"""

from collections import Counter, defaultdict
from collections.abc import Collection

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from music.models import QueueItem, Vote
from music.ordering import Facts
from rooms import clock
from rooms.models import Member, Room

# Who joined within this time is a newcomer, and their votes may be held.
NEW_FOR_MS = 10 * 60 * 1000
# At the beginning of a party everybody is new.
SETTLED_AFTER_MS = 15 * 60 * 1000
# So many newcomers who vote one way on one item, and on nothing else, are held back when they
# outnumber the others who vote that way …
MANY = 6
# … and so many, whatever else they vote on, when all come from one network that nobody else in
# the room is in.
MANY_OF_ONE_NETWORK = 3

# Whether the voter has voted on something else, too.
ELSEWHERE = Exists(Vote.objects.filter(member=OuterRef("member")).exclude(item=OuterRef("item")))

# For an item and a value, how many votes are held from now on.
Held = list[tuple[int, int, int]]


def hold(room: Room, facts: Collection[Facts]) -> Held:
    """Hold back the votes on these items of a locked room that look like a brigade's.

    `facts` count all votes that are not held yet. Returns what was held just now. One query in a
    settled room and none in a new one, as long as nothing looks like it; the rows it reads grow
    with the networks that newcomers come from, not with their number.
    """
    now_ms = clock.now_ms()
    if not facts or not is_settled(room, now_ms):
        return []
    counted = {(fact.id, 1): fact.up for fact in facts}
    counted |= {(fact.id, -1): fact.down for fact in facts}
    groups = _groups([fact.id for fact in facts], now_ms)
    if not any(group.total() >= MANY_OF_ONE_NETWORK for group in groups.values()):
        return []
    strange = _strange_networks(room, {origin for group in groups.values() for origin, _ in group})
    held = []
    for (item_id, value), group in groups.items():
        votes = _new_votes([item_id], now_ms).filter(value=value, held=False)
        many = sum(number for (_, only), number in group.items() if only)
        others = counted[item_id, value] - votes.filter(~ELSEWHERE).count()
        networks: Counter[str] = Counter()
        for (origin, _), number in group.items():
            networks[origin] += number
        crowded = [o for o in strange if networks[o] >= MANY_OF_ONE_NETWORK]
        suspect = Q(member__origin__in=crowded)
        if many >= MANY and many > others:
            suspect |= Q(~ELSEWHERE)
        if number := votes.filter(suspect).update(held=True):
            held.append((item_id, value, number))
    if held:
        set_next_release({item_id for item_id, _, _ in held})
    return held


def is_settled(room: Room, now_ms: int) -> bool:
    """Whether it means anything in this room to have just come."""
    return room.created_at_ms <= now_ms - SETTLED_AFTER_MS


def skips_from_ms(member: Member, *, opened_at_ms: int) -> int | None:
    """From when on a member of a room opened then may ask to skip; None: they may already.

    Who came before it was settled always may: the others joined with them.
    """
    settled_at_ms = opened_at_ms + SETTLED_AFTER_MS
    from_ms = member.joined_at_ms + NEW_FOR_MS
    came_late = member.joined_at_ms >= settled_at_ms
    return from_ms if came_late and from_ms > clock.now_ms() else None


def skips_already(members: QuerySet[Member], room: Room) -> QuerySet[Member]:
    """Those of these members of a room for whom `skips_from_ms` is None."""
    return members.exclude(
        joined_at_ms__gte=room.created_at_ms + SETTLED_AFTER_MS,
        joined_at_ms__gt=clock.now_ms() - NEW_FOR_MS,
    )


def releasable(item_ids: Collection[int], now_ms: int) -> QuerySet[Vote]:
    """Held votes on these items whose voters are no newcomers any more."""
    return Vote.objects.filter(
        item__in=item_ids, held=True, member__joined_at_ms__lte=now_ms - NEW_FOR_MS
    )


def set_next_release(item_ids: Collection[int]) -> None:
    """Write down when the first of the votes held on each of these items will count."""
    held = Vote.objects.filter(item=OuterRef("pk"), held=True)
    first = held.order_by("member__joined_at_ms").values(at=F("member__joined_at_ms") + NEW_FOR_MS)
    QueueItem.objects.filter(pk__in=item_ids).update(held_until_ms=Subquery(first[:1]))


def _new_votes(item_ids: Collection[int], now_ms: int) -> QuerySet[Vote]:
    """Votes on these items by newcomers."""
    return Vote.objects.filter(
        item__in=item_ids,
        item__trusted=False,
        member__joined_at_ms__gt=now_ms - NEW_FOR_MS,
    )


# How many votes there are by network, and by whether their voters have voted on nothing else.
_Group = Counter[tuple[str, bool]]


def _groups(item_ids: Collection[int], now_ms: int) -> dict[tuple[int, int], _Group]:
    """How many of these votes there are by item and value."""
    groups: dict[tuple[int, int], _Group] = defaultdict(Counter)
    votes = _new_votes(item_ids, now_ms).annotate(only=~ELSEWHERE)
    rows = votes.values_list("item_id", "value", "member__origin", "only")
    for item_id, value, origin, only, many in rows.annotate(Count("pk")).order_by():
        groups[item_id, value][origin, only] = many
    return groups


def _strange_networks(room: Room, origins: set[str]) -> set[str]:
    """Those of these networks that none of the longer-standing members is in."""
    known = Member.objects.arrived().filter(
        room=room, origin__in=origins, joined_at_ms__lte=clock.now_ms() - NEW_FOR_MS
    )
    return origins - set(known.values_list("origin", flat=True).distinct()) - {""}
