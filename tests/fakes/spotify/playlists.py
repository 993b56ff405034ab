"""Playlists: whose they are, who may read and change them, and what is in them."""

import base64
import hashlib
from dataclasses import dataclass, field

from tests.fakes.spotify.catalogue import Item, identifier
from tests.fakes.spotify.clock import stamp
from tests.fakes.spotify.people import Person, pictures
from tests.fakes.spotify.wire import Json


@dataclass
class Entry:
    item: Item
    added_at: float | None
    added_by: Person | None

    def shape(self, base: str) -> Json:
        item = self.item.shape(base) if self.item else None
        return {
            "added_at": stamp(self.added_at) if self.added_at else None,
            "added_by": self.added_by.mention(base, named=False) if self.added_by else None,
            "is_local": bool(item and item.get("is_local")),
            "item": item,
        }


@dataclass
class Playlist:
    name: str
    owner: Person
    id: str = ""
    description: str = ""
    public: bool | None = True
    collaborative: bool = False
    has_picture: bool = True
    collaborators: list[Person] = field(default_factory=list)
    # Whose `/me/playlists` it is in, besides the owner's.
    followers: list[Person] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    revision: int = 1

    def __post_init__(self) -> None:
        self.id = self.id or identifier(f"playlist {self.owner.id} {self.name}")

    @property
    def uri(self) -> str:
        return f"spotify:playlist:{self.id}"

    @property
    def snapshot_id(self) -> str:
        """Another one after every change."""
        digest = hashlib.sha1(f"{self.id} {self.revision}".encode()).digest()
        return base64.b64encode(self.revision.to_bytes(4, "big") + digest).decode()

    def readable_by(self, person: Person | None) -> bool:
        return person is not None and (person is self.owner or person in self.collaborators)

    def listed_for(self, person: Person) -> bool:
        return self.readable_by(person) or person in self.followers

    def changed(self) -> str:
        self.revision += 1
        return self.snapshot_id

    def shape(self, base: str) -> Json:
        """As a list of playlists shows it; how many are in it everybody may know."""
        href = f"{base}/v1/playlists/{self.id}"
        return {
            "collaborative": self.collaborative,
            "description": self.description,
            "external_urls": {"spotify": f"https://open.spotify.com/playlist/{self.id}"},
            "href": href,
            "id": self.id,
            "images": pictures(base, f"playlist-{self.id}", 640, 300, 60)
            if self.has_picture
            else [],
            "name": self.name,
            "owner": self.owner.mention(base),
            "public": self.public,
            "snapshot_id": self.snapshot_id,
            "items": {"href": f"{href}/items", "total": len(self.entries)},
            "type": "playlist",
            "uri": self.uri,
        }
