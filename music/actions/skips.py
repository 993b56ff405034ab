"""Who may ask to skip what plays, and how many must."""

from math import ceil

from django.db.models import QuerySet

from music.actions import newcomers
from rooms import clock
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.rules import Who


def skip_needed(room: Room) -> int:
    """How many must ask: a share of those active who may, but never one person alone."""
    return max(2, ceil(who_may_skip(room).count() * room.rules.skip_percent / 100))


def who_may_skip(room: Room) -> QuerySet[Member]:
    """Those active who may ask to skip; when everybody does, it must be enough."""
    active = Member.objects.active(clock.now_ms()).filter(room=room, muted=False)
    if room.rules.may_skip == Who.HOSTS:
        active = active.exclude(role=Role.LISTENER)
    return newcomers.skips_already(active, room)
