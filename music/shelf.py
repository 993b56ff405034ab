"""Shelves: the tracks that a room falls back on when nobody has added any."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, When

from music.models import WONT_PLAY_FOR_MS, ItemState, QueueItem, QueueItemQuerySet, Track
from music.sources.library import folders
from music.sources.library.paths import stored
from rooms import clock
from rooms.models import Room


@dataclass(frozen=True)
class Shelf:
    """A named set of playable tracks: how many, and how long they are together."""

    key: str
    title: str
    tracks: int
    duration_ms: int


def shelves() -> list[Shelf]:
    """The shelves that hold anything: the house dozen first, then the operator's folders."""
    return _filled(_roots())


def shelf(key: str) -> Shelf | None:
    """The shelf with this key, or None when it is empty or unknown."""
    return next(iter(_filled(_roots(), key)), None)


def tracks_of(key: str) -> QuerySet[Track]:
    """The tracks of a shelf that can be played, in the order of their files."""
    root = _roots().get(key, "")
    return Track.objects.filter(available=True, file__root=root).order_by("file__path")


def next_track(*, room: Room, key: str, without: Collection[int] = ()) -> Track | None:
    """The track of a shelf that has rested longest in this room; None from an empty shelf.

    Tracks never played here come first, in the order of their files. What waits in the queue
    is left out, in any spelling, and so is what proved broken here a short while ago; what plays
    right now is taken only when there is nothing else. `without`: ids of tracks to leave out, too.
    One query, that looks at one past play per track however long the history is.
    """
    root = _roots().get(key)
    if root is None:
        return None
    here = QueueItem.objects.filter(room=room)
    starts = here.filter(track=OuterRef("pk"), started_at_ms__isnull=False)
    last_start = starts.order_by("-started_at_ms").values("started_at_ms")[:1]
    playing = here.filter(state=ItemState.PLAYING).values("track")
    failed = here.broken_since(clock.now_ms() - WONT_PLAY_FOR_MS)
    resting: QuerySet[Track] = Track.objects.filter(available=True, file__root=root).exclude(
        _any_spelling(here.waiting()) | _any_spelling(failed) | Q(pk__in=without)
    )
    return resting.order_by(
        Case(When(pk__in=playing, then=1), default=0),
        Subquery(last_start).asc(nulls_first=True),
        "file__path",
    ).first()


def _any_spelling(items: QueueItemQuerySet) -> Q:
    """Tracks that are the recordings of these items."""
    named = items.exclude(track__recording="")
    return Q(pk__in=items.values("track")) | Q(recording__in=named.values("track__recording"))


def _roots() -> dict[str, str]:
    """Music folders as the database names them, by the key of their shelf."""
    return {key: stored(str(root)) for key, root in folders.roots_by_key().items()}


def _filled(roots: dict[str, str], only: str | None = None) -> list[Shelf]:
    """Those of these shelves that hold anything, or only the one with that key."""
    wanted = [root for key, root in roots.items() if only in (None, key)]
    sums = {
        root: (tracks, duration_ms)
        for root, tracks, duration_ms in Track.objects.filter(available=True, file__root__in=wanted)
        .values_list("file__root")
        .annotate(Count("pk"), Sum("duration_ms"))
    }
    titles = folders.titles()
    return [Shelf(key, titles[key], *sums[root]) for key, root in roots.items() if root in sums]
