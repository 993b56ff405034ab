"""Compresses pages and answers of the API; files are compressed once, when they are collected.

Compression beside a secret can betray it (BREACH): who can put text into an answer, and see its
size, guesses letter by letter what else is in it. The CSRF token, the one secret in pages, is
masked anew in each answer by Django, so equal guesses never compress alike. Tokens of sources are
in answers to PUTs that repeat nothing of the request.
"""

import gzip
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

try:
    import brotli
except ImportError:  # there is no wheel for this platform
    brotli = None

COMPRESSED = ("text/html", "application/json", "text/plain", "image/svg+xml")
# One packet holds this much, compressed or not.
SMALLEST_BYTES = 1_200
# The page of a first visit, 173 KB, becomes 26.3 KB in 4 ms; with 5 it would be 26.8 KB, and with 7
# it would take 11 ms.
BROTLI_QUALITY = 6
GZIP_LEVEL = 4


class CompressedAnswers:
    """Middleware. It runs in the thread that makes the answer, never on the server's loop.

    Audio, covers and other files are streamed, and pass as they are: a range counts the bytes of
    the file.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, compressed where that helps and the client understands it."""
        response = self._get_response(request)
        if not _is_worth_it(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        encoding = _encoding_for(request.headers.get("Accept-Encoding", ""))
        if encoding is None:
            return response
        content = response.content  # type: ignore[attr-defined]
        if encoding == "br":
            response.content = brotli.compress(content, quality=BROTLI_QUALITY)  # type: ignore[attr-defined]
        else:
            response.content = gzip.compress(content, GZIP_LEVEL, mtime=0)  # type: ignore[attr-defined]
        response["Content-Encoding"] = encoding
        if response.has_header("Content-Length"):
            response["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
        # The same words in other bytes: RFC 9110 has a weak tag for that.
        if response.get("ETag", "").startswith('"'):
            response["ETag"] = f"W/{response['ETag']}"
        return response


def _is_worth_it(response: HttpResponseBase) -> bool:
    return (
        not response.streaming
        and not response.has_header("Content-Encoding")
        and not response.has_header("Content-Range")
        and response.get("Content-Type", "").partition(";")[0] in COMPRESSED
        and len(response.content) >= SMALLEST_BYTES  # type: ignore[attr-defined]
    )


def _encoding_for(accepted: str) -> str | None:
    """The best encoding that an `Accept-Encoding` header allows; None for no encoding."""
    allowed = set()
    for one in accepted.lower().split(","):
        name, _, options = one.replace(" ", "").partition(";")
        if options not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            allowed.add(name)
    if "br" in allowed and brotli is not None:
        return "br"
    return "gzip" if "gzip" in allowed else None
