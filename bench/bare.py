"""The practical limit: a picows server that does nothing but write the same bytes to all sockets.

Not a bench by itself: `bench.deliveries` runs `python -m bench.bare PORT`. It understands the same
requests as `bench.fanout`.
"""

import asyncio
import json
import sys

from picows import (
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from bench.messages import PERIOD_S, events

sockets: set[WSTransport] = set()
publishing: set[asyncio.Task[None]] = set()


class Socket(WSListener):
    def on_ws_connected(self, transport: WSTransport) -> None:
        sockets.add(transport)
        transport.send(WSMsgType.TEXT, b'{"type":"snapshot"}')

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        sockets.discard(transport)


def answer(request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener:
    match request.path.decode().strip("/").split("/"):
        case ["ws", *_]:
            return Socket()
        case ["publish", _, _, count]:
            task = asyncio.create_task(publish(int(count)))
            publishing.add(task)
            task.add_done_callback(publishing.discard)
    return WSUpgradeResponseWithListener(WSUpgradeResponse.create_ok_response(b""), None)


async def publish(count: int) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(1, count + 1):
        message = json.dumps(events(number), separators=(",", ":")).encode()
        for socket in sockets:
            socket.send(WSMsgType.TEXT, message)
        await asyncio.sleep(began + number * PERIOD_S - loop.time())


async def serve(port: int) -> None:
    server = await ws_create_server(answer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
