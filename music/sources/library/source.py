"""The library as a source of music: searched in memory, played from the music folders."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from music.add_checks import unfit_tracks
from music.errors import UnknownGroup, UnknownPage, UnknownPlaylist, UnknownTrack
from music.models import LibraryFile, Track
from music.shelf import shelves, tracks_of
from music.sources.base import Page, Playlist, Playlists
from music.sources.library import folders
from music.sources.library.browsing import Group, GroupKind, groups_of
from music.sources.library.catalog import SOURCE, Catalog, catalog
from music.sources.library.matching import find_matches
from music.sources.library.paging import MOST_PER_PAGE, Unfit, page_of
from music.sources.library.paths import is_below, real
from music.sources.library.reach import FileReach, reach_of
from rooms.errors import Unavailable
from rooms.models import Room

GROUPS_PER_PAGE = 100


@dataclass(frozen=True)
class GroupPage:
    """Some artists, albums or folders, and the cursor of those after them (None at the end)."""

    groups: list[Group]
    next: str | None


class LibrarySource:
    """The audio files of this machine. Its playlists are the shelves of the music folders.

    `unfit` gives what the room refuses now, whoever adds it: that stands last in what is found.
    """

    name = SOURCE

    def __init__(self, unfit: Callable[[], Unfit] = tuple) -> None:
        self._unfit = unfit

    def search(self, query: str, *, cursor: str | None = None, limit: int = 20) -> Page:
        """Available tracks that contain every word of the query; all of them when it is empty.

        First those whose title begins with the query, then those where each word begins one,
        then the rest; among equals by title. Where nothing has all the words, what has nearly
        them, the nearest first, and the page is `near`. At most 50 at a time. Raises `Invalid`
        for a cursor that no answer gave.
        """
        known = catalog()
        matches = find_matches(known, query)
        return self._page(known, matches.found, cursor, limit=limit, near=matches.near)

    def shuffled(self, seed: int, *, cursor: str | None = None) -> Page:
        """All available tracks in an order that only the seed decides, 50 at a time."""
        known = catalog()

        def place(at: int) -> int:
            # Of numbers, Python's hash is the same in all processes, and mixes well in a tuple.
            return hash((seed, known.entries[at].pk))

        return self._page(known, ((0, at) for at in known.available), cursor, place)

    def groups(self, kind: GroupKind, *, cursor: str | None = None) -> GroupPage:
        """The artists and albums by name, or the folders by path, 100 at a time."""
        first = _place(cursor)
        found = list(groups_of(catalog(), kind).values())
        following = first + GROUPS_PER_PAGE
        return GroupPage(found[first:following], str(following) if following < len(found) else None)

    def tracks_of_group(self, kind: GroupKind, id: str, *, cursor: str | None = None) -> Page:
        """The tracks of one of them, in the order of their files. Raises `UnknownGroup`."""
        known = catalog()
        group = groups_of(known, kind).get(id)
        if group is None:
            raise UnknownGroup
        by_path = known.places_by_path
        return self._page(known, ((0, at) for at in group.tracks), cursor, by_path.__getitem__)

    def _page(
        self,
        known: Catalog,
        matches: Iterable[tuple[int, int]],
        cursor: str | None,
        place: Callable[[int], int] = int,
        *,
        limit: int = MOST_PER_PAGE,
        near: bool = False,
    ) -> Page:
        """Some of these tracks as they are now; by default by title, as the catalog has them."""
        limit = max(1, min(limit, MOST_PER_PAGE))
        ids, following = page_of(
            known, matches, place=place, unfit=self._unfit(), cursor=cursor, limit=limit
        )
        tracks = Track.objects.filter(available=True).in_bulk(ids)
        return Page([tracks[pk] for pk in ids if pk in tracks], following, near=near)

    def track(self, uri: str) -> Track:
        """The saved track with this uri, available or not. Raises `UnknownTrack`."""
        track = Track.objects.filter(source=self.name, uri=uri).first() if _is_text(uri) else None
        if track is None:
            raise UnknownTrack
        return track

    def reach(self, track: Track) -> FileReach:
        """How the file of a track stands. One that was found to be of no use is gone."""
        file = LibraryFile.objects.filter(track=track).first()
        if file is None:
            return FileReach.GONE
        path, root = real(file.path), real(file.root)
        if Path(root) not in folders.roots():
            return FileReach.UNREACHABLE if folders.is_any_missing() else FileReach.GONE
        if not is_below(path, root):
            return FileReach.GONE
        reach = reach_of(path, root)
        # What only the disk refused for a moment has an error, too, and is available.
        return FileReach.GONE if reach == FileReach.THERE and not track.available else reach

    def playlists(self, *, cursor: str | None = None) -> Playlists:
        """The shelves of the music folders, all at once."""
        if cursor is not None:
            raise UnknownPage()
        return Playlists([Playlist(each.key, each.title, tracks=each.tracks) for each in shelves()])

    def playlist_tracks(self, playlist_id: str, *, cursor: str | None = None) -> Page:
        """The tracks of a music folder, 50 at a time. Raises `UnknownPlaylist`, `Invalid`.

        Other shelves, of one room alone, are no playlists: whoever asks may be in any room.
        """
        if playlist_id not in folders.roots_by_key():
            raise UnknownPlaylist
        first = _place(cursor)
        tracks = list(tracks_of(playlist_id)[first : first + MOST_PER_PAGE + 1])
        if not tracks and first == 0:
            raise UnknownPlaylist
        more = len(tracks) > MOST_PER_PAGE
        return Page(tracks[:MOST_PER_PAGE], str(first + MOST_PER_PAGE) if more else None)


def library_of(room: Room) -> LibrarySource:
    """The library, in which stands last what this room refuses now."""
    return LibrarySource(partial(unfit_tracks, room))


def path_of(track: Track) -> Path:
    """Where the sound of a library track lies now.

    The path in the database was free of links and below a music folder when it was scanned;
    unless that is still so, it is not given away. Raises `UnknownTrack`, and `Unavailable` for a
    file that may be there and cannot be reached now.
    """
    match LibrarySource().reach(track):
        case FileReach.THERE:
            return Path(real(track.file.path))
        case FileReach.GONE:
            raise UnknownTrack
        case _:
            raise Unavailable


def _place(cursor: str | None) -> int:
    """Where a page of a shelf begins."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise UnknownPage()
    return int(cursor)


def _is_text(uri: str) -> bool:
    """Whether a database can be asked for it at all."""
    return uri.isascii() and "\x00" not in uri
