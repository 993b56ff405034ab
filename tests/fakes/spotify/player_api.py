"""The part of the Web API that shows and moves what plays."""

import secrets
from collections.abc import Callable

from tests.fakes.spotify.player import Device, Player, player_error
from tests.fakes.spotify.playing import device_shape, playing_shape
from tests.fakes.spotify.routes import Call, Routes
from tests.fakes.spotify.wire import Answer, Json, Refused, as_json, as_text, error, number

ROUTES = Routes()
route = ROUTES.route

_READ = "user-read-playback-state"
_MODIFY = "user-modify-playback-state"
_MOST_URIS = 800


# --- What plays -----------------------------------------------------------------------------------


@route("GET", "/v1/me/player", "player", _READ)
def playback_state(call: Call) -> Answer:
    shown = playing_shape(call, _player(call))
    return Answer(204) if shown is None else as_json(shown)


@route("GET", "/v1/me/player/currently-playing", "player", "user-read-currently-playing", _READ)
def currently_playing(call: Call) -> Answer:
    shown = playing_shape(call, _player(call), whole=False)
    return Answer(204) if shown is None else as_json(shown)


@route("GET", "/v1/me/player/devices", "player", _READ)
def devices(call: Call) -> Answer:
    player = _player(call)
    known = [device_shape(player, each) for each in player.devices if each.is_listed]
    return as_json({"devices": known})


@route("GET", "/v1/me/player/queue", "player", _READ, "user-read-currently-playing")
def show_queue(call: Call) -> Answer:
    player = _player(call)
    catalogue = call.world.catalogue
    uris = [*player.queued, *player.uris[player.index + 1 :]] if player.uri else []
    coming = [item.shape(call.base) for uri in uris if (item := catalogue.by_uri(uri))]
    now = player.item.shape(call.base) if player.item and player.active else None
    return as_json({"currently_playing": now, "queue": coming[:20]})


# --- Commands -------------------------------------------------------------------------------------


@route("PUT", "/v1/me/player", "player", _MODIFY)
def transfer(call: Call) -> Answer:
    player = _commanded(call)
    said = call.request.json()
    ids = said.get("device_ids")
    if not isinstance(ids, list) or len(ids) != 1:
        raise Refused(error(400, "Exactly one device_id must be provided"))
    device = player.device(str(ids[0]), wakes=True)
    return _do(call, lambda: player.transfer(device, play=said.get("play") is True))


@route("PUT", "/v1/me/player/play", "player", _MODIFY)
def play(call: Call) -> Answer:
    player = _commanded(call)
    said = call.request.json()
    device = player.device(call.request.query.get("device_id"))
    if "uris" not in said and "context_uri" not in said:
        return _do(call, lambda: player.resume(device))
    uris, context = _to_play(call, said)
    index = _offset(said, uris)
    position_ms = said.get("position_ms", 0)
    if not isinstance(position_ms, int) or position_ms < 0:
        raise Refused(error(400, "Invalid position_ms"))
    return _do(call, lambda: player.start(device, uris, index, position_ms, context))


@route("PUT", "/v1/me/player/pause", "player", _MODIFY)
def pause(call: Call) -> Answer:
    player, device = _on_device(call)
    return _do(call, lambda: player.pause(device))


@route("PUT", "/v1/me/player/seek", "player", _MODIFY)
def seek(call: Call) -> Answer:
    position_ms = _required(call, "position_ms", 2**31)
    player, device = _on_device(call)
    return _do(call, lambda: player.seek(device, position_ms))


@route("POST", "/v1/me/player/next", "player", _MODIFY)
def skip(call: Call) -> Answer:
    player, device = _on_device(call)
    return _do(call, lambda: player.skip(device))


@route("POST", "/v1/me/player/previous", "player", _MODIFY)
def back(call: Call) -> Answer:
    player, device = _on_device(call)
    return _do(call, lambda: player.back(device))


@route("POST", "/v1/me/player/queue", "player", _MODIFY)
def enqueue(call: Call) -> Answer:
    uri = call.request.query.get("uri", "")
    if call.world.catalogue.by_uri(uri) is None:
        raise Refused(error(400, f"Invalid uri: {uri}" if uri else "Missing required field: uri"))
    player, _ = _on_device(call)
    return _do(call, lambda: player.enqueue(uri))


@route("PUT", "/v1/me/player/volume", "player", _MODIFY)
def volume(call: Call) -> Answer:
    percent = _required(call, "volume_percent", 100)
    player, device = _on_device(call)
    return _do(call, lambda: player.set_volume(device, percent))


@route("PUT", "/v1/me/player/repeat", "player", _MODIFY)
def repeat(call: Call) -> Answer:
    state = _one_of(call, "track", "context", "off")
    player, _ = _on_device(call)
    return _do(call, lambda: player.set_options(repeat=state))


@route("PUT", "/v1/me/player/shuffle", "player", _MODIFY)
def shuffle(call: Call) -> Answer:
    state = _one_of(call, "true", "false")
    player, _ = _on_device(call)
    return _do(call, lambda: player.set_options(shuffle=state == "true"))


def _do(call: Call, action: Callable[[], None]) -> Answer:
    """Run a command, or hold it back until the next one has run; answer as the faults say."""
    faults = call.world.faults
    if faults.commands_lost > 0:
        faults.commands_lost -= 1
    elif faults.commands_swap:
        call.world.held.swap(call.person.id, action, wait_s=faults.commands_wait_s)
    else:
        action()
    status = faults.player_answers
    if status == 204:
        return Answer(204)
    return as_text(secrets.token_urlsafe(18), status)


def _player(call: Call) -> Player:
    player = call.world.player_of(call.person)
    player.settle()
    return player


def _commanded(call: Call) -> Player:
    """The player of somebody who may command it."""
    faults = call.world.faults
    if not call.person.premium or faults.false_premium_403s:
        faults.false_premium_403s = max(0, faults.false_premium_403s - 1)
        raise Refused(player_error(403, "Premium required", "PREMIUM_REQUIRED"))
    return _player(call)


def _on_device(call: Call) -> tuple[Player, Device]:
    player = _commanded(call)
    return player, player.device(call.request.query.get("device_id"))


def _required(call: Call, name: str, most: int) -> int:
    if name not in call.request.query:
        raise Refused(error(400, f"Missing required field: {name}"))
    return number(call.request, name, 0, 0, most)


def _one_of(call: Call, *accepted: str) -> str:
    state = call.request.query.get("state", "")
    if state not in accepted:
        raise Refused(error(400, f"Invalid state: {state}; must be one of {', '.join(accepted)}"))
    return state


def _to_play(call: Call, said: Json) -> tuple[list[str], str]:
    """The addresses that a body names, or that are in the context it names."""
    context = said.get("context_uri")
    if context is None:
        uris = said["uris"]
        if not isinstance(uris, list) or not uris or len(uris) > _MOST_URIS:
            raise Refused(error(400, "Invalid uris"))
        for uri in uris:
            if call.world.catalogue.by_uri(str(uri)) is None:
                raise Refused(error(400, f"Invalid track uri: {uri}"))
        return uris, ""
    if "uris" in said:
        raise Refused(error(400, "Only one of either context_uri or uris can be specified"))
    playable = [uri for uri in _uris_in(call, context) if call.world.catalogue.by_uri(uri)]
    if not playable:
        raise Refused(error(404, "Context not found"))
    return playable, context


def _uris_in(call: Call, context: str) -> list[str]:
    """What is in an album or a playlist."""
    for album in call.world.catalogue.albums:
        if album.uri == context:
            return [track.uri for track in album.tracks]
    for playlist in call.world.playlists.values():
        if playlist.uri == context:
            return [entry.item.uri for entry in playlist.entries if entry.item]
    return []


def _offset(said: Json, uris: list[str]) -> int:
    offset = said.get("offset") or {}
    if not isinstance(offset, dict):
        raise Refused(error(400, "Invalid offset"))
    at = offset.get("position", 0)
    if "uri" in offset:
        at = uris.index(offset["uri"]) if offset["uri"] in uris else -1
    if not isinstance(at, int) or not 0 <= at < len(uris):
        raise Refused(error(400, "Invalid offset"))
    return at
