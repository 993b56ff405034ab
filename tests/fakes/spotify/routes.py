"""The table of the Web API: which function answers what, for whom, and out of which quota."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.spotify.people import Person
from tests.fakes.spotify.tokens import Access
from tests.fakes.spotify.wire import Answer, Refused, Request, error
from tests.fakes.spotify.world import World


@dataclass
class Call:
    """A call that got past the door."""

    world: World
    request: Request
    access: Access

    @property
    def base(self) -> str:
        return self.request.base

    @property
    def person(self) -> Person:
        """Who asks; an app by itself is nobody."""
        if self.access.person is None:
            raise Refused(error(401, "Valid user authentication required"))
        return self.access.person

    def require(self, *scopes: str) -> None:
        """Any one of these scopes."""
        if not self.access.scopes & set(scopes):
            raise Refused(error(403, "Insufficient client scope"))

    @property
    def in_market(self) -> bool:
        """Whether it is known for which country is asked."""
        market = self.request.query.get("market", "")
        if market == "from_token":
            self.require("user-read-private")
        elif market and not re.fullmatch(r"[A-Z]{2}", market):
            raise Refused(error(400, "Invalid market code"))
        return bool(market) or self.access.person is not None


Responder = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    bucket: str
    # Any one of these; empty: none is needed.
    scopes: tuple[str, ...]
    # Answers a call; gets what the path names, in order.
    answer: Responder


class Routes:
    def __init__(self, *parts: "Routes") -> None:
        self._all: list[Route] = [route for part in parts for route in part._all]

    def route(
        self, method: str, path: str, bucket: str, *scopes: str
    ) -> Callable[[Responder], Responder]:
        """Let a function answer a path, in which `{}` stands for one name."""
        pattern = re.compile(re.escape(path).replace(r"\{\}", "([^/]+)"))

        def add(answer: Responder) -> Responder:
            self._all.append(Route(method, pattern, bucket, scopes, answer))
            return answer

        return add

    def find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        """The route of this path, and the names in it."""
        for route in self._all:
            found = route.pattern.fullmatch(path)
            if found and route.method == method:
                return route, found.groups()
        return None


# What was taken away from apps in development, with the methods that it had.
_REMOVED = [
    (methods, re.compile(pattern))
    for methods, pattern in (
        ("GET", r"/v1/(tracks|albums|artists|episodes|shows|audiobooks|chapters)"),
        ("GET", r"/v1/artists/[^/]+/(top-tracks|related-artists)"),
        ("GET", r"/v1/browse/.*"),
        ("GET", r"/v1/(markets|recommendations|recommendations/available-genre-seeds)"),
        ("GET", r"/v1/audio-(features|analysis)(/[^/]+)?"),
        ("GET", r"/v1/users/[^/]+"),
        ("GET POST", r"/v1/users/[^/]+/playlists"),
        ("GET POST PUT DELETE", r"/v1/playlists/[^/]+/tracks"),
        ("PUT DELETE GET", r"/v1/playlists/[^/]+/followers(/contains)?"),
        ("PUT DELETE", r"/v1/me/(tracks|albums|episodes|shows|audiobooks|following)"),
        ("GET", r"/v1/me/(tracks|albums|episodes|shows|audiobooks|following)/contains"),
    )
]


def is_removed(method: str, path: str) -> bool:
    return any(
        method in methods.split() and pattern.fullmatch(path) for methods, pattern in _REMOVED
    )


def bucket_of(routes: Routes, method: str, path: str) -> str:
    """Out of which quota a call is paid: `token` and `authorise` for the accounts service."""
    if path.startswith("/accounts/"):
        return "token" if path.endswith("/token") else "authorise"
    found = routes.find(method, path)
    return found[0].bucket if found else "other"
