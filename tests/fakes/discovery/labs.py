"""ListenBrainz Labs, the part of its core that wants a token, and one address of MusicBrainz."""

import json
from typing import Any

from tests.fakes.discovery.knowledge import Knowledge, Names, folded, mbid_for
from tests.fakes.discovery.switches import LabsSwitches
from tests.fakes.spotify.wire import Answer, Json, Request, as_html, as_json

ISRC = "/ws/2/isrc/"


class FakeLabs:
    """Answers one request; `switches` say what is odd about the answer."""

    def __init__(self, knowledge: Knowledge, switches: LabsSwitches) -> None:
        self._known, self._odd = knowledge, switches

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(ISRC):
            return self._of_isrc(request.path.removeprefix(ISRC))
        answer = self._of_labs(request)
        if self._odd.remaining is not None:
            answer.headers["X-RateLimit-Remaining"] = str(self._odd.remaining)
            answer.headers["X-RateLimit-Reset-In"] = str(self._odd.reset_in)
        return answer

    def _of_labs(self, request: Request) -> Answer:
        odd = self._odd
        if odd.html:
            return as_html("<html>502</html>", 502)
        if odd.status != 200:
            status = odd.status
            if odd.times:
                odd.times -= 1
                odd.status = odd.status if odd.times else 200
            answer = as_json({"code": status, "error": "Failed"}, status)
            if status == 429 and odd.reset_in is not None:
                answer.headers["X-RateLimit-Reset-In"] = str(odd.reset_in)
            return answer
        match request.path:
            case "/similar-recordings/json":
                return self._similar(request, "recording_mbids", self._recordings)
            case "/similar-artists/json":
                return self._similar(request, "artist_mbids", self._artists)
            case "/artist-credit-recording-lookup/json":
                return self._rows(self._looked_up(request))
            case "/spotify-id-from-mbid/json":
                mbid = request.query.get("recording_mbid", "")
                ids = self._known.spotify.get(mbid, [])
                return self._rows([{"recording_mbid": mbid, "spotify_track_ids": ids}])
            case "/1/metadata/lookup/":
                text = "you need to provide an Auth token for this endpoint. Sorry for this mess."
                return as_json({"code": 401, "error": text}, 401)
        return as_json({"error": "Not found"}, 404)

    def _similar(self, request: Request, asked: str, near: Any) -> Answer:
        algorithm = request.query.get("algorithm", "")
        if not algorithm or (self._odd.algorithms and algorithm not in self._odd.algorithms):
            return as_html("<!doctype html><title>400 Bad Request</title>", 400)
        return self._rows([] if self._odd.empty else near(request.query.get(asked, "")))

    def _recordings(self, mbid: str) -> list[Json]:
        mbid = self._odd.merged.get(mbid, mbid)
        seed = self._known.recording(mbid)
        if seed is None:
            return []
        near = self._known.tracks.get(seed, [])
        names = [seed, *near] if self._odd.seed_in_answer else list(near)
        rows = [
            {
                **self._named(each),
                "release_name": "",
                "score": self._score(at),
                "reference_mbid": mbid,
            }
            for at, each in enumerate(names)
        ]
        if self._odd.markup:
            rows[-1]["recording_name"] = "<script>alert(1)</script>"
        return rows[::-1] if self._odd.best_last else rows

    def _score(self, at: int) -> int | str:
        score = 100 if self._odd.ties else 300 - at
        return str(score) if self._odd.score_as_text else score

    def _artists(self, mbid: str) -> list[Json]:
        artist = next((name for name in self._known.artists if mbid_for(name) == mbid), "")
        return [
            {"artist_mbid": mbid_for(name), "name": name, "score": 90 - at, "reference_mbid": mbid}
            for at, name in enumerate(self._known.artists.get(artist, []))
        ]

    def _looked_up(self, request: Request) -> list[Json]:
        asked = json.loads(request.body)
        names = [(each["artist_credit_name"], each["recording_name"]) for each in asked]
        return [self._named(each) for each in names if folded(*each) in self._known.tracks]

    def _named(self, names: Names) -> Json:
        artist, title = names
        row: Json = {
            "recording_mbid": mbid_for(*names),
            "artist_credit_name": artist.upper() if self._odd.other_spelling else artist,
            "recording_name": title.upper() if self._odd.other_spelling else title,
            "artist_credit_mbids": [mbid_for(artist)],
        }
        if self._odd.without_artist_ids:
            del row["artist_credit_mbids"]
        return row

    def _rows(self, rows: list[Json]) -> Answer:
        return as_json([{"data": rows}] if self._odd.wrapped else rows)

    def _of_isrc(self, isrc: str) -> Answer:
        if self._odd.musicbrainz_status != 200:
            return as_json({"error": "busy"}, self._odd.musicbrainz_status)
        names = self._known.isrcs.get(isrc)
        if names is None:
            return as_json({"error": "Not Found"}, 404)
        return as_json({"isrc": isrc, "recordings": [{"id": mbid_for(*names), "title": names[1]}]})
