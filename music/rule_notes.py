"""What those rules of the music do at this moment whose effect can be counted, in a sentence.

In the language of the page that shows them.
"""

from collections import Counter
from math import ceil

from django.db.models import Max
from django.utils.translation import gettext, ngettext

from music.actions.skips import skip_needed, who_may_skip
from music.closing import closes_at_ms
from music.models import QueueItem
from music.room_rules import Mode, music_rules
from rooms import clock
from rooms.models import Room
from rooms.roles import Role
from rooms.sentences import isolated

MINUTE_MS = 60_000


def open_requests(room: Room) -> str:
    """How many people have as many tracks waiting as they may."""
    limit = music_rules(room).open_requests
    if limit is None:
        return gettext("Nobody is held back.")
    asked = QueueItem.objects.filter(room=room, added_by__role=Role.LISTENER).waiting()
    waiting = Counter(asked.values_list("added_by", flat=True))
    many = sum(count >= limit for count in waiting.values())
    if many == 0:
        return gettext("Nobody has so many now. Hosts may add more.")
    return ngettext("{n} person has so many now.", "{n} people have so many now.", many).format(
        n=many
    )


def rest_min(room: Room) -> str:
    """Which track is free again first. What came from the shelf never rests."""
    rules = music_rules(room)
    if rules.rest_min == 0:
        return gettext("It may return at once.")
    now_ms = clock.now_ms()
    played = QueueItem.objects.asked_for_since(now_ms - rules.rest_ms).filter(room=room)
    starts = played.values_list("track", "track__title").annotate(last=Max("started_at_ms"))
    resting = list(starts.order_by("last"))
    if not resting:
        return gettext("Nothing rests now.")
    _, title, last = resting[0]
    left = ceil((last + rules.rest_ms - now_ms) / MINUTE_MS)
    named = isolated(title)
    if len(resting) == 1:
        return gettext("{title} rests {min} min more.").format(title=named, min=left)
    return gettext("{n} tracks rest now. Free first, in {min} min: {title}.").format(
        n=len(resting), min=left, title=named
    )


def artist_in_a_row(room: Room) -> str:
    """What the limit means in the order that holds."""
    rules = music_rules(room)
    if rules.mode == Mode.HOST:
        return gettext("Not in host order.")
    if rules.artist_in_a_row is None:
        return gettext("Whole albums may run.")
    if rules.artist_in_a_row == 1:
        return gettext("Another artist comes between where one waits.")
    return gettext("At most, so nobody runs an album.")


def longest_min(room: Room) -> str:
    """Whether there is a limit."""
    if music_rules(room).longest_min is None:
        return gettext("However long a track is, it may be added.")
    return gettext("Longer ones are refused with this number.")


def skip_percent(room: Room) -> str:
    """How many votes that is now."""
    may_ask, needed = who_may_skip(room).count(), skip_needed(room)
    if may_ask == 0:
        return gettext("Nobody who may ask is here now.")
    people = ngettext("{n} person", "{n} people", may_ask).format(n=may_ask)
    votes = ngettext("{n} vote", "{n} votes", needed).format(n=needed)
    return gettext("With {people} here who may ask: {votes}.").format(people=people, votes=votes)


def closes_after_min(room: Room) -> str:
    """How long that is from now."""
    moment = closes_at_ms(room)
    if moment is None:
        return gettext("The room stays open.")
    left = ceil((moment - clock.now_ms()) / MINUTE_MS)
    if left <= 0:
        return gettext("It is over.")
    return gettext("In {min} min. The last one is chosen by votes.").format(min=left)


_COUNTED = (
    open_requests,
    rest_min,
    artist_in_a_row,
    longest_min,
    skip_percent,
    closes_after_min,
)
RULE_NOTES = {each.__name__: each for each in _COUNTED}
