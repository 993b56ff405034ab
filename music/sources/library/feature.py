"""The library as a source: the music folders of this machine, which every room has."""

from music.sources.base import Capabilities, SourceKind
from music.sources.library import folder_watch
from music.sources.library.catalog import SOURCE as NAME
from music.sources.library.source import LibrarySource, library_of
from rooms.features import Feature

FEATURE = Feature(name=NAME)
SOURCE = SourceKind(
    name=NAME,
    title="Library",
    can=Capabilities(browses=True),
    of_room=library_of,
    always=True,
    reach=LibrarySource().reach,
    start=folder_watch.start_in_background,
)
