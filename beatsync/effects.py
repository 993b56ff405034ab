"""What the rules of a room do at this moment, each in a sentence."""

from collections import Counter
from math import ceil

from django.db.models import Max

from music.actions.skips import skip_needed, who_may_skip
from music.models import QueueItem
from rooms import clock
from rooms.models import Room
from rooms.roles import Role
from rooms.rules import Mode, Rules

MINUTE_MS = 60_000


def effects(room: Room) -> dict[str, str]:
    """What each rule does in this room now, by the rule's name."""
    rules = room.rules
    return {
        "mode": _MODE_NOTES[rules.mode],
        "open_requests": _at_limit(room, rules.open_requests),
        "rest_min": _resting(room, rules.rest_min),
        "artist_in_a_row": _in_a_row(rules),
        "longest_min": (
            "However long a track is, it may be added."
            if rules.longest_min is None
            else "Longer ones are refused with this number."
        ),
        "skip_percent": _skip(room),
        "downvotes": "Counts are shown, names never." if rules.downvotes else "Votes only go up.",
        "explicit": (
            "They may be added like all others."
            if rules.explicit
            else "They cannot be added. Search says so."
        ),
        "speaker_gone": _SPEAKER_NOTES[rules.speaker_gone],
    }


_MODE_NOTES = {
    "votes": "The most votes play next. Rows say why.",
    "fair": "Everyone gets turns, votes decide within them. Rows say why.",
    "host": "The hosts arrange the queue, votes tell them what people want.",
}


_SPEAKER_NOTES = {
    "play_on": "Tracks go on unheard. The next device joins where they are.",
    "wait": "The music pauses. It goes on when a device plays again.",
}


def _at_limit(room: Room, limit: int | None) -> str:
    if limit is None:
        return "Nobody is held back."
    asked = QueueItem.objects.filter(room=room, added_by__role=Role.LISTENER).waiting()
    waiting = Counter(asked.values_list("added_by", flat=True))
    many = sum(count >= limit for count in waiting.values())
    if many == 0:
        return "Nobody has so many now. Hosts may add more."
    return f"{'1 person has' if many == 1 else f'{many} people have'} so many now."


def _resting(room: Room, rest_min: int) -> str:
    """Which track is free again first. What came from the shelf never rests."""
    if rest_min == 0:
        return "It may return at once."
    now_ms, rest_ms = clock.now_ms(), rest_min * MINUTE_MS
    played = QueueItem.objects.asked_for_since(now_ms - rest_ms).filter(room=room)
    starts = played.values_list("track", "track__title").annotate(last=Max("started_at_ms"))
    resting = list(starts.order_by("last"))
    if not resting:
        return "Nothing rests now."
    _, title, last = resting[0]
    left = ceil((last + rest_ms - now_ms) / MINUTE_MS)
    named = f"\u2068{title}\u2069"  # isolated: it may run the other way
    if len(resting) == 1:
        return f"{named} rests {left} min more."
    return f"{len(resting)} tracks rest now. Free first, in {left} min: {named}."


def _skip(room: Room) -> str:
    active = who_may_skip(room).count()
    people = "1 person" if active == 1 else f"{active} people"
    return f"With {people} active who may ask: {skip_needed(room)} votes."


def _in_a_row(rules: Rules) -> str:
    if rules.mode == Mode.HOST:
        return "Not in host order."
    if rules.artist_in_a_row is None:
        return "Whole albums may run."
    if rules.artist_in_a_row == 1:
        return "Another artist comes between where one waits."
    return "At most, so nobody runs an album."
