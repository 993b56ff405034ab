"""What goes over the wire: requests, answers, and errors in Spotify's shapes."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

# Whatever JSON an object of Spotify's is.
Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    # The address under which the asker reached the fake, for links in answers.
    base: str
    raw_query: str = ""
    # Names in small letters.
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def is_form(self) -> bool:
        kind = self.headers.get("content-type", "").partition(";")[0].strip()
        return kind == "application/x-www-form-urlencoded"

    def json(self) -> Json:
        """The body as an object; an empty one when there is no body."""
        if not self.body.strip():
            return {}
        try:
            said = json.loads(self.body)
        except ValueError:
            raise Refused(error(400, "Error parsing JSON.")) from None
        if not isinstance(said, dict):
            raise Refused(error(400, "Malformed json"))
        return said


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    # The connection is cut without a word instead.
    dropped: bool = False
    # Written bit by bit until it ends, instead of `body`; gets what writes and says whether it did.
    stream: Callable[[Callable[[bytes], bool]], None] | None = None


class Refused(Exception):
    """Carries the answer from where a rule is broken to the edge."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.body[:200]!r}")
        self.answer = answer


def as_json(data: Any, status: int = 200) -> Answer:
    body = json.dumps(data, ensure_ascii=False).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=utf-8"})


def as_text(text: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def as_html(text: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def redirect(address: str, status: int = 303) -> Answer:
    return Answer(status, b"", {"Location": address})


def error(status: int, message: str, reason: str = "") -> Answer:
    """An error of the Web API."""
    said: Json = {"status": status, "message": message}
    if reason:
        said["reason"] = reason
    return as_json({"error": said}, status)


def account_error(code: str, description: str = "", status: int = 400) -> Answer:
    """An error of the token endpoint, whose shape is flat."""
    said = {"error": code}
    if description:
        said["error_description"] = description
    return as_json(said, status)


def number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A number from the query, refused outside its bounds as Spotify words it."""
    written = request.query.get(name, "")
    if not written:
        return default
    try:
        found = int(written)
    except ValueError:
        raise Refused(error(400, f"Invalid {name}")) from None
    if not least <= found <= most:
        raise Refused(error(400, f"Invalid {name}"))
    return found


def as_it_is(thing: Any) -> Any:
    """What has its shape already."""
    return thing


def page(
    request: Request,
    things: Sequence[Any],
    *,
    limit: int,
    offset: int,
    href: str = "",
    shape: Callable[[Any], Any] = as_it_is,
) -> Json:
    """An offset page, whose neighbours are absolute addresses with the whole query.

    Only what is on the page is given its shape.
    """

    def address(start: int) -> str:
        query = request.query | {"offset": str(start), "limit": str(limit)}
        return f"{request.base}{href or request.path}?{urlencode(query)}"

    return {
        "href": address(offset),
        "limit": limit,
        "next": address(offset + limit) if offset + limit < len(things) else None,
        "offset": offset,
        "previous": address(max(0, offset - limit)) if offset else None,
        "total": len(things),
        "items": [shape(thing) for thing in things[offset : offset + limit]],
    }
