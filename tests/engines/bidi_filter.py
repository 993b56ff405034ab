#!/usr/bin/env python
"""Firefox for playwright, which sends WebDriver BiDi commands that Firefox ESR does not know.

Playwright starts this program in place of Firefox (`firefox.py`). It starts the real one, named by
`FIREFOX`, and passes on all messages. Where Firefox answers that it does not know one of the
commands below, playwright gets the answer that it has been done.
"""

import asyncio
import json
import os
import re
import signal
import sys
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

# Sent for each page. Without it the page has the colour scheme of the system.
MAY_BE_UNKNOWN = {"emulation.setMediaFeaturesOverride"}
LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")


async def main() -> int:
    """Run Firefox until it ends. Returns its exit status."""
    firefox = await asyncio.create_subprocess_exec(
        os.environ["FIREFOX"], *sys.argv[1:], stderr=asyncio.subprocess.PIPE
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, firefox.terminate)
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        if found := LISTENING.search(line):
            await listen_for_playwright(found[1].decode())
        else:
            sys.stderr.buffer.write(line)
            sys.stderr.flush()
    return await firefox.wait()


async def listen_for_playwright(firefox_url: str) -> None:
    """Open a port, and print it as Firefox prints its own."""

    async def connect_both(playwright: ServerConnection) -> None:
        async with connect(f"{firefox_url}/session", max_size=None, compression=None) as firefox:
            requests = asyncio.create_task(pass_requests(playwright, firefox))
            await pass_answers(firefox, playwright)
            await requests

    server = await serve(connect_both, "127.0.0.1", 0, max_size=None, compression=None)
    port = server.sockets[0].getsockname()[1]
    print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)


async def pass_requests(playwright: ServerConnection, firefox: ClientConnection) -> None:
    """Pass on what playwright sends, until either side closes; then close the other."""
    with suppress(ConnectionClosed):
        async for message in playwright:
            await firefox.send(message)
    await firefox.close()


async def pass_answers(firefox: ClientConnection, playwright: ServerConnection) -> None:
    """Pass on answers and events, until either side closes; then close the other."""
    with suppress(ConnectionClosed):
        async for message in firefox:
            await playwright.send(accepted(message))
    await playwright.close()


def accepted(message: str | bytes) -> str | bytes:
    """The message; a success in place of the error that one of those commands is unknown."""
    if b"unknown command" not in (message if isinstance(message, bytes) else message.encode()):
        return message
    answer = json.loads(message)
    if answer.get("error") == "unknown command" and answer["message"] in MAY_BE_UNKNOWN:
        return json.dumps({"type": "success", "id": answer["id"], "result": {}})
    return message


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
