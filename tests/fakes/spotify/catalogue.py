"""What there is to hear: invented artists, their albums and tracks, and one podcast."""

import hashlib
import re
import string
import unicodedata
from dataclasses import dataclass, field
from functools import cache

from tests.fakes.spotify.people import pictures
from tests.fakes.spotify.wire import Json

_DIGITS = string.digits + string.ascii_lowercase + string.ascii_uppercase
_KINDS = "track|artist|album|year|isrc|genre"
# In quotes, or up to the next filter; a year and an ISRC are one word.
_FILTER = re.compile(
    rf'\b({_KINDS}):("[^"]*"|(?:(?<=year:)|(?<=isrc:))\S+|\S+(?:\s+(?!(?:{_KINDS}):)\S+)*)'
)

# An artist, an album and its date, each followed by tracks. In brackets after a length:
# `explicit`, who else plays (`with`), why it cannot be had (`market`, `product`), `unplayable`
# (without a reason), `silent` about being playable, `as` (another recording is played instead).
_ALBUMS = """
# Quillhaven | Harbour Ledger | 2019-04-12
Low Tide Arithmetic 3:34
Salt on the Window 4:01
Lanterns, Second Shift 2:58 [with Mirelle Oxbow]
The Ferry Knows 5:12
Harbour Ledger 3:47

# Tin Umbrella Society | Rain Is Only Applause | 2021-10-01
Applause 3:05
Umbrella Weather 3:21 [explicit]
Gutterball Hymn 2:44 [explicit]
Who Ordered the Thunder 3:58
Rain Is Only Applause 4:20

# Mirelle Oxbow | Small Hours, Large Rooms | 2016-11
Three in the Morning 4:33
Curtains 3:12
Large Rooms 3:50 [with Quillhaven; Fennimore Kade]
Somebody Else's Coat 3:29
Small Hours 6:07

# Fennimore Kade | Copper Summer | 1998
Copper Summer 3:40
Bicycle, No Brakes 2:51
Postcards to Nobody 3:33
Heatwave on Mill Lane 4:15
August Is a Verb 3:02

# The Second Tuesday Club | Minutes of the Last Meeting | 2008-02-29
Apologies for Absence 1:48
Matters Arising 3:16
Any Other Business 2:59
Tea and Motions 3:31
Minutes of the Last Meeting 8:45

# Ölva Brandsæter | Nordlys på Boks | 2023-01-20
Nordlys på Boks 3:26
Snøfnugg 2:39
Fjord & Fever 3:54
Åpne Vinduer 4:08
Kaffe Klokka Fem 3:11

# 雨傘工房 | 夜行列車のうた | 2020-06-17
夜行列車のうた 4:44
終点まで 3:37
雨のち晴れ 3:25
切符 2:56
窓ぎわ 4:02

# Oblong Motel | Vacancy | 2014-08-05
Vacancy 3:19
Ice Machine 3:03 [explicit]
Checkout at Noon 4:26
Room 9 3:48 [as Room 9 (2024 Mix)]
Neon Psalm 5:30

# Oblong Motel | Vacancy (Ten Years On) | 2024-08-05
Vacancy 3:19
Room 9 (2024 Mix) 3:47
Pool Closed 3:08
Neon Psalm - Live 6:02
Ice Machine - Clean 3:02

# Ibex Parlour | Goats of the Apocalypse | 1981-12
Goats of the Apocalypse 2:22
Hoof and Harmony 2:49
Cliffside Etiquette 3:13 [market]
Salt Lick Serenade 3:07 [product]
The Last Good Ledge 3:55 [unplayable]

# Nonna Vettrazza | Cucina Elettrica | 2018-03-09
Cucina Elettrica 3:30
Forno a Microonde 2:57 [silent]
Sugo 3:45 [silent]
Piatti Rotti 3:18
La Lavastoviglie Canta 4:10

# Dr. Palindra Voss | Interludes for Lifts | 2022-05-13 | no images
Ground Floor 0:08
Mezzanine 0:10
Between Floors 0:12
Doors Closing 0:15
Roof Terrace 0:20
"""


@dataclass(frozen=True)
class Artist:
    name: str

    @property
    def id(self) -> str:
        return identifier(f"artist {self.name}")

    @property
    def uri(self) -> str:
        return f"spotify:artist:{self.id}"

    def shape(self, base: str) -> Json:
        return _entity(base, "artist", self.id) | {"name": self.name}

    def full_shape(self, base: str) -> Json:
        return self.shape(base) | {
            "genres": [],
            "images": pictures(base, f"artist-{self.id}", 640, 320, 160),
        }


@dataclass
class Album:
    name: str
    artists: list[Artist]
    # `1981`, `1981-12` or a whole date.
    released: str
    has_images: bool = True
    tracks: list["Track"] = field(default_factory=list)

    @property
    def id(self) -> str:
        return identifier(f"album {self.artists[0].name} {self.name}")

    @property
    def uri(self) -> str:
        return f"spotify:album:{self.id}"

    @property
    def year(self) -> int:
        return int(self.released[:4])

    def shape(self, base: str) -> Json:
        return _entity(base, "album", self.id) | {
            "album_type": "album",
            "total_tracks": len(self.tracks),
            "images": pictures(base, f"album-{self.id}", 640, 300, 64) if self.has_images else [],
            "name": self.name,
            "release_date": self.released,
            "release_date_precision": ("year", "month", "day")[self.released.count("-")],
            "artists": [artist.shape(base) for artist in self.artists],
        }


@dataclass
class Track:
    name: str
    artists: list[Artist]
    album: Album
    duration_ms: int
    number: int
    isrc: str
    explicit: bool = False
    # `market`, `product`, … when it cannot be had.
    restriction: str = ""
    playable: bool = True
    # Answers do not say whether it can be played, as happens.
    silent: bool = False
    # The recording that sounds when this one is asked for.
    plays_as: str = ""

    @property
    def id(self) -> str:
        return identifier(f"track {self.album.id} {self.number} {self.name}")

    @property
    def uri(self) -> str:
        return f"spotify:track:{self.id}"

    @property
    def can_be_played(self) -> bool:
        return self.playable and not self.restriction

    def shape(self, base: str, *, market: bool = True) -> Json:
        """As the Web API shows it. Without any market everything counts as not to be had."""
        said = self.simple_shape(base, market=market)
        return said | {"album": self.album.shape(base), "external_ids": {"isrc": self.isrc}}

    def simple_shape(self, base: str, *, market: bool = True) -> Json:
        """As an album lists it."""
        said = _entity(base, "track", self.id) | {
            "artists": [artist.shape(base) for artist in self.artists],
            "disc_number": 1,
            "duration_ms": self.duration_ms,
            "explicit": self.explicit,
            "is_local": False,
            "name": self.name,
            "preview_url": None,
            "track_number": self.number,
        }
        reason = self.restriction if market else "market"
        if not self.silent:
            said["is_playable"] = self.can_be_played and market
        if reason:
            said["restrictions"] = {"reason": reason}
        return said


@dataclass(frozen=True)
class Episode:
    """Of a podcast; it has neither artists nor an album."""

    name: str
    show: str
    duration_ms: int

    @property
    def id(self) -> str:
        return identifier(f"episode {self.show} {self.name}")

    @property
    def uri(self) -> str:
        return f"spotify:episode:{self.id}"

    def shape(self, base: str, *, market: bool = True) -> Json:
        images = pictures(base, f"episode-{self.id}", 640, 300, 64)
        text = f"{self.show}: {self.name}"
        show = identifier(f"show {self.show}")
        return _entity(base, "episode", self.id) | {
            "description": text,
            "html_description": text,
            "duration_ms": self.duration_ms,
            "explicit": False,
            "images": images,
            "is_externally_hosted": False,
            "is_playable": market,
            "languages": ["en"],
            "name": self.name,
            "release_date": "2024-02-01",
            "release_date_precision": "day",
            "show": _entity(base, "show", show)
            | {
                "copyrights": [],
                "description": self.show,
                "html_description": self.show,
                "explicit": False,
                "images": images,
                "is_externally_hosted": False,
                "languages": ["en"],
                "media_type": "audio",
                "name": self.show,
                "total_episodes": 1,
            },
        }


@dataclass(frozen=True)
class LocalFile:
    """A file from somebody's own disk, which is in a playlist but nowhere else."""

    artist: str
    album: str
    name: str
    seconds: int

    @property
    def uri(self) -> str:
        parts = (self.artist, self.album, self.name, str(self.seconds))
        return "spotify:local:" + ":".join(part.replace(" ", "+") for part in parts)

    def shape(self, base: str, *, market: bool = True) -> Json:
        nobody: Json = {"external_urls": {}, "href": None, "id": None, "uri": None}
        return {
            "album": nobody
            | {
                "name": self.album,
                "type": "album",
                "album_type": None,
                "artists": [],
                "images": [],
                "release_date": None,
                "release_date_precision": None,
            },
            "artists": [nobody | {"name": self.artist, "type": "artist"}],
            "disc_number": 0,
            "duration_ms": self.seconds * 1000,
            "explicit": False,
            "external_ids": {},
            "external_urls": {},
            "href": None,
            "id": None,
            "is_local": True,
            "name": self.name,
            "preview_url": None,
            "track_number": 0,
            "type": "track",
            "uri": self.uri,
        }


# What can be in a playlist; None is what has gone.
Item = Track | Episode | LocalFile | None


class Catalogue:
    """All that can be searched for and played."""

    def __init__(self) -> None:
        self.artists: dict[str, Artist] = {}
        self.albums: list[Album] = []
        self.tracks: list[Track] = []
        self.episodes = [Episode("How Lifts Work", "Shafts and Cables", 31 * 60_000)]
        for block in _ALBUMS.strip().split("\n\n"):
            self._read_album(block.splitlines())
        for track in self.tracks:
            if track.plays_as:
                track.plays_as = self.track(track.plays_as).uri

    @property
    def items(self) -> list[Track | Episode]:
        """All that has an address and can sound."""
        return [*self.tracks, *self.episodes]

    @property
    def short_tracks(self) -> list[Track]:
        """Of 8 to 20 seconds: a test can hear them out."""
        return [track for track in self.tracks if track.duration_ms <= 21_000]

    def track(self, name: str) -> Track:
        """The first one of this name."""
        found = next((track for track in self.tracks if track.name == name), None)
        if found is None:
            raise LookupError(f"no track is called {name!r}")
        return found

    def shorten(self, seconds: float = 8) -> None:
        """Let no track be longer than this."""
        for track in self.tracks:
            track.duration_ms = min(track.duration_ms, int(seconds * 1000))

    def by_uri(self, uri: str) -> Track | Episode | None:
        """What such an address leads to."""
        return next((item for item in self.items if item.uri == uri), None)

    def search(self, query: str) -> list[Track]:
        """Tracks in which every word and every filter is found, the best ones first."""
        filters = {kind: _plain(text.strip('"')) for kind, text in _FILTER.findall(query)}
        words = _plain(_FILTER.sub(" ", query)).split()
        found = [track for track in self.tracks if _fits(track, words, filters)]
        return sorted(found, key=lambda track: _distance(track, words))

    def _read_album(self, lines: list[str]) -> None:
        head = [part.strip() for part in lines[0].removeprefix("# ").split("|")]
        artist = self._artist(head[0])
        album = Album(head[1], [artist], head[2], has_images="no images" not in head)
        for number, line in enumerate(lines[1:], start=1):
            track = self._read_track(line, album, number)
            album.tracks.append(track)
            self.tracks.append(track)
        self.albums.append(album)

    def _read_track(self, line: str, album: Album, number: int) -> Track:
        told, _, marks = line.partition(" [")
        name, _, length = told.rpartition(" ")
        minutes, _, seconds = length.partition(":")
        track = Track(
            name=name,
            artists=[*album.artists],
            album=album,
            # No real track lasts whole seconds, and these are a little different from each other.
            duration_ms=(int(minutes) * 60 + int(seconds)) * 1000 + (number * 137) % 900,
            number=number,
            isrc=f"ZZFAK{album.year % 100:02}{len(self.tracks) + 1:05}",
        )
        mark = marks.rstrip("]")
        kind, _, rest = mark.partition(" ")
        track.explicit = kind == "explicit"
        track.silent = kind == "silent"
        track.playable = kind != "unplayable"
        track.restriction = kind if kind in ("market", "product") else ""
        track.plays_as = rest if kind == "as" else ""
        if kind == "with":
            track.artists += [self._artist(other.strip()) for other in rest.split(";")]
        return track

    def _artist(self, name: str) -> Artist:
        return self.artists.setdefault(name, Artist(name))


@cache
def identifier(name: str) -> str:
    """The 22 characters by which Spotify would know this, the same every time."""
    rest, written = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"), ""
    while len(written) < 22:
        rest, digit = divmod(rest, len(_DIGITS))
        written = _DIGITS[digit] + written
    return written


def _entity(base: str, kind: str, id: str) -> Json:
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{id}"},
        "href": f"{base}/v1/{kind}s/{id}",
        "id": id,
        "type": kind,
        "uri": f"spotify:{kind}:{id}",
    }


def _plain(text: str) -> str:
    """Without capitals and accents, as people type."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("æ", "ae"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _fits(track: Track, words: list[str], filters: dict[str, str]) -> bool:
    artists = " ".join(artist.name for artist in track.artists)
    everything = _plain(f"{track.name} {artists} {track.album.name}")
    first, _, last = filters.get("year", "").partition("-")
    return (
        (bool(words) or bool(filters))
        and all(word in everything for word in words)
        and filters.get("track", "") in _plain(track.name)
        and filters.get("artist", "") in _plain(artists)
        and filters.get("album", "") in _plain(track.album.name)
        and filters.get("isrc", track.isrc.casefold()) == track.isrc.casefold()
        and (not first or first <= str(track.album.year) <= (last or first))
        # Artists have had no genres since they were deprecated.
        and "genre" not in filters
    )


def _distance(track: Track, words: list[str]) -> int:
    """Words in the name of a track count for more than words elsewhere."""
    name = _plain(track.name)
    return sum(word not in name for word in words)
