"""The sources of music that there are, and the way from a uri to its track."""

from music.models import Track
from music.sources.base import Source
from music.sources.library.source import LibrarySource
from rooms.errors import Invalid, UnknownTrack

_SOURCES: dict[str, Source] = {known.name: known for known in (LibrarySource(),)}


def sources() -> list[Source]:
    """All sources, the library first."""
    return list(_SOURCES.values())


def source(name: str) -> Source:
    """The source of this name. Raises `Invalid`."""
    if name not in _SOURCES:
        raise Invalid(f"There is no source of that name; there are: {', '.join(_SOURCES)}.")
    return _SOURCES[name]


def resolve(uri: str) -> Track:
    """The track that a uri names, if it can be had now. Raises `UnknownTrack`."""
    known = _SOURCES.get(uri.partition(":")[0])
    if known is None:
        raise UnknownTrack
    track = known.track(uri)
    if not track.available:
        raise UnknownTrack("That track is not available any more.")
    return track


def playable(track: Track) -> bool:
    """Whether a device could play this track now."""
    known = _SOURCES.get(track.source)
    return known is not None and known.playable(track)
