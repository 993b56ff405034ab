"""What the Web API says of what plays, true or as it is seen in the wild."""

import time
from typing import Any

from tests.fakes.spotify.catalogue import Episode, Track
from tests.fakes.spotify.faults import Faults
from tests.fakes.spotify.player import Device, Moment, Player
from tests.fakes.spotify.routes import Call
from tests.fakes.spotify.wire import Json

# Another recording is longer by so much.
_LONGER_MS = 1_200


def device_shape(player: Player, device: Device) -> Json:
    return {
        "id": device.id,
        "is_active": device is player.active,
        "is_private_session": device.is_private,
        "is_restricted": device.is_restricted,
        "name": device.name,
        "supports_volume": device.supports_volume,
        "type": device.kind,
        "volume_percent": device.volume if device.supports_volume else None,
    }


def playing_shape(call: Call, player: Player, *, whole: bool = True) -> Json | None:
    """What plays, as the faults let it be seen; None for an empty answer."""
    faults = call.world.faults
    is_old = faults.answers_are_old_s > 0
    moment = player.as_of(faults.answers_are_old_s) if is_old else None
    device = player.active if not is_old else moment.active if moment else None
    if faults.player_is_hidden or device is None:
        return None
    more: Json = {
        "device": device_shape(player, device),
        "repeat_state": player.repeat,
        "shuffle_state": player.shuffle,
    }
    return (more if whole else {}) | _shape(call, player, moment)


def _shape(call: Call, player: Player, moment: Moment | None) -> Json:
    faults = call.world.faults
    item = player.item if moment is None else call.world.catalogue.by_uri(moment.uri)
    is_playing = player.is_playing if moment is None else moment.is_playing
    kind, _, id = player.context.removeprefix("spotify:").partition(":")
    context = {
        "type": kind,
        "href": f"{call.base}/v1/{kind}s/{id}",
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{id}"},
        "uri": player.context,
    }
    disallows: Json = {"resuming" if is_playing else "pausing": True}
    if player.index == 0:
        disallows["skipping_prev"] = True
    return {
        "timestamp": player.changed_at_ms,
        "context": context if player.context else None,
        "progress_ms": _progress(player, moment, faults) if item else None,
        "item": _item(call, item),
        "currently_playing_type": _kind(item, faults),
        "actions": {"disallows": disallows},
        "is_playing": is_playing,
    }


def _progress(player: Player, moment: Moment | None, faults: Faults) -> int:
    position_ms = player.position_ms
    if moment is not None:
        passed_s = time.monotonic() - faults.answers_are_old_s - moment.since
        position_ms = int(moment.position_ms + (passed_s * 1000 if moment.is_playing else 0))
    if faults.progress == "zero":
        return 0
    behind_ms = faults.progress_behind_s * 1000 if faults.progress == "behind" else 0
    return max(0, int(position_ms - behind_ms))


def _item(call: Call, item: Track | Episode | None) -> Any:
    faults = call.world.faults
    if item is None or faults.item_shown != "track":
        return None
    shape = item.shape(call.base)
    if faults.relinks == "":
        return shape
    id = item.id[::-1]
    isrc = {"isrc": "QZABC2600001"} if faults.relinks == "other_isrc" else {}
    longer = {"duration_ms": item.duration_ms + _LONGER_MS}
    return shape | {"id": id, "uri": f"spotify:track:{id}", "external_ids": isrc} | longer


def _kind(item: Track | Episode | None, faults: Faults) -> str:
    if faults.item_shown in ("ad", "unknown"):
        return faults.item_shown
    if item is None:
        return "unknown"
    return "track" if isinstance(item, Track) else "episode"
