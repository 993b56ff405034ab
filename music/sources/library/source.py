"""The library as a source of music: searched in the database, played from the music folders."""

import base64
import binascii
from pathlib import Path

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.fields import IntegerField

from music.models import LibraryFile, Track
from music.shelf import shelves, tracks_of
from music.sources.base import Page, Playlist, Playlists
from music.sources.library import folders
from music.sources.library.folding import words
from music.sources.library.paths import is_below, real
from music.sources.library.reach import Reach, reach_of
from rooms.errors import Invalid, Unavailable, UnknownPlaylist, UnknownTrack

_MOST_PER_PAGE = 50


class LibrarySource:
    """The audio files of this machine. Its playlists are the shelves."""

    name = "library"
    personal = False

    def search(self, query: str, *, cursor: str | None = None, limit: int = 20) -> Page:
        """Available tracks that contain every word of the query; all of them when it is empty.

        First those whose title begins with the query, then those where each word begins one,
        then the rest; among equals by title. At most 50 at a time. Raises `Invalid` for a
        cursor that no answer gave.
        """
        limit = max(1, min(limit, _MOST_PER_PAGE))
        fitting = _fitting(words(query))
        if cursor is not None:
            fitting = _after(fitting, cursor)
        tracks = list(fitting[: limit + 1])
        if len(tracks) <= limit:
            return Page(tracks)
        return Page(tracks[:limit], _cursor(tracks[limit - 1]))

    def track(self, uri: str) -> Track:
        """The saved track with this uri, available or not. Raises `UnknownTrack`."""
        track = Track.objects.filter(source=self.name, uri=uri).first() if _is_text(uri) else None
        if track is None:
            raise UnknownTrack
        return track

    def reach(self, track: Track) -> Reach:
        """How the file of a track stands. One that was found to be of no use is gone."""
        file = LibraryFile.objects.filter(track=track).first()
        if file is None:
            return Reach.GONE
        path, root = real(file.path), real(file.root)
        if Path(root) not in folders.roots():
            return Reach.UNREACHABLE if folders.is_any_missing() else Reach.GONE
        if not is_below(path, root):
            return Reach.GONE
        reach = reach_of(path, root)
        # What only the disk refused for a moment has an error, too, and is available.
        return Reach.GONE if reach == Reach.THERE and not track.available else reach

    def playlists(self, *, cursor: str | None = None) -> Playlists:
        """The shelves, all at once."""
        if cursor is not None:
            raise _bad_cursor()
        return Playlists([Playlist(each.key, each.title, tracks=each.tracks) for each in shelves()])

    def playlist_tracks(self, playlist_id: str, *, cursor: str | None = None) -> Page:
        """The tracks of a shelf, 50 at a time. Raises `UnknownPlaylist`, `Invalid`."""
        first = _place(cursor)
        tracks = list(tracks_of(playlist_id)[first : first + _MOST_PER_PAGE + 1])
        if not tracks and first == 0:
            raise UnknownPlaylist
        more = len(tracks) > _MOST_PER_PAGE
        return Page(tracks[:_MOST_PER_PAGE], str(first + _MOST_PER_PAGE) if more else None)


def path_of(track: Track) -> Path:
    """Where the sound of a library track lies now.

    The path in the database was free of links and below a music folder when it was scanned;
    unless that is still so, it is not given away. Raises `UnknownTrack`, and `Unavailable` for a
    file that may be there and cannot be reached now.
    """
    match LibrarySource().reach(track):
        case Reach.THERE:
            return Path(real(track.file.path))
        case Reach.GONE:
            raise UnknownTrack
        case _:
            raise Unavailable


def _fitting(wanted: list[str]) -> QuerySet[Track]:
    """Available tracks with all these words in order, each with its `rank`: 0, 1 or 2."""
    everywhere, at_starts = Q(), Q()
    for word in wanted:
        everywhere &= Q(sought__contains=word)
        at_starts &= Q(sought__contains=f" {word}")
    rank: Case | Value = Value(0)
    if wanted:
        rank = Case(
            When(sought__startswith=" " + " ".join(wanted), then=0),
            When(at_starts, then=1),
            default=2,
            output_field=IntegerField(),
        )
    return (
        Track.objects.filter(everywhere, source=LibrarySource.name, available=True)
        .annotate(rank=rank)
        .order_by("rank", "sought", "pk")
    )


def _after(fitting: QuerySet[Track], cursor: str) -> QuerySet[Track]:
    """Those behind the track that the cursor names, which need not be available any more."""
    rank, pk = _read_cursor(cursor)
    last = Track.objects.filter(source=LibrarySource.name, pk=pk).values_list("sought").first()
    if last is None:
        raise _bad_cursor()
    return fitting.filter(
        Q(rank__gt=rank)
        | Q(rank=rank, sought__gt=last[0])
        | Q(rank=rank, sought=last[0], pk__gt=pk)
    )


def _place(cursor: str | None) -> int:
    """Where a page of a shelf begins."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise _bad_cursor()
    return int(cursor)


def _cursor(track: Track) -> str:
    rank: int = getattr(track, "rank")  # noqa: B009
    return base64.urlsafe_b64encode(f"{rank}.{track.pk}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[int, int]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        rank, _, pk = text.decode("ascii").partition(".")
        if len(text) > 20 or rank not in ("0", "1", "2") or not pk.isdigit():
            raise _bad_cursor()
        return int(rank), int(pk)
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error


def _bad_cursor() -> Invalid:
    return Invalid("That page does not exist. Begin again from the first one.")


def _is_text(uri: str) -> bool:
    """Whether a database can be asked for it at all."""
    return uri.isascii() and "\x00" not in uri
