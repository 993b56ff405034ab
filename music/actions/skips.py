"""Who may ask to skip what plays, and how many must."""

from math import ceil

from django.db.models import QuerySet

from music.actions import newcomers
from music.models import ItemState, SkipVote
from music.room_rules import music_rules
from rooms import clock
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.rules import OpenTo


def skip_needed(room: Room) -> int:
    """How many must ask: a share of those who may.

    Two at least, but never more than there are: when everybody asks, it is enough.
    """
    people = who_may_skip(room).count()
    share = ceil(people * music_rules(room).skip_percent / 100)
    return max(1, min(people, max(2, share)))


def who_may_skip(room: Room) -> QuerySet[Member]:
    """Those who may ask to skip what plays: of those here now, or a minute ago.

    Who has asked is one of them, wherever they are by now: so is their vote.
    """
    asked = SkipVote.objects.filter(item__room=room, item__state=ItemState.PLAYING)
    here = Member.objects.active(clock.now_ms()) | Member.objects.filter(
        pk__in=asked.values("member")
    )
    here = here.inside().filter(room=room, muted=False)
    if music_rules(room).may_skip == OpenTo.HOSTS:
        here = here.exclude(role=Role.LISTENER)
    return newcomers.skips_already(here, room)
