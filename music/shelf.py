"""Shelves: the tracks that a room falls back on when nobody has added any.

The next few of them stand in the queue as rows of the shelf (`music.actions.shelf_rows`).
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, When

from music.models import (
    WONT_PLAY_FOR_MS,
    ItemState,
    PlaylistShelf,
    QueueItem,
    QueueItemQuerySet,
    Track,
)
from music.sources.library import folders
from music.sources.library.paths import stored
from music.titles import TITLE_SENTENCES, Title, own_title
from rooms import clock
from rooms.models import Member, Room, RoomState
from rooms.roles import Role

# A track that somebody took out of the queue, or that failed, is no row again for this long.
OFFERED_AGAIN_AFTER_MS = WONT_PLAY_FOR_MS
# Before the id of a room in the key of the shelf of what played there; so many are offered.
PAST_ROOM, MOST_PAST_ROOMS = "room-", 5
LIBRARY = "library"
# Before the id of a room in the key of the shelf that is a playlist chosen there.
OF_PLAYLIST = "list-"


@dataclass(frozen=True)
class Shelf:
    """A named set of playable tracks of one source: how many, and how long they are together.

    What plays live has no length that counts.
    """

    key: str
    title: Title
    tracks: int
    duration_ms: int
    source: str = LIBRARY


def shelves(room: Room | None = None) -> list[Shelf]:
    """The shelves that hold anything: the house dozen first, then the operator's folders.

    For a room also the playlist that its host has chosen, and the latest rooms that are over and in
    which its host was: what played there.
    """
    if room is None:
        return _filled(_roots())
    chosen = PlaylistShelf.objects.filter(room=room).first()
    own = [] if chosen is None else [_of_playlist(chosen)]
    return _filled(_roots()) + own + _past_rooms(room)


def shelf(key: str) -> Shelf | None:
    """The shelf with this key, or None when it is empty or unknown. See `is_open_to`, too."""
    if (past := _past_room(key)) is not None:
        return _of_past_room(past)
    if (chosen := _playlist(key)) is not None:
        return _of_playlist(chosen)
    return next(iter(_filled(_roots(), _present(key))), None)


def is_open_to(room: Room, key: str) -> bool:
    """Whether a room may choose this shelf: what played in a past room is for who was there."""
    return key in {each.key for each in shelves(room)}


def key_of_playlist(room: Room) -> str:
    """The key of the shelf that is a playlist which the host of this room has chosen."""
    return f"{OF_PLAYLIST}{room.pk}"


def tracks_of(key: str) -> QuerySet[Track]:
    """The tracks of a shelf that can be played, in the order of their files."""
    on_shelf = _on_shelf(key)
    if on_shelf is None:
        return Track.objects.none()
    return Track.objects.filter(on_shelf, available=True).order_by("file__path", "pk")


def next_track(
    *, room: Room, key: str, without: Collection[int] = (), away: Collection[str] = ()
) -> Track | None:
    """The track of a shelf that has rested longest in this room; None from an empty shelf.

    Tracks never played here come first, in the order of their files. What waits in the queue
    is left out, in any spelling, and so is what proved broken here a short while ago. What was
    taken out of the queue lately is taken only when there is nothing else, and what plays right
    now after that. `without`: ids of tracks to leave out, too, and `away`: sources and parts of
    them. One query, that looks at one past play per track however long the history is.
    """
    here = QueueItem.objects.filter(room=room)
    removed = here.set_aside_since(clock.now_ms() - OFFERED_AGAIN_AFTER_MS)
    playing = here.filter(state=ItemState.PLAYING)
    last_choice = Case(
        When(pk__in=playing.values("track"), then=2),
        When(pk__in=removed.values("track"), then=1),
        default=0,
    )
    tracks = _rested_longest(room, key, last_choice)
    return tracks.exclude(pk__in=without).exclude(_held_by(away)).first()


def next_rows(*, room: Room, key: str, most: int, away: Collection[str] = ()) -> list[Track]:
    """The tracks of a shelf to stand in the queue next, each recording once, in one query.

    As `next_track` finds them, but never what plays now, nor what was taken out or failed lately.
    """
    here = QueueItem.objects.filter(room=room)
    lately = here.set_aside_since(clock.now_ms() - OFFERED_AGAIN_AFTER_MS)
    playing = here.filter(state=ItemState.PLAYING)
    tracks = (
        _rested_longest(room, key)
        .exclude(_held_by(away))
        .exclude(_any_spelling(lately) | _any_spelling(playing))
    )
    rows: dict[str, Track] = {}
    # A shelf may have one recording in several files.
    for track in tracks[: 2 * most]:
        rows.setdefault(track.recording or track.uri, track)
    return list(rows.values())[:most]


def _rested_longest(room: Room, key: str, *first: Case) -> QuerySet[Track]:
    """The tracks of a shelf that neither wait in a room nor are broken, by their last start."""
    on_shelf = _on_shelf(key)
    if on_shelf is None:
        return Track.objects.none()
    here = QueueItem.objects.filter(room=room)
    starts = here.filter(track=OuterRef("pk"), started_at_ms__isnull=False)
    last_start = starts.order_by("-started_at_ms").values("started_at_ms")[:1]
    failed = here.broken_since(clock.now_ms() - WONT_PLAY_FOR_MS)
    resting: QuerySet[Track] = Track.objects.filter(on_shelf, available=True).exclude(
        _any_spelling(here.waiting()) | _any_spelling(failed)
    )
    return resting.order_by(*first, Subquery(last_start).asc(nulls_first=True), "file__path", "pk")


def _held_by(away: Collection[str]) -> Q:
    """Tracks of these sources and parts of them, such as a music folder or a station."""
    return Q(source__in=away) | Q(folder__in=away)


def _any_spelling(items: QueueItemQuerySet) -> Q:
    """Tracks that are the recordings of these items."""
    named = items.exclude(track__recording="")
    return Q(pk__in=items.values("track")) | Q(recording__in=named.values("track__recording"))


def _on_shelf(key: str) -> Q | None:
    """What is on a shelf; None: there is no such shelf."""
    if (past := _past_room(key)) is not None:
        played = QueueItem.objects.filter(room=past, state=ItemState.PLAYED)
        return Q(source=LIBRARY, pk__in=played.values("track"))
    if (chosen := _playlist(key)) is not None:
        return Q(playlist_shelves=chosen)
    root = _roots().get(_present(key))
    return None if root is None else Q(file__root=root)


def _present(key: str) -> str:
    """The shelf's key; of the house's once the past room or the playlist has been erased."""
    return folders.HOUSE if key.startswith((PAST_ROOM, OF_PLAYLIST)) else key


def _past_room(key: str) -> Room | None:
    number = key.removeprefix(PAST_ROOM)
    if not key.startswith(PAST_ROOM) or not number.isdecimal():
        return None
    return Room.objects.filter(pk=int(number), state=RoomState.ENDED).first()


def _playlist(key: str) -> PlaylistShelf | None:
    number = key.removeprefix(OF_PLAYLIST)
    if not key.startswith(OF_PLAYLIST) or not number.isdecimal():
        return None
    return PlaylistShelf.objects.filter(pk=int(number)).first()


def _of_playlist(chosen: PlaylistShelf) -> Shelf:
    length_ms = Sum("duration_ms", filter=Q(live=False))
    sums = chosen.tracks.aggregate(tracks=Count("pk"), duration_ms=length_ms)
    key = f"{OF_PLAYLIST}{chosen.pk}"
    # A process of a former version writes another title and leaves the code.
    sentence = TITLE_SENTENCES.get(chosen.code)
    is_ours = sentence is not None and sentence.text == chosen.title
    title = Title(chosen.title, chosen.code if is_ours else "")
    return Shelf(key, title, sums["tracks"], sums["duration_ms"] or 0, chosen.source)


def _past_rooms(room: Room) -> list[Shelf]:
    hosts = Member.objects.filter(room=room, role=Role.HOST).values("guest")
    there = Member.objects.arrived().inside().filter(guest__in=hosts).values("room")
    over = Room.objects.filter(pk__in=there, state=RoomState.ENDED).order_by("-ended_at_ms")
    return [found for past in over[:MOST_PAST_ROOMS] if (found := _of_past_room(past))]


def _of_past_room(past: Room) -> Shelf | None:
    key = f"{PAST_ROOM}{past.pk}"
    sums = tracks_of(key).aggregate(tracks=Count("pk"), duration_ms=Sum("duration_ms"))
    if not sums["tracks"]:
        return None
    title = own_title("past_room", name=past.name)
    return Shelf(key, title, sums["tracks"], sums["duration_ms"])


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
