"""What the OpenAPI document says about refusals: one shape, and the codes of each status."""

from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from rooms.errors import RoomError

_SHAPE = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string", "description": "One sentence in English."},
                "detail": {"type": "string", "description": "Which sentence of the code."},
                "values": {"type": "object", "description": "What the sentence names."},
                "retry_after": {"type": "integer", "description": "Seconds to wait."},
                "until_ms": {"type": "integer", "description": "From then on it is possible."},
            },
        }
    },
}
# What only a request that changes something is refused with.
_OF_WRITES = {HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
# An operation is published with its method, so nothing there has the wrong one.
_OF_NO_OPERATION = {HTTPStatus.METHOD_NOT_ALLOWED}


def describe_errors(schema: dict[str, Any]) -> None:
    """Add every status that an operation may be refused with to each operation of the document.

    Refusals are raised deep below the operations, so each names all that any of its kind can get.
    """
    components = schema["components"]
    components["schemas"]["Error"] = _SHAPE
    codes = codes_by_status()
    components["responses"] = {
        _name(status): _response(status, names) for status, names in codes.items()
    }
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            for status in codes:
                if status not in _OF_WRITES or method != "get":
                    reference = {"$ref": f"#/components/responses/{_name(status)}"}
                    operation["responses"].setdefault(str(status), reference)


def codes_by_status() -> dict[int, list[str]]:
    """The codes of all refusals of operations, by the status that they come with."""
    codes: dict[int, set[str]] = defaultdict(set)
    for error in _subclasses(RoomError):
        if error.status not in _OF_NO_OPERATION:
            codes[error.status].add(error.code)
    return {status: sorted(names) for status, names in sorted(codes.items())}


def _name(status: int) -> str:
    return HTTPStatus(status).name.title().replace("_", "")  # "TooManyRequests"


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    narrowed = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, narrowed]}
    response = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"schema": schema}},
    }
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        response["headers"] = {"Retry-After": seconds}
    return response


def _subclasses(of: type[RoomError]) -> Iterator[type[RoomError]]:
    for child in of.__subclasses__():
        yield child
        yield from _subclasses(child)
