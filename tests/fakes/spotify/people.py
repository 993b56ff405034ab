"""The people who have an account, and the library that each of them begins with."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.spotify.wire import Json

# Whether the app's owner has put somebody on the list; if not, how the refusal looks.
Allowed = Literal[True, "json", "text"]


@dataclass
class Person:
    """An account at Spotify."""

    id: str
    name: str | None
    premium: bool = True
    allowed: Allowed = True
    country: str = "AT"
    has_picture: bool = True
    # Tracks (and whatever else) that they like, newest first, with the moment.
    saved: list[tuple[str, float]] = field(default_factory=list)
    # What they heard, newest first, with the moment.
    heard: list[tuple[str, float]] = field(default_factory=list)
    # Addresses of what they listen to most.
    favourites: list[str] = field(default_factory=list)
    # Fixed Connect devices; those of the SDK come and go.
    has_speakers: bool = True

    @property
    def account_id(self) -> str:
        """What never changes, and cannot be told from the id."""
        return hashlib.sha256(f"account {self.id}".encode()).hexdigest()[:28]

    @property
    def uri(self) -> str:
        return f"spotify:user:{self.id}"

    def profile(self, base: str) -> Json:
        """What `/me` says."""
        return {
            "id": self.id,
            "account_id": self.account_id,
            "display_name": self.name,
            "images": pictures(base, f"person-{self.id}", 300, 64) if self.has_picture else [],
            "external_urls": {"spotify": f"https://open.spotify.com/user/{self.id}"},
            "href": f"{base}/v1/users/{self.id}",
            "type": "user",
            "uri": self.uri,
        }

    def mention(self, base: str, *, named: bool = True) -> Json:
        """How they appear as the owner of something."""
        said: Json = {
            "external_urls": {"spotify": f"https://open.spotify.com/user/{self.id}"},
            "href": f"{base}/v1/users/{self.id}",
            "id": self.id,
            "type": "user",
            "uri": self.uri,
        }
        return said | ({"display_name": self.name} if named else {})


def pictures(base: str, name: str, *sizes: int) -> list[Json]:
    """A picture in several sizes, the widest first."""
    return [
        {"url": f"{base}/image/{name}-{size}.png", "height": size, "width": size} for size in sizes
    ]
