"""The fake as a test holds it: start it, say who is there and what is wrong, count the calls."""

import threading
import time
from collections.abc import Iterable
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Any, Self

from tests.fakes.spotify import accounts
from tests.fakes.spotify.calls import CallRecord
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device
from tests.fakes.spotify.server import Server, Service, serving
from tests.fakes.spotify.tokens import SCOPES
from tests.fakes.spotify.wire import Json
from tests.fakes.spotify.world import REDIRECT_URIS, World


class FakeSpotify(World):
    """Spotify on this machine, from `with` to the end of its block (or `start` to `stop`)."""

    def __init__(self, port: int = 0, *, redirect_uris: Iterable[str] = REDIRECT_URIS) -> None:
        super().__init__(redirect_uris)
        self._port = port
        self._service = Service(self)
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        self._service.ending.clear()
        self._server = Server(self._service, self._port)
        # After a stop it comes back where it was.
        self._port = self._server.server_address[1]
        self._thread = serving(self._server)
        return self

    def stop(self) -> None:
        """Be away, as in an outage; `start` brings it back with all that it knows."""
        if self._server and self._thread:
            self._server.end()
            self._thread.join(5)
            self._server = self._thread = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def settings(self) -> dict[str, Any]:
        """What BeatSync must be set to, to talk to this instead."""
        return {
            "SPOTIFY_CLIENT_ID": self.client_id,
            "SPOTIFY_CLIENT_SECRET": self.client_secret,
            "SPOTIFY_ACCOUNTS_URL": f"{self.url}/accounts",
            "SPOTIFY_API_URL": f"{self.url}/v1",
            "SPOTIFY_SDK_URL": f"{self.url}/spotify-player.js",
            "SPOTIFY_IMAGES": [self.url],
        }

    def environment(self) -> dict[str, str]:
        """The same for a process of its own; lists with commas."""
        return {
            name: ",".join(value) if isinstance(value, list) else value
            for name, value in self.settings().items()
        }

    @property
    def calls(self) -> list[CallRecord]:
        """Every call to the accounts service and the Web API, in the order in which they came."""
        with self.lock:
            return [*self._service.calls]

    def calls_to(self, path: str, method: str = "") -> list[CallRecord]:
        """Those to one path, in which stars stand for anything."""
        return [
            call
            for call in self.calls
            if fnmatchcase(call.path, path) and method in ("", call.method)
        ]

    def forget_calls(self) -> None:
        with self.lock:
            self._service.calls.clear()

    def authorise(self, address: str, person: Person | None) -> str:
        """Where somebody's browser is sent who agrees on the authorise page of this address.

        With None for the person: somebody who does not agree.
        """
        with self.lock:
            asked = accounts.check_authorise(self, address)
            return accounts.agree(self, asked, person) if person else accounts.decline(asked)

    def code_for(
        self,
        person: Person,
        *,
        redirect_uri: str,
        scopes: str = SCOPES,
        challenge: str = "",
    ) -> str:
        """A code to exchange, as if this person had just agreed."""
        with self.lock:
            return self.tokens.code(person, scopes, redirect_uri, challenge)

    def tokens_for(
        self, person: Person, scopes: str = SCOPES, *, authorised_ago_s: float = 0
    ) -> Json:
        """A token answer, for tests that do not care about login."""
        with self.lock:
            began = self.clock.now() - authorised_ago_s
            return self.tokens.give(person, scopes, authorised_at=began)

    def device(
        self, person: Person, name: str = "Web Player", *, appears_after_s: float = 0
    ) -> Device:
        """A pretended device that plays by the clock, for tests without a browser."""
        with self.lock:
            device = Device(
                name, "Computer", known_from=time.monotonic() + appears_after_s, volume=100
            )
            self.player_of(person).devices.append(device)
        return device

    def play_on(self, ms: float) -> None:
        """Let everything that plays have gone on for so long already."""
        with self.lock:
            for person in self.people.values():
                self.player_of(person).play_on(ms)

    def lose_pages(self, person: Person) -> None:
        """Let the backend lose sight of somebody's SDK pages, which get `not_ready`."""
        with self.lock:
            player = self.player_of(person)
            for device in self._service.pages.devices_of(player):
                player.lose(device)

    def regain_pages(self, person: Person) -> None:
        """Let them be seen again; they get `ready` with the same id."""
        with self.lock:
            player = self.player_of(person)
            for device in self._service.pages.devices_of(player):
                player.regain(device)

    def tell_pages(self, person: Person, event: str, message: str = "") -> None:
        """Let somebody's SDK pages have this event now, such as `playback_error`."""
        with self.lock:
            self._service.pages.tell(self.player_of(person), event, message)

    def expire_access_tokens(self, person: Person | None = None) -> None:
        """Let every access token, or those of one person, have expired."""
        with self.lock:
            self.tokens.expire_access(person)

    def revoke(self, person: Person) -> None:
        """Let somebody take the app off their account page."""
        with self.lock:
            self.tokens.revoke(person)
