"""The artists, albums and folders of the library, and their tracks."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from weakref import WeakKeyDictionary

from music.sources.library import folders
from music.sources.library.catalog import Catalog, Entry
from music.sources.library.folding import fold
from music.sources.library.paths import is_below, shown, stored
from music.titles import Title, own_title

_VARIOUS = own_title("various_artists")
_NOBODY = Title("")
_ID_LENGTH = 16


class GroupKind(StrEnum):
    """By what the library can be browsed."""

    ARTISTS = "artists"
    ALBUMS = "albums"
    FOLDERS = "folders"


@dataclass(frozen=True)
class Group:
    """Tracks that belong together, by index. `id` is the same in all processes and revisions.

    `of`: the artist of an album, or the folders around a folder, the nearest last; may be empty.
    `cover`: the picture of the first track that has one, or "".
    """

    id: str
    name: Title
    of: Title
    tracks: Sequence[int]
    cover: str


Groups = Mapping[str, Group]
_known: WeakKeyDictionary[Catalog, dict[GroupKind, Groups]] = WeakKeyDictionary()


def groups_of(catalog: Catalog, kind: GroupKind) -> Groups:
    """The groups of this kind by id, in the order in which they are shown."""
    known = _known.setdefault(catalog, {})
    if kind not in known:
        known[kind] = {group.id: group for group in _FINDERS[kind](catalog)}
    return known[kind]


def _artists(catalog: Catalog) -> list[Group]:
    """Everybody who is named as an artist of a track, in whatever spelling most tracks have."""
    tracks: dict[str, list[int]] = defaultdict(list)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    folded = cache(fold)
    for at in catalog.available:
        for name in catalog.entries[at].artists:
            key = folded(name)
            if at not in tracks[key][-1:]:
                tracks[key].append(at)
            names[key][name] += 1

    def name_of(key: str) -> str:
        return names[key].most_common(1)[0][0]

    found = [
        _group(catalog, GroupKind.ARTISTS, key, Title(name_of(key)), _NOBODY, each)
        for key, each in tracks.items()
    ]
    return sorted(found, key=lambda group: fold(group.name.text))


def _albums(catalog: Catalog) -> list[Group]:
    """Albums by name and artist; one with several artists is what lies in one folder."""
    folded = cache(fold)
    by_folder = defaultdict(list)
    for at in catalog.available:
        entry = catalog.entries[at]
        if entry.album:
            by_folder[folded(entry.album), os.path.dirname(entry.path or "")].append(at)
    merged: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    artists: dict[tuple[str, str, str], Title] = {}
    for (album, folder), tracks in by_folder.items():
        names = {folded(_first_artist(catalog.entries[at])) for at in tracks}
        name = names.pop() if len(names) == 1 else None
        key = (album, "", name) if name is not None else (album, folder, _VARIOUS.text)
        merged[key] += tracks
        artists[key] = (
            Title(_first_artist(catalog.entries[tracks[0]])) if name is not None else _VARIOUS
        )
    found = [
        _group(
            catalog,
            GroupKind.ALBUMS,
            key,
            Title(catalog.entries[tracks[0]].album),
            artists[key],
            tracks,
        )
        for key, tracks in merged.items()
    ]
    return sorted(found, key=lambda group: (fold(group.name.text), fold(group.of.text), group.id))


def _folders(catalog: Catalog) -> list[Group]:
    """Each folder with tracks right in it, in the order of their paths. No path of the machine."""
    titles = folders.titles()
    tops = {stored(str(root)): titles[key] for key, root in folders.roots_by_key().items()}
    tracks = defaultdict(list)
    for at in catalog.available:
        entry = catalog.entries[at]
        if entry.path is not None and entry.root in tops:
            tracks[entry.root, os.path.dirname(entry.path)].append(at)
    found = []
    for (root, folder), each in sorted(tracks.items()):
        below = folder.removeprefix(root).strip(os.sep) if is_below(folder, root) else ""
        parts = [tops[root], *(Title(shown(part)) for part in below.split(os.sep) if part)]
        found.append(
            _group(catalog, GroupKind.FOLDERS, folder, parts[-1], _around(parts[:-1]), each)
        )
    return found


_FINDERS: Mapping[GroupKind, Callable[[Catalog], list[Group]]] = {
    GroupKind.ARTISTS: _artists,
    GroupKind.ALBUMS: _albums,
    GroupKind.FOLDERS: _folders,
}


def _around(parts: list[Title]) -> Title:
    """The folders around a folder, in one."""
    return parts[0] if len(parts) == 1 else Title(" / ".join(part.text for part in parts))


def _first_artist(entry: Entry) -> str:
    return entry.artists[0] if entry.artists else ""


def _group(
    catalog: Catalog, kind: GroupKind, key: Hashable, name: Title, of: Title, tracks: list[int]
) -> Group:
    covers: Iterator[str] = (catalog.entries[at].cover for at in tracks)
    digest = sha256(f"{kind}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()
    return Group(digest[:_ID_LENGTH], name, of, tracks, next(filter(None, covers), ""))
