"""The music of invented parties: artists, tracks, and files that are there but silent."""

import random
from dataclasses import dataclass
from math import log
from pathlib import Path

from music.models import LibraryFile, Track

ARTISTS = 60
TRACKS_EACH = 12
# Lengths are spread as in a common collection: the middle half from about 3 to 4¼ minutes.
MEDIAN_S, SPREAD = 215, 0.28
SHORTEST_S, LONGEST_S = 90, 780
EXPLICIT = 0.08  # share of the tracks


@dataclass(frozen=True)
class Library:
    """All tracks by their artist, and how well known each artist is (a weight)."""

    tracks: dict[str, list[Track]]
    fame: dict[str, float]


def made_in(folder: Path) -> Library:
    """Make the library, with its files in a music folder: the same one for every party."""
    rng = random.Random("library")
    artists = [f"Artist {number}" for number in range(1, ARTISTS + 1)]
    tracks = Track.objects.bulk_create(
        _track(number, artists[number // TRACKS_EACH], rng)
        for number in range(ARTISTS * TRACKS_EACH)
    )
    # Whether a track can be played is asked of its file, as it is in every room.
    LibraryFile.objects.bulk_create(_file(track, folder.resolve()) for track in tracks)
    return Library(
        {artist: [track for track in tracks if track.artists == [artist]] for artist in artists},
        # As of words in a language, the second is half as well known as the first, and so on; a
        # little flatter, for people who add to a queue know more than the hits.
        {artist: 1 / rank**0.7 for rank, artist in enumerate(artists, 1)},
    )


def _track(number: int, artist: str, rng: random.Random) -> Track:
    duration_s = min(max(rng.lognormvariate(log(MEDIAN_S), SPREAD), SHORTEST_S), LONGEST_S)
    return Track(
        uri=f"library:party{number}",
        source="library",
        title=f"Track {number}",
        artists=[artist],
        duration_ms=round(duration_s) * 1000,
        explicit=rng.random() < EXPLICIT,
        audio=f"/media/audio/party{number}",
    )


def _file(track: Track, folder: Path) -> LibraryFile:
    path = folder / f"{track.uri.partition(':')[2]}.mp3"
    path.touch()
    return LibraryFile(path=str(path), root=str(folder), size=0, modified_ns=0, track=track)
