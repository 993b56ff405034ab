"""What the fan-out benches send: frames of the size that a vote in a small room has, 250 bytes."""

from typing import Any

# Eighteen a second, just slower than a relay's batches: each message is a frame, in all ways.
PERIOD_S = 0.055


def events(number: int) -> dict[str, Any]:
    """The frame of one vote that also changed the order."""
    tallied = {"type": "queue.tallied", "item": "1234", "up": number, "down": 1, "score": number}
    ordered = {"type": "queue.ordered", "items": [str(item) for item in range(1230, 1240)]}
    why = {"reason": f"Score {number}"}
    return {"type": "events", "from": number, "to": number, "events": [{**tallied, **why}, ordered]}


def change_message(frame: dict[str, Any]) -> dict[str, Any]:
    """The same frame as the message in which an action sends its events to a room's group."""
    events = [["", event] for event in frame["events"]]
    nothing_else: dict[str, Any] = {"audiences": {}, "removed": {}}
    return {"kind": "change", **frame, "events": events, **nothing_else}
