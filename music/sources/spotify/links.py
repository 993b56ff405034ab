"""Links to Spotify, as people paste them where a title or a uri is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rooms.errors import Invalid

_KINDS = "track|album|artist|playlist|episode|show"
# Pages may be in a language (intl-de) or embedded; playlists used to be below their owner.
_PAGE = re.compile(
    r"\b(?:open|play)\.spotify\.com/(?:intl-[a-z-]{2,10}/)?(?:embed/)?(?:user/[^/\s]{1,100}/)?"
    rf"({_KINDS})/([a-z0-9]{{1,64}})(?![\w-])",
    re.IGNORECASE,
)
_URI = re.compile(
    rf"\bspotify:(?:user:[^:\s]{{1,100}}:)?({_KINDS}):([a-z0-9]{{1,64}})(?![\w-])", re.IGNORECASE
)
_OTHER = re.compile(r"\b(?:open|play)\.spotify\.com/|\bspotify(?:\.app)?\.link/", re.IGNORECASE)
_ONE_TRACK = "Paste a link to one track."
_SAYS = {
    "album": f"That is an album. {_ONE_TRACK}",
    "artist": f"That is an artist. {_ONE_TRACK}",
    "playlist": f"That is a playlist. {_ONE_TRACK}",
    "episode": "That is a podcast episode. Only tracks play here.",
    "show": "That is a podcast. Only tracks play here.",
    "": f"That Spotify link names no track. {_ONE_TRACK}",
}


class SpotifyLink(Invalid):
    """A link to Spotify that cannot be looked up where it was given."""

    code = "spotify_link"
    message = "That is a Spotify link. Look for it under Spotify."


NOT_HERE = "That is a Spotify link, and Spotify is not connected here."


@dataclass(frozen=True)
class Link:
    """What a link leads to: track, album, artist, playlist, episode or show; "" for other pages."""

    kind: str
    id: str = ""

    def track_uri(self) -> str:
        """The uri of its track. Raises `SpotifyLink`, which says what it leads to instead."""
        if self.kind != "track":
            raise SpotifyLink(_SAYS[self.kind])
        return f"spotify:track:{self.id}"


def find_link(text: str) -> Link | None:
    """The first link to Spotify in a text, whatever stands around it."""
    if found := _PAGE.search(text) or _URI.search(text):
        return Link(found[1].lower(), found[2])
    return Link("") if _OTHER.search(text) else None
