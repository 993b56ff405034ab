"""A process with something odd about it: `python -m tests.faults.odd beatsync …`.

`ODD` says what, as JSON: {"ahead_ms": 3000, "set": {"rooms.presence.REFRESH_S": 1}, "tally": true,
"loses": 0.2, "finishes": true}: a clock that is wrong, patience that a test can outwait, a line in
the log whenever a snapshot is computed, read, or asks the database for something, a channel layer
that loses some messages and lets others overtake, and sockets that close with the code they are
told. `clock_file` names a file that says how many ms the machine's clock is ahead; what is written
into it later sets the clock anew.
"""

import asyncio
import importlib
import json
import os
import random
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    odd = json.loads(os.environ["ODD"])
    set_clock(odd.get("ahead_ms", 0), odd.get("clock_file"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")
    import django

    django.setup(set_prefix=False)
    for place, value in odd.get("set", {}).items():
        module, name = place.rsplit(".", 1)
        found = importlib.import_module(module)
        assert hasattr(found, name), place
        setattr(found, name, value)
    if odd.get("tally"):
        tally()
    if loses := odd.get("loses"):
        confuse(loses)
    if odd.get("finishes"):
        finish_on_demand()
    sys.argv = sys.argv[1:]
    run = runpy.run_path if sys.argv[0].endswith(".py") else runpy.run_module
    run(sys.argv[0], run_name="__main__")


def set_clock(ahead_ms: int, file: str | None) -> None:
    """Let the whole process believe that it is later, by as much as a file says at each moment."""
    right, right_ns = time.time, time.time_ns

    def ahead() -> int:
        return ahead_ms if file is None else int(Path(file).read_text() or 0)

    time.time = lambda: right() + ahead() / 1000
    time.time_ns = lambda: right_ns() + ahead() * 1_000_000


def tally() -> None:
    from django.db import connection

    from rooms import snapshot

    keep, read = snapshot.PartState, snapshot.read_snapshots

    def say(what: str) -> None:
        print(f"TALLY {what}", file=sys.stderr, flush=True)

    def told_keep(revision: int, data: Any) -> Any:
        say("part read")
        return keep(revision, data)

    def told_read(*room_and_members: Any) -> Any:
        def told_query(execute: Callable[..., Any], *args: Any) -> Any:
            say("queried")
            return execute(*args)

        say("read")
        with connection.execute_wrapper(told_query):
            return read(*room_and_members)

    snapshot.PartState, snapshot.read_snapshots = told_keep, told_read  # type: ignore[assignment, misc]


def finish_on_demand() -> None:
    """Let a client say how it is closed: `{"type": "finish", "code": 4410}`."""
    from rooms.room_socket import RoomSocket

    hear = RoomSocket._heard

    def told_hear(socket: RoomSocket, message: dict[str, Any], **more: Any) -> None:
        said = json.loads(message["text"]) if '"finish"' in message.get("text", "") else None
        if said is None:
            hear(socket, message, **more)
        else:
            socket.finish(said["code"], {"code": "asked_for", "message": "As you wish."})

    RoomSocket._heard = told_hear  # type: ignore[assignment, method-assign]


def confuse(loses: float) -> None:
    """Lose this share of the messages to rooms, and hold back as many for a moment."""
    from rooms import group

    send = group._send

    async def confused(name: str, message: group.Message) -> None:
        fate = random.random()
        if fate < loses and message["kind"] == "change":
            return
        if fate > 1 - loses:
            await asyncio.sleep(random.random())
        await send(name, message)

    group._send = confused


if __name__ == "__main__":
    main()
