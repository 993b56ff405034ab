"""Byte ranges of a file, as RFC 9110 (section 14) has them."""

import re
from http import HTTPStatus
from typing import Any

from whitenoise.responders import Response, SlicedFile, StaticFile

_RANGE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)", re.IGNORECASE)


class RangedFile(StaticFile):
    """WhiteNoise's answers for a file. WhiteNoise itself reads some ranges wrongly."""

    def get_response(self, method: str, request_headers: dict[str, Any]) -> Response:
        other_version = request_headers.get("HTTP_IF_RANGE", self.etag) != self.etag
        if method != "GET" or other_version:
            request_headers = {**request_headers, "HTTP_RANGE": ""}
        return super().get_response(method, request_headers)

    def get_range_response(
        self, range_header: str, base_headers: list[tuple[str, str]], file_handle: Any
    ) -> Response:
        size = int(dict(base_headers)["Content-Length"])
        first, last = parse_range(range_header, size)
        if first > last:
            return self.get_range_not_satisfiable_response(file_handle, size)
        headers = [(name, value) for name, value in base_headers if name != "Content-Length"]
        headers.append(("Content-Range", f"bytes {first}-{last}/{size}"))
        headers.append(("Content-Length", str(last - first + 1)))
        return Response(HTTPStatus.PARTIAL_CONTENT, headers, SlicedFile(file_handle, first, last))


def parse_range(header: str, size: int) -> tuple[int, int]:
    """The first and last byte that a `Range` header asks for in a file of `size` bytes.

    The first lies behind the last where the file has none of them. Raises ValueError for all that
    is no single valid range of bytes: such a header is ignored.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or found[1] == found[2] == "":
        raise ValueError(f"no range of bytes: {header[:100]}")
    if not found[1]:
        return max(size - int(found[2]), 0), size - 1
    first = int(found[1])
    last = int(found[2]) if found[2] else max(size - 1, first)
    if last < first:
        raise ValueError(f"a range that ends before it begins: {header[:100]}")
    return first, min(last, size - 1)
