"""Many who have just come and vote alike: their votes wait a little before they count.

A friend of the host's arrives with five others, or one person opens a dozen private windows: from
here both look alike. So nothing is refused and nothing lost. The votes are held back from the
order until the host or a co-host lets them count, or until their voters have been here for ten
minutes.

Newcomers are judged by what they have voted in all, not by a vote alone, for a second vote costs
one person with many names nothing. Five friends who come together and want the same are below
every threshold but that of a network of their own.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from music.models import QueueItem, Vote
from music.ordering import Facts
from rooms import clock
from rooms.models import Member, Room

# Who joined within this time is a newcomer, and their votes may be held.
NEW_FOR_MS = 10 * 60 * 1000
# At the beginning of a party everybody is new.
SETTLED_AFTER_MS = 15 * 60 * 1000
# So many newcomers who vote one way on one item, and of whose votes at least half are shared by
# half of those who vote so, are held back when they outnumber the others who vote that way.
MANY = 6
# So are so many when they are three quarters of all newcomers who have voted, whatever else they
# have voted on. Of fewer, that many may well agree on a hit.
CROWD = 12
# So are so many, whatever else they vote on, when all come from one network that nobody else in the
# room is in.
MANY_OF_ONE_NETWORK = 3
# The latest so many are judged, of the newcomers who vote one way on one item and of all who have
# voted: those before them have been judged, and a vote must not grow dearer with a crowd.
JUDGED = 100

# For an item and a value, how many votes are held from now on.
Held = list[tuple[int, int, int]]


def hold(room: Room, facts: Collection[Facts]) -> Held:
    """Hold back the votes on these items of a locked room that look like a brigade's.

    `facts` count all votes that are not held yet. Returns what was held just now. One query in a
    settled room and none in a new one, as long as newcomers do not outnumber the others; at most
    seven for each item, which read what at most `JUDGED` members have voted.
    """
    now_ms = clock.now_ms()
    if not facts or not is_settled(room, now_ms):
        return []
    counted = {(fact.id, 1): fact.up for fact in facts}
    counted |= {(fact.id, -1): fact.down for fact in facts}
    groups = _groups([fact.id for fact in facts], now_ms)
    if not any(group.many >= MANY_OF_ONE_NETWORK for group in groups.values()):
        return []
    strange = _strange_networks(room, {net for group in groups.values() for net in group.networks})
    held = []
    for (item_id, value), group in groups.items():
        votes = _new_votes([item_id], now_ms).filter(value=value)
        crowded = [net for net in strange if group.networks[net] >= MANY_OF_ONE_NETWORK]
        suspect = Q(member__origin__in=crowded)
        settled = counted[item_id, value] - group.counting
        if group.many >= MANY and group.many > settled:
            suspect |= _who_votes_alike(room, votes, settled, now_ms)
        if number := votes.filter(suspect, held=False).update(held=True):
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


@dataclass
class _Group:
    """The newcomers who vote one way on an item: by network, and how many votes count by now."""

    networks: Counter[str] = field(default_factory=Counter)
    counting: int = 0

    @property
    def many(self) -> int:
        return self.networks.total()


def _groups(item_ids: Collection[int], now_ms: int) -> dict[tuple[int, int], _Group]:
    """The newcomers who vote on these items, by item and value."""
    groups: dict[tuple[int, int], _Group] = defaultdict(_Group)
    rows = _new_votes(item_ids, now_ms).values_list("item_id", "value", "member__origin", "held")
    for item_id, value, origin, is_held, many in rows.annotate(Count("pk")).order_by():
        group = groups[item_id, value]
        group.networks[origin] += many
        group.counting += 0 if is_held else many
    return groups


def _who_votes_alike(room: Room, votes: QuerySet[Vote], settled: int, now_ms: int) -> Q:
    """Whose of these newcomers' votes, all on one item and one way, look like one person's.

    `settled` others, who are no newcomers, vote that way.
    """
    voters = list(votes.order_by("-pk").values_list("member_id", flat=True)[:JUDGED])
    alike = _alike(voters)
    others = settled + len(voters) - len(alike)
    if len(alike) >= MANY and len(alike) > others:
        return Q(member__in=alike)
    if len(voters) >= CROWD and _are_most(room, votes, now_ms):
        return Q(member__in=voters)
    return Q(pk__in=[])


def _alike(voters: Collection[int]) -> list[int]:
    """Those of these members of whose votes at least half are among the group's common ones.

    A vote is common when at least half of the group have cast it, that on the item among them.
    """
    theirs = Vote.objects.filter(member__in=voters).order_by()
    common = theirs.values_list("item_id", "value").annotate(many=Count("pk"))
    ways: dict[int, list[int]] = {1: [], -1: []}
    for item_id, value, _ in common.filter(many__gte=(len(voters) + 1) // 2):
        ways[value].append(item_id)
    is_common = Q(value=1, item__in=ways[1]) | Q(value=-1, item__in=ways[-1])
    ballots = theirs.values_list("member_id").annotate(
        many=Count("pk"), shared=Count("pk", filter=is_common)
    )
    return [member_id for member_id, many, shared in ballots if 2 * shared >= many]


def _are_most(room: Room, votes: QuerySet[Vote], now_ms: int) -> bool:
    """Whether these votes are those of three in four newcomers who have voted at all."""
    newcomers = Member.objects.arrived().filter(room=room, joined_at_ms__gt=now_ms - NEW_FOR_MS)
    voting = newcomers.filter(Exists(Vote.objects.filter(member=OuterRef("pk"))))
    latest = list(voting.order_by("-pk").values_list("pk", flat=True)[:JUDGED])
    so = votes.filter(member__in=latest).count()
    return so >= CROWD and 4 * so >= 3 * len(latest)


def _strange_networks(room: Room, origins: set[str]) -> set[str]:
    """Those of these networks that none of the longer-standing members is in."""
    known = Member.objects.arrived().filter(
        room=room, origin__in=origins, joined_at_ms__lte=clock.now_ms() - NEW_FOR_MS
    )
    return origins - set(known.values_list("origin", flat=True).distinct()) - {""}
