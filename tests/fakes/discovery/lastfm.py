"""Last.fm: one address, the method in the query, JSON made mechanically of XML."""

from typing import Any

from tests.fakes.discovery.knowledge import Knowledge, Names, folded, mbid_for
from tests.fakes.discovery.switches import LastfmSwitches
from tests.fakes.spotify.wire import Answer, Json, Request, as_html, as_json, as_text

KEY = "0123456789abcdef0123456789abcdef"
PLACEHOLDER = "https://lastfm.freetls.fastly.net/i/u/34s/2a96cbd8b46e442fc41c2b86b821562f.png"
_MESSAGES = {
    6: "Track not found",
    8: "Operation failed - Most likely the backend service failed. Please try again.",
    10: "Invalid API key - You must be granted a valid key by last.fm",
    11: "Service Offline",
    26: "Suspended API key",
    29: "Rate limit exceeded",
}


class FakeLastfm:
    """Answers one request; `switches` say what is odd about the answer."""

    def __init__(self, knowledge: Knowledge, switches: LastfmSwitches) -> None:
        self._known, self._odd = knowledge, switches

    def answer(self, request: Request) -> Answer:
        odd = self._odd
        if odd.html:
            return as_html("<html><body>502 Bad Gateway</body></html>", odd.html)
        if odd.error:
            said = odd.error, odd.status
            if odd.times:
                odd.times -= 1
                odd.error = odd.error if odd.times else 0
            return _error(*said)
        query = request.query
        if query.get("format") != "json":
            return as_text("<lfm status='ok'></lfm>")
        if not query.get("api_key"):
            return _error(6, 400)
        if query["api_key"] != KEY:
            return _error(10, 403)
        methods = {
            "track.getsimilar": self._similar_tracks,
            "artist.getsimilar": self._similar_artists,
            "artist.gettoptracks": self._top_tracks,
            "track.gettoptags": self._tags,
            "tag.gettoptracks": self._tagged,
        }
        method = methods.get(query.get("method", "").lower())
        return method(query) if method else _error(3, 400)

    def _similar_tracks(self, query: dict[str, str]) -> Answer:
        artist, title = query.get("artist", ""), query.get("track", "")
        near = self._known.near(artist, title)
        if near is None:
            return _error(6, 200)
        corrected = self._known.corrected(artist, title)
        tracks = [self._track(names, at, duration=215) for at, names in enumerate(near)]
        return self._listed("similartracks", "track", tracks, {"artist": corrected[0]})

    def _similar_artists(self, query: dict[str, str]) -> Answer:
        near = self._known.artists.get(query.get("artist", "").casefold())
        if near is None:
            return _error(6, 400)
        artists = [
            {
                "name": name,
                "mbid": "",
                "match": f"{1 - at / 20:.2f}",
                "url": _page(name),
                "image": [],
                "streamable": "0",
            }
            for at, name in enumerate(near)
        ]
        return self._listed("similarartists", "artist", artists, {"artist": query["artist"]})

    def _top_tracks(self, query: dict[str, str]) -> Answer:
        artist = query.get("artist", "")
        titles = self._known.top.get(artist.casefold(), [])
        tracks = [self._track((artist, title), at) for at, title in enumerate(titles)]
        return self._listed("toptracks", "track", tracks, {"artist": artist, "page": "1"})

    def _tags(self, query: dict[str, str]) -> Answer:
        names = folded(query.get("artist", ""), query.get("track", ""))
        tags = [
            {"count": str(count) if self._odd.match_as_text else count, "name": tag, "url": ""}
            for tag, count in self._known.tags.get(names, [])
        ]
        return self._listed("toptags", "tag", tags, {})

    def _tagged(self, query: dict[str, str]) -> Answer:
        names = self._known.tagged.get(query.get("tag", "").casefold(), [])
        tracks = [self._track(each, at) for at, each in enumerate(names)]
        container = "toptracks" if self._odd.older_container else "tracks"
        return self._listed(container, "track", tracks, {"tag": query.get("tag", "")})

    def _track(self, names: Names, at: int, *, duration: int = 0) -> Json:
        artist, title = names
        match: Any = round(1 - at / 40, 3)
        track: Json = {
            "name": title,
            "playcount": 1000 - at,
            "mbid": "",
            "match": str(match) if self._odd.match_as_text else match,
            "url": _page(artist, title),
            "streamable": {"#text": "0", "fulltrack": "0"},
            "artist": {"name": artist, "mbid": mbid_for(artist), "url": _page(artist)},
            "image": [{"#text": PLACEHOLDER, "size": "small"}],
            "@attr": {"rank": str(at + 1)},
        }
        if self._odd.mbid == "missing":
            del track["mbid"], track["artist"]["mbid"]
        if self._odd.artist == "missing":
            del track["artist"]
        elif self._odd.artist != "object":
            track["artist"] = artist if self._odd.artist == "text" else ""
        if self._odd.duration != "missing":
            odd = self._odd.duration
            track["duration"] = duration if odd == "number" else odd
        return track

    def _listed(self, container: str, name: str, things: list[Json], echo: Json) -> Answer:
        odd = self._odd
        if odd.unknown_artist and name == "track":
            things = [self._track(("[unknown]", "Track 1"), 0), *things]
        if odd.markup and things:
            things[0]["name"] = "<img src=x onerror=alert(1)>"
        inside: Json = {"@attr": echo}
        if things or odd.empty_as == "list":
            one = len(things) == 1 and odd.single_as_object
            inside[name] = things[0] if one else things
        elif odd.empty_as != "missing":
            inside[name] = odd.empty_as
        match odd.container:
            case "missing":
                return as_json({})
            case "text":
                return as_json({container: "\n"})
        return as_json({container: inside})


def _page(artist: str, title: str = "") -> str:
    path = f"{artist}/_/{title}" if title else artist
    return f"https://www.last.fm/music/{path.replace(' ', '+')}"


def _error(code: int, status: int) -> Answer:
    return as_json({"error": code, "message": _MESSAGES.get(code, "Failed"), "links": []}, status)
