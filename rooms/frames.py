"""Frames of the socket, encoded as JSON in an ASGI message, for any number of sockets."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from rooms.audience import EVERYONE, Audience

Frame = dict[str, Any]
# An event on its way to sockets, with its audience; as data, and as JSON.
AddressedEvent = tuple[Audience, Frame]
EncodedEvent = tuple[Audience, str]


def encode_json(data: Any) -> str:
    """Data as JSON, as it goes over a socket."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def encode_frame(frame: Frame) -> Frame:
    """A frame as an ASGI message."""
    return text_message(encode_json(frame))


def encode_each(events: Collection[AddressedEvent]) -> list[EncodedEvent]:
    """The events as JSON: once for all frames that they go into."""
    return [(audience, encode_json(event)) for audience, event in events]


def events_frame(
    first: int, last: int, events: Collection[EncodedEvent], audiences: frozenset[Audience]
) -> Frame:
    """The frame of these events as members of these audiences may see them.

    Null stands in place of an event that they may not see: it counts as a revision.
    """
    visible = ",".join(
        event if audience == EVERYONE or audience in audiences else "null"
        for audience, event in events
    )
    return text_message(f'{{"type":"events","from":{first},"to":{last},"events":[{visible}]}}')


def text_message(encoded: str) -> Frame:
    """Encoded JSON as an ASGI message."""
    return {"type": "websocket.send", "text": encoded}
