"""Rooms as a bench needs them: people, a queue, a past. Written into the database directly.

The benches themselves are clients and load no Django; `python -m bench.stage` runs beside them, in
the environment of the installation, and says what it has made.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.servers import ROOT

BATCH = 5000
TRACK_MS = 200_000
TEXT = "{} Who put this on? It is the best one of the night, once more please"


@dataclass(frozen=True)
class Wanted:
    """`people` are members (the first is the host), `queue` and `history` numbers of items.

    All of `voters`, further members, have voted for the first item. The people have written
    `messages` in turns.
    """

    people: int = 1
    queue: int = 0
    history: int = 0
    voters: int = 0
    messages: int = 0


@dataclass(frozen=True)
class Stage:
    """A room that is ready: its code and number, everybody's cookie, what waits."""

    code: str
    room: int
    cookies: list[str]
    items: list[int]


def stage(environment: dict[str, str], *wanted: Wanted, root: Path = ROOT) -> list[Stage]:
    """Make these rooms in an installation of the version that is checked out at `root`."""
    ran = subprocess.run(
        [sys.executable, "-m", "bench.stage", json.dumps([_facts(each) for each in wanted])],
        cwd=root, env=environment, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return [Stage(**made) for made in json.loads(ran.stdout)]


def _facts(wanted: Wanted) -> dict[str, int]:
    """Without zeros: another version may know fewer of them."""
    return {name: number for name, number in asdict(wanted).items() if number}


def _make(wanted: Wanted) -> Stage:
    from chat.models import ChatMessage
    from music.models import ItemState, QueueItem, Track, Vote
    from rooms import clock
    from rooms.access import cookie_of
    from rooms.actions import open_room
    from rooms.models import Member, new_guest

    host = open_room(guest=new_guest(), name="Bench")
    room = host.room
    Member.objects.bulk_create(
        (
            Member(
                room=room, guest=new_guest(), name=f"Listener {number}", seen_at_ms=clock.now_ms()
            )
            for number in range(1, wanted.people + wanted.voters)
        ),
        batch_size=BATCH,
    )
    members = list(room.members.order_by("pk"))
    people, voters = members[: wanted.people], members[wanted.people :]
    Track.objects.bulk_create(
        (
            Track(
                uri=f"library:bench-{number}",
                source="library",
                title=f"A song with a name of usual length {number}",
                artists=["An artist"],
                album="An album",
                duration_ms=TRACK_MS,
                audio=f"/media/audio/bench-{number}",
                cover=f"/media/covers/bench-{number}",
            )
            for number in range(max(wanted.queue, 1))
        ),
        ignore_conflicts=True,
    )
    tracks = list(Track.objects.filter(uri__startswith="library:bench-").order_by("pk"))
    QueueItem.objects.bulk_create(
        (
            QueueItem(
                room=room,
                track=tracks[0],
                added_by=people[number % len(people)],
                state=ItemState.PLAYED,
                started_at_ms=number * TRACK_MS,
                ended_at_ms=(number + 1) * TRACK_MS,
            )
            for number in range(wanted.history)
        ),
        batch_size=BATCH,
    )
    QueueItem.objects.bulk_create(
        QueueItem(
            room=room,
            track=tracks[number],
            added_by=people[number % len(people)],
            up=wanted.voters if number == 0 else 0,
        )
        for number in range(wanted.queue)
    )
    items = list(room.queue.filter(state=ItemState.WAITING).order_by("pk"))
    Vote.objects.bulk_create(
        (Vote(item=items[0], member=voter, value=1) for voter in voters), batch_size=BATCH
    )
    ChatMessage.objects.bulk_create(
        (
            ChatMessage(room=room, member=people[number % len(people)], text=TEXT.format(number))
            for number in range(wanted.messages)
        ),
        batch_size=BATCH,
    )
    cookies = [cookie_of(member.guest) for member in people]
    return Stage(room.code, room.pk, cookies, [item.pk for item in items])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")
    import django

    django.setup()
    print(json.dumps([asdict(_make(Wanted(**each))) for each in json.loads(sys.argv[1])]))
