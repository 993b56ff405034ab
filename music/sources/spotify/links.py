"""Links to Spotify, as people paste them where a title or a uri is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

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
# Finds in JavaScript what any of these may find here.
PATTERN = r"\b((open|play)\.spotify\.com|spotify(\.app)?\.link)\/|\bspotify:[a-z]+:"
_OTHER = re.compile(r"\b(?:open|play)\.spotify\.com/|\bspotify(?:\.app)?\.link/", re.IGNORECASE)


class SpotifyLink(Invalid):
    """A link to Spotify that cannot be looked up where it was given."""

    code = "spotify_link"
    message = _("That is a Spotify link. Look for it under Spotify.")


class NotConnectedHere(SpotifyLink):
    detail = "spotify_link_not_here"
    message = _("That is a Spotify link, and Spotify is not connected here.")


@dataclass(frozen=True)
class Link:
    """What a link leads to: track, album, artist, playlist, episode or show; "" for other pages."""

    kind: str
    id: str = ""

    def track_uri(self) -> str:
        """The uri of its track. Raises `SpotifyLink`, which says what it leads to instead."""
        if self.kind != "track":
            raise _refusal_of(self.kind)
        return f"spotify:track:{self.id}"


def find_link(text: str) -> Link | None:
    """The first link to Spotify in a text, whatever stands around it."""
    if found := _PAGE.search(text) or _URI.search(text):
        return Link(found[1].lower(), found[2])
    return Link("") if _OTHER.search(text) else None


def uri_of_link(text: str) -> str | None:
    """The uri of the track that a link in a text leads to; None without a link.

    Raises `SpotifyLink` for one that leads to something else.
    """
    link = find_link(text)
    return None if link is None else link.track_uri()


def refusal_elsewhere(is_here: bool) -> SpotifyLink:
    """What is said of a link in the search of another source."""
    return SpotifyLink() if is_here else NotConnectedHere()


def _refusal_of(kind: str) -> SpotifyLink:
    """What is said of a link that leads to something of this kind, and not to a track."""
    match kind:
        case "album":
            return SpotifyLink(
                _("That is an album. Paste a link to one track."), detail="spotify_link_album"
            )
        case "artist":
            return SpotifyLink(
                _("That is an artist. Paste a link to one track."), detail="spotify_link_artist"
            )
        case "playlist":
            return SpotifyLink(
                _("That is a playlist. Paste a link to one track."), detail="spotify_link_playlist"
            )
        case "episode":
            return SpotifyLink(
                _("That is a podcast episode. Only tracks play here."),
                detail="spotify_link_episode",
            )
        case "show":
            return SpotifyLink(
                _("That is a podcast. Only tracks play here."), detail="spotify_link_show"
            )
    return SpotifyLink(
        _("That Spotify link names no track. Paste a link to one track."),
        detail="spotify_link_no_track",
    )
