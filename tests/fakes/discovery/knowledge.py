"""What the fakes know of music: invented, and the same for all of them."""

import uuid
from dataclasses import dataclass, field

Names = tuple[str, str]  # artist and title

HOUSE = [
    ("Marlo Tiede", "Night Bus to Varna"),
    ("The Low Tide Club", "Paper Lanterns"),
    ("Bo Lindqvist", "Tin Roof Summer"),
    ("Ines Okafor Trio", "Cardamom"),
    ("Vale & Corso", "Salt on the Radio"),
    ("Harbour Static", "Eleven Windows"),
    ("Wren Abara", "Goldfinch"),
    ("Dalia Mansour", "ليلة في الميناء"),
    ("Odile Frey", "Kerosene Waltz"),
    ("Municipal Choir", "Slow Elevator"),
    ("Pale Meridian", "Hallway Light"),
    ("Greta Holm", "Moth Season"),
]


def mbid_for(*names: str) -> str:
    """An id of MusicBrainz, always the same for the same names."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(name.casefold() for name in names)))


def folded(artist: str, title: str = "") -> Names:
    return artist.casefold(), title.casefold()


@dataclass
class Knowledge:
    """Which tracks and artists are near each other, nearest first, by their names folded."""

    tracks: dict[Names, list[Names]] = field(default_factory=dict)
    artists: dict[str, list[str]] = field(default_factory=dict)
    top: dict[str, list[str]] = field(default_factory=dict)
    tags: dict[Names, list[tuple[str, int]]] = field(default_factory=dict)
    tagged: dict[str, list[Names]] = field(default_factory=dict)
    isrcs: dict[str, Names] = field(default_factory=dict)
    spotify: dict[str, list[str]] = field(default_factory=dict)  # by id of MusicBrainz
    # Names as people write them, and as they are corrected.
    corrections: dict[Names, Names] = field(default_factory=dict)

    def corrected(self, artist: str, title: str) -> Names:
        return self.corrections.get(folded(artist, title), (artist, title))

    def near(self, artist: str, title: str) -> list[Names] | None:
        """None: nobody has heard of that track."""
        return self.tracks.get(folded(*self.corrected(artist, title)))

    def recording(self, mbid: str) -> Names | None:
        """The names behind an id of a recording."""
        every = {*self.tracks, *(folded(*names) for near in self.tracks.values() for names in near)}
        return next((names for names in every if mbid_for(*names) == mbid), None)

    @classmethod
    def of_the_house(cls) -> "Knowledge":
        """Each of the shipped dozen is near the three that follow it, for trying things by hand."""
        known = cls()
        for at, names in enumerate(HOUSE):
            near = [HOUSE[(at + step) % len(HOUSE)] for step in (1, 2, 3)]
            known.tracks[folded(*names)] = [*near, ("Nobody Here", "Not in the Library")]
        return known
