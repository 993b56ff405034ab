"""api.spotify.com: profiles, the catalogue, playlists and libraries, as far as they still exist."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tests.fakes.spotify.catalogue import Album, Artist, Episode, Track
from tests.fakes.spotify.clock import stamp, stamp_ms
from tests.fakes.spotify.playlists import Entry, Playlist
from tests.fakes.spotify.routes import Call, Routes
from tests.fakes.spotify.wire import Answer, Json, Refused, as_it_is, as_json, error, number, page

ROUTES = Routes()
route = ROUTES.route

_DEEPEST = 100_000
_ID_LENGTH = 22


# --- Profile and search ---------------------------------------------------------------------------


@route("GET", "/v1/me", "profile")
def me(call: Call) -> Answer:
    return as_json(call.person.profile(call.base))


@route("GET", "/v1/search", "search")
def search(call: Call) -> Answer:
    asked = call.request.query
    if not asked.get("q", "").strip():
        raise Refused(error(400, "No search query"))
    kinds = asked.get("type", "").split(",")
    if not set(kinds) <= set(_SEARCHED):
        raise Refused(error(400, "Bad search type field"))
    limit = number(call.request, "limit", 5, 1, 10)
    offset = number(call.request, "offset", 0, 0, 1000)
    found = call.world.catalogue.search(asked["q"])
    answer = {}
    for kind in kinds:
        things, shape = _SEARCHED[kind](call, found)
        answer[f"{kind}s"] = page(call.request, things, limit=limit, offset=offset, shape=shape)
    return as_json(answer)


# Things that were found, and how each is shown.
Found = tuple[Sequence[Any], Callable[[Any], Json]]


def _found_tracks(call: Call, tracks: list[Track]) -> Found:
    in_market = call.in_market
    return tracks, lambda track: track.shape(call.base, market=in_market)


def _found_albums(call: Call, tracks: list[Track]) -> Found:
    albums = {track.album.id: track.album for track in tracks}
    return [*albums.values()], lambda album: album.shape(call.base)


def _found_artists(call: Call, tracks: list[Track]) -> Found:
    artists = {artist.id: artist for track in tracks for artist in track.artists}
    return [*artists.values()], lambda artist: artist.full_shape(call.base)


_SEARCHED = {"track": _found_tracks, "album": _found_albums, "artist": _found_artists}


# --- Catalogue ------------------------------------------------------------------------------------


@route("GET", "/v1/tracks/{}", "catalogue")
def one_track(call: Call, id: str) -> Answer:
    track: Track = _one(call.world.catalogue.tracks, id)
    return as_json(track.shape(call.base, market=call.in_market))


@route("GET", "/v1/episodes/{}", "catalogue", "user-read-playback-position")
def one_episode(call: Call, id: str) -> Answer:
    episode: Episode = _one(call.world.catalogue.episodes, id)
    return as_json(episode.shape(call.base, market=call.in_market))


@route("GET", "/v1/albums/{}", "catalogue")
def one_album(call: Call, id: str) -> Answer:
    album: Album = _one(call.world.catalogue.albums, id)
    more: Json = {"copyrights": [], "external_ids": {}, "genres": []}
    href = f"/v1/albums/{id}/tracks"
    tracks = _album_tracks(call, album)
    return as_json(
        album.shape(call.base)
        | more
        | {"tracks": page(call.request, tracks, limit=50, offset=0, href=href)}
    )


@route("GET", "/v1/albums/{}/tracks", "catalogue")
def tracks_of_album(call: Call, id: str) -> Answer:
    return _paged(call, _album_tracks(call, _one(call.world.catalogue.albums, id)))


@route("GET", "/v1/artists/{}", "catalogue")
def one_artist(call: Call, id: str) -> Answer:
    artist: Artist = _one([*call.world.catalogue.artists.values()], id)
    return as_json(artist.full_shape(call.base))


@route("GET", "/v1/artists/{}/albums", "catalogue")
def albums_of_artist(call: Call, id: str) -> Answer:
    artist: Artist = _one([*call.world.catalogue.artists.values()], id)
    albums = [
        album.shape(call.base) for album in call.world.catalogue.albums if artist in album.artists
    ]
    return _paged(call, albums, default=5, most=10)


def _album_tracks(call: Call, album: Album) -> list[Json]:
    return [track.simple_shape(call.base, market=call.in_market) for track in album.tracks]


def _one(things: Sequence[Any], id: str) -> Any:
    if len(id) != _ID_LENGTH or not id.isalnum():
        raise Refused(error(400, "Invalid base62 id"))
    found = next((thing for thing in things if thing.id == id), None)
    if found is None:
        raise Refused(error(404, "Resource not found"))
    return found


# --- Playlists ------------------------------------------------------------------------------------


@route("GET", "/v1/me/playlists", "playlist", "playlist-read-private")
def my_playlists(call: Call) -> Answer:
    person = call.person
    collaborative = "playlist-read-collaborative" in call.access.scopes
    shown: list[Json | None] = [
        playlist.shape(call.base)
        for playlist in call.world.playlists_of(person)
        if collaborative or not playlist.collaborative or playlist.owner is person
    ]
    # An entry of which nothing is left, as they have been seen.
    shown[1:1] = [None] if len(shown) > 1 else []
    return _paged(call, shown)


@route("POST", "/v1/me/playlists", "playlist", "playlist-modify-public", "playlist-modify-private")
def create_playlist(call: Call) -> Answer:
    said = call.request.json()
    if not isinstance(said.get("name"), str) or not said["name"]:
        raise Refused(error(400, "Missing required field: name"))
    public, collaborative = said.get("public", True), said.get("collaborative", False)
    _check_sharing(public, collaborative)
    _require_writing(call, public)
    world = call.world
    playlist = world.playlist(call.person, said["name"], public=public, collaborative=collaborative)
    playlist.description = said.get("description") or ""
    del world.playlists[playlist.id]
    # Two playlists of one name are two.
    playlist.id = f"{playlist.id[:14]}{len(world.playlists):08}"
    playlist.has_picture = False
    world.playlists[playlist.id] = playlist
    return as_json(_whole(call, playlist), 201)


@route("GET", "/v1/playlists/{}", "playlist")
def one_playlist(call: Call, id: str) -> Answer:
    return as_json(_whole(call, _visible(call, id)))


@route("PUT", "/v1/playlists/{}", "playlist", "playlist-modify-public", "playlist-modify-private")
def change_playlist(call: Call, id: str) -> Answer:
    playlist = _own(call, id)
    said = call.request.json()
    public = said.get("public", playlist.public)
    collaborative = said.get("collaborative", playlist.collaborative)
    _check_sharing(public, collaborative)
    playlist.name = said.get("name", playlist.name)
    playlist.description = said.get("description", playlist.description)
    playlist.public, playlist.collaborative = public, collaborative
    playlist.changed()
    return Answer(200)


@route("GET", "/v1/playlists/{}/items", "playlist", "playlist-read-private")
def items_of_playlist(call: Call, id: str) -> Answer:
    playlist = _visible(call, id)
    if not playlist.readable_by(call.access.person):
        raise Refused(error(403, "Forbidden"))
    return _paged(call, playlist.entries, shape=partial(_entry, call))


@route(
    "POST",
    "/v1/playlists/{}/items",
    "playlist",
    "playlist-modify-public",
    "playlist-modify-private",
)
def add_items(call: Call, id: str) -> Answer:
    playlist = _writable(call, id)
    said = call.request.json()
    asked = call.request.query.get("position", said.get("position"))
    position: Any = len(playlist.entries) if asked is None else asked
    try:
        at = int(position)
    except (TypeError, ValueError):
        raise Refused(error(400, "Invalid position")) from None
    if not 0 <= at <= len(playlist.entries):
        raise Refused(error(400, "Index out of bounds"))
    playlist.entries[at:at] = _new_entries(call, _uris(call, said))
    return as_json({"snapshot_id": playlist.changed()}, 201)


@route(
    "PUT", "/v1/playlists/{}/items", "playlist", "playlist-modify-public", "playlist-modify-private"
)
def replace_or_reorder(call: Call, id: str) -> Answer:
    playlist = _writable(call, id)
    said = call.request.json()
    if "uris" in said or "uris" in call.request.query:
        playlist.entries[:] = _new_entries(call, _uris(call, said))
    else:
        _reorder(playlist, said)
    return as_json({"snapshot_id": playlist.changed()})


@route(
    "DELETE",
    "/v1/playlists/{}/items",
    "playlist",
    "playlist-modify-public",
    "playlist-modify-private",
)
def remove_items(call: Call, id: str) -> Answer:
    playlist = _writable(call, id)
    said = call.request.json()
    named = said.get("items")
    if not isinstance(named, list) or not named or len(named) > 100:
        raise Refused(error(400, "Could not remove tracks, please check parameters."))
    gone = {each.get("uri") for each in named if isinstance(each, dict)}
    playlist.entries[:] = [
        entry for entry in playlist.entries if entry.item is None or entry.item.uri not in gone
    ]
    return as_json({"snapshot_id": playlist.changed()})


@route("GET", "/v1/playlists/{}/images", "playlist")
def pictures_of_playlist(call: Call, id: str) -> Answer:
    return as_json(_visible(call, id).shape(call.base)["images"])


@route("PUT", "/v1/playlists/{}/images", "playlist", "ugc-image-upload")
def upload_picture(call: Call, id: str) -> Answer:
    """Whatever the picture is, it becomes the colours of the playlist."""
    _own(call, id).has_picture = True
    return Answer(202)


def _whole(call: Call, playlist: Playlist) -> Json:
    """A playlist by itself; who has no part in it does not see what is in it."""
    said = playlist.shape(call.base)
    del said["items"]
    if playlist.readable_by(call.access.person):
        href = f"/v1/playlists/{playlist.id}/items"
        shape = partial(_entry, call)
        said["items"] = page(
            call.request, playlist.entries, limit=100, offset=0, href=href, shape=shape
        )
    return said


def _entry(call: Call, entry: Entry) -> Json:
    """An entry; without `additional_types` an episode looks like a gone track."""
    said = entry.shape(call.base)
    kinds = call.request.query.get("additional_types", "track").split(",")
    if isinstance(entry.item, Episode) and "episode" not in kinds:
        said["item"] = None
    return said


def _visible(call: Call, id: str) -> Playlist:
    """A playlist whose address somebody may know: a private one only those who take part."""
    playlist = call.world.playlists.get(id)
    person = call.access.person
    if playlist is None or not (playlist.public or playlist.readable_by(person)):
        raise Refused(error(404, "Resource not found"))
    return playlist


def _writable(call: Call, id: str) -> Playlist:
    playlist = _visible(call, id)
    if not playlist.readable_by(call.access.person):
        raise Refused(error(403, "Forbidden"))
    _require_writing(call, playlist.public)
    return playlist


def _own(call: Call, id: str) -> Playlist:
    playlist = _writable(call, id)
    if playlist.owner is not call.person:
        raise Refused(error(403, "You cannot change a playlist you do not own."))
    return playlist


def _require_writing(call: Call, public: bool | None) -> None:
    call.require("playlist-modify-public" if public else "playlist-modify-private")


def _check_sharing(public: bool | None, collaborative: bool) -> None:
    if collaborative and public:
        raise Refused(error(400, "Collaborative playlists can only be private."))


def _uris(call: Call, said: Json) -> list[str]:
    """Addresses from the query, which is stronger, or from the body."""
    told = call.request.query.get("uris")
    uris = said.get("uris", []) if told is None else [each.strip() for each in told.split(",")]
    if not isinstance(uris, list) or len(uris) > 100:
        raise Refused(error(400, "You can add a maximum of 100 tracks per request."))
    return uris


def _new_entries(call: Call, uris: list[str]) -> list[Entry]:
    items = [call.world.catalogue.by_uri(uri) for uri in uris]
    for uri, item in zip(uris, items, strict=True):
        if item is None:
            raise Refused(error(400, f"Invalid track uri: {uri}"))
    return [Entry(item, call.world.clock.now(), call.person) for item in items]


def _reorder(playlist: Playlist, said: Json) -> None:
    first, before = said.get("range_start"), said.get("insert_before")
    count = said.get("range_length", 1)
    entries = playlist.entries
    if not isinstance(first, int) or not isinstance(before, int):
        raise Refused(error(400, "Missing required fields: range_start, insert_before"))
    if not (0 <= first < len(entries) and 0 <= before <= len(entries)):
        raise Refused(error(400, "Index out of bounds"))
    moved = entries[first : first + count]
    if first <= before < first + count:
        return
    del entries[first : first + count]
    at = before if before <= first else before - len(moved)
    entries[at:at] = moved


# --- Library and history --------------------------------------------------------------------------


@route("GET", "/v1/me/tracks", "library", "user-library-read")
def saved_tracks(call: Call) -> Answer:
    saved = [each for each in call.person.saved if each[0].startswith("spotify:track:")]
    return _paged(
        call,
        saved,
        shape=lambda each: {"added_at": stamp(each[1]), "track": _heard_track(call, each[0])},
    )


@route("GET", "/v1/me/top/tracks", "library", "user-top-read")
def top_tracks(call: Call) -> Answer:
    spans = {"long_term": 30, "medium_term": 20, "short_term": 10}
    span = call.request.query.get("time_range", "medium_term")
    if span not in spans:
        raise Refused(error(400, "Invalid time range"))
    favourites = call.person.favourites[: spans[span]]
    return _paged(call, favourites, shape=partial(_heard_track, call))


@route("GET", "/v1/me/player/recently-played", "library", "user-read-recently-played")
def recently_played(call: Call) -> Answer:
    limit = number(call.request, "limit", 20, 1, 50)
    before = number(call.request, "before", 0, 0, 2**53)
    after = number(call.request, "after", 0, 0, 2**53)
    if before and after:
        raise Refused(error(400, "Only one of before and after may be given"))
    fitting = [
        (uri, int(at * 1000))
        for uri, at in call.person.heard[:50]
        if (not before or at * 1000 < before) and (not after or at * 1000 > after)
    ]
    shown = fitting[-limit:] if after else fitting[:limit]
    first, last = (shown[0][1], shown[-1][1]) if shown else (0, 0)
    more = len(fitting) > len(shown)
    onward = f"after={first}" if after else f"before={last}"
    href = f"{call.base}/v1/me/player/recently-played"
    return as_json(
        {
            "href": f"{href}?{call.request.raw_query}" if call.request.raw_query else href,
            "limit": limit,
            "next": f"{href}?{onward}&limit={limit}" if more else None,
            "cursors": {"after": str(first), "before": str(last)} if shown else None,
            "items": [
                {
                    "track": _heard_track(call, uri),
                    "played_at": stamp_ms(at / 1000),
                    "context": None,
                }
                for uri, at in shown
            ],
        }
    )


@route("GET", "/v1/me/library/contains", "library", "user-library-read")
def library_contains(call: Call) -> Answer:
    saved = {uri for uri, _ in call.person.saved}
    return as_json([uri in saved for uri in _library_uris(call)])


@route("PUT", "/v1/me/library", "library", "user-library-modify")
def save_to_library(call: Call) -> Answer:
    person, uris = call.person, _library_uris(call)
    kept = [each for each in person.saved if each[0] not in uris]
    person.saved[:] = [(uri, call.world.clock.now()) for uri in uris] + kept
    return Answer(200)


@route("DELETE", "/v1/me/library", "library", "user-library-modify")
def remove_from_library(call: Call) -> Answer:
    uris = _library_uris(call)
    call.person.saved[:] = [each for each in call.person.saved if each[0] not in uris]
    return Answer(200)


def _library_uris(call: Call) -> list[str]:
    """From the query, not from a body."""
    uris = [each.strip() for each in call.request.query.get("uris", "").split(",") if each.strip()]
    kinds = {"track", "album", "episode", "show", "audiobook", "user", "playlist", "artist"}
    if not uris:
        raise Refused(error(400, "Missing required field: uris"))
    if len(uris) > 40:
        raise Refused(error(400, "Too many ids requested"))
    for uri in uris:
        if uri.count(":") != 2 or uri.split(":")[0] != "spotify" or uri.split(":")[1] not in kinds:
            raise Refused(error(400, f"Invalid URI: {uri}"))
    return uris


def _heard_track(call: Call, uri: str) -> Json:
    item = call.world.catalogue.by_uri(uri)
    assert item is not None, f"{uri} is not in the catalogue"
    return item.shape(call.base, market=call.in_market)


def _paged(
    call: Call,
    things: Sequence[Any],
    *,
    default: int = 20,
    most: int = 50,
    shape: Callable[[Any], Any] = as_it_is,
) -> Answer:
    limit = number(call.request, "limit", default, 1, most)
    offset = number(call.request, "offset", 0, 0, _DEEPEST)
    return as_json(page(call.request, things, limit=limit, offset=offset, shape=shape))
