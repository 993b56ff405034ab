"""The server behind the Web Playback SDK: its scripts, and the lines to the pages that run it."""

import math
import queue
from collections.abc import Callable
from pathlib import Path

from tests.fakes.spotify.player import Connection, Device, Player
from tests.fakes.spotify.wire import Answer, Json, Refused, Request, as_json, error
from tests.fakes.spotify.world import World

_HERE = Path(__file__).parent / "sdk"
_KINDS = {".js": "text/javascript", ".html": "text/html"}
# What the SDK's documentation asks for.
_SCOPES = {"streaming", "user-read-email", "user-read-private"}
# How soon a page that has gone is missed, and how late an expired token is noticed.
_BEAT_S = 0.5
# Nothing inline, nothing evaluated, nothing from elsewhere but the pictures of nobody.
_POLICY = "default-src 'self'"


def script(request: Request) -> Answer:
    """A file of the SDK, with the address under which the fake was reached in it."""
    name = Path(request.path).name
    found = _HERE / ("player.js" if name == "spotify-player.js" else name)
    if not found.is_file():
        return error(404, "Not found.")
    body = found.read_text().replace("{origin}", request.base).encode()
    kind = f"{_KINDS[found.suffix]}; charset=utf-8"
    headers = {"Content-Type": kind, "Cache-Control": "no-store"}
    if found.suffix == ".html":
        headers["Content-Security-Policy"] = _POLICY
    return Answer(200, body, headers)


class Pages:
    """The pages in which the SDK is connected."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._connected: dict[str, tuple[Player, Device, Connection]] = {}
        # Player objects of pages whose devices nobody knows, by what they call themselves.
        self._stale: set[str] = set()

    def answer(self, request: Request) -> Answer:
        """What comes from inside a page."""
        if request.method == "GET" and request.path == "/sdk/events":
            return self._events(request.query.get("connection", ""))
        does: Callable[[Json], Answer] | None = {
            "/sdk/connect": lambda said: self._connect(said, request.base),
            "/sdk/token": self._renew,
            "/sdk/report": self._report,
            "/sdk/skip": self._skip,
            "/sdk/rename": self._rename,
            "/sdk/disconnect": self._disconnect,
        }.get(request.path)
        if request.method != "POST" or does is None:
            return script(request)
        with self._world.lock:
            try:
                return does(request.json())
            except Refused as refused:
                return refused.answer

    def devices_of(self, player: Player) -> list[Device]:
        """The connected pages of an account, the latest last."""
        return [device for theirs, device, _ in self._connected.values() if theirs is player]

    def tell(self, player: Player, event: str, message: str) -> None:
        """Let an account's pages have an event."""
        for device in self.devices_of(player):
            if device.connection:
                data = {"message": message} if message else None
                device.connection.tell("event", event=event, data=data)

    def end(self) -> None:
        """Hang up on every page."""
        with self._world.lock:
            for _, _, connection in self._connected.values():
                connection.end()

    def _connect(self, said: Json, base: str) -> Answer:
        """A device for whoever's token this is, or the error that the page will hear."""
        kind, message = self._objection(str(said.get("token", "")))
        if kind:
            return as_json({"error": kind, "message": message}, 403)
        access = self._world.tokens.access(said["token"])
        assert access, "nobody objected"
        assert access.person, "nobody objected"
        player = self._world.player_of(access.person)
        volume = round(float(said.get("volume", 1)) * 100)
        device = player.connect(str(said.get("name", "")), volume, access, base)
        if self._is_stale(str(said.get("player", ""))):
            device.known_from = math.inf
        assert device.connection, "a page is connected"
        self._connected[device.connection.id] = (player, device, device.connection)
        return as_json(
            {
                "connection": device.connection.id,
                "device_id": device.id,
                "conditions": self._world.faults.shape(),
            }
        )

    def _is_stale(self, id: str) -> bool:
        """Whether this player object of a page is one of those that went stale."""
        faults = self._world.faults
        if id not in self._stale and faults.stale_sdk_players > 0:
            faults.stale_sdk_players -= 1
            self._stale.add(id)
        return id in self._stale

    def _objection(self, token: str) -> tuple[str, str]:
        """The error event that a page gets for this token, and its message; nothing: welcome."""
        access = self._world.tokens.access(token)
        forced = self._world.faults.sdk_error
        if forced == "initialization_error":
            return forced, "Failed to initialize player"
        if forced == "account_error" or (access and access.person and not access.person.premium):
            return "account_error", "This functionality is restricted to premium users only"
        if access is None or not self._world.tokens.is_live(access) or access.person is None:
            return "authentication_error", "Authentication failed"
        if forced == "authentication_error":
            return forced, "Authentication failed"
        if not access.scopes >= _SCOPES:
            return "authentication_error", "Invalid token scopes."
        return "", ""

    def _renew(self, said: Json) -> Answer:
        _, _, connection = self._page(said)
        kind, message = self._objection(str(said.get("token", "")))
        if kind:
            return as_json({"error": kind, "message": message}, 403)
        access = self._world.tokens.access(said["token"])
        assert access, "nobody objected"
        connection.access = access
        return as_json({})

    def _report(self, said: Json) -> Answer:
        found = self._connected.get(str(said.get("connection", "")))
        if found is None:
            # A report under way while its page hung up: late, and no fault of the page.
            return as_json({})
        player, device, _ = found
        player.heard_from(device, said["play"], said["what"], float(said["position_ms"]))
        if "volume" in said:
            device.volume = round(float(said["volume"]) * 100)
        return as_json({})

    def _skip(self, said: Json) -> Answer:
        """`nextTrack` and `previousTrack`, which the page cannot do by itself."""
        player, device, _ = self._page(said)
        if said.get("back"):
            player.back(device)
        else:
            player.skip(device)
        return as_json({})

    def _rename(self, said: Json) -> Answer:
        _, device, _ = self._page(said)
        device.name = str(said.get("name", ""))
        return as_json({})

    def _disconnect(self, said: Json) -> Answer:
        self._forget(str(said.get("connection", "")))
        return as_json({})

    def _page(self, said: Json) -> tuple[Player, Device, Connection]:
        found = self._connected.get(str(said.get("connection", "")))
        if found is None:
            raise Refused(error(404, "Not connected"))
        return found

    def _forget(self, id: str) -> None:
        with self._world.lock:
            found = self._connected.pop(id, None)
            if found:
                found[0].disconnect(found[1])

    def _events(self, id: str) -> Answer:
        """What a page is told, for as long as it listens."""
        found = self._connected.get(id)
        if found is None:
            return error(404, "Not connected")
        connection = found[2]

        def tell(write: Callable[[bytes], bool]) -> None:
            asked = False
            while write(b": still there\n\n"):
                live = self._world.tokens.is_live(connection.access)
                if not live and not asked:
                    connection.tell("token")
                # Asked again when the next one has expired, too.
                asked = not live
                try:
                    message = connection.told.get(timeout=_BEAT_S)
                except queue.Empty:
                    continue
                if message is None or not write(b"data: " + as_json(message).body + b"\n\n"):
                    break
            self._forget(id)

        return Answer(200, b"", {"Content-Type": "text/event-stream"}, stream=tell)
