"""Sound and pictures over HTTP, for members of a live room only."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import wraps
from http import HTTPStatus
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.views.decorators.http import require_safe
from whitenoise.responders import NotARegularFileError, Response, SlicedFile, StaticFile

from music.sources.library import covers
from music.sources.library.source import LibrarySource, path_of
from rooms import access
from rooms.errors import NoMembership, RoomError, Unavailable, UnknownTrack

_CHUNK_BYTES = 128 * 1024
_AUDIO_TYPES = {
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
}
_COVER_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
# A file may be replaced under the same address, so devices ask again after an hour.
_AUDIO_CACHING = "private, max-age=3600"
# A picture's address is the hash of its bytes: it never changes.
_COVER_CACHING = "private, max-age=31536000, immutable"

View = Callable[..., HttpResponseBase]


def _for_members(view: View) -> View:
    """Answer strangers with 401, and every refusal in the shape that all of the API has."""

    @wraps(view)
    def guarded(request: HttpRequest, **names: str) -> HttpResponseBase:
        try:
            if not access.is_member_anywhere(request):
                raise NoMembership
            return view(request, **names)
        except RoomError as error:
            answer = JsonResponse(error.as_json(), status=error.status)
            answer["Cache-Control"] = "no-store"
            return answer

    return guarded


@require_safe
@_for_members
def audio(request: HttpRequest, token: str) -> HttpResponseBase:
    """The sound of a library track, whole or a range of bytes."""
    file = path_of(LibrarySource().track(f"library:{token}"))
    return _answer(request, file, _AUDIO_TYPES[file.suffix.lower()], _AUDIO_CACHING)


@require_safe
@_for_members
def cover(request: HttpRequest, name: str) -> HttpResponseBase:
    """A saved picture."""
    file = covers.folder() / name
    return _answer(request, file, _COVER_TYPES[file.suffix], _COVER_CACHING)


# Below /media/.
urlpatterns = [
    path("audio/<slug:token>", audio, name="audio"),
    # Only names that the library itself gives: no dots, no slashes.
    re_path(r"^covers/(?P<name>[0-9a-f]{32}\.(?:jpg|png|webp))$", cover, name="cover"),
]


def _answer(request: HttpRequest, file: Path, kind: str, caching: str) -> HttpResponseBase:
    """The file, or the part of it that was asked for, or 304 or 416.

    Raises `UnknownTrack` for what is not there, and `Unavailable` for what cannot be read now: a
    device gives up on the one, and tries the other again.
    """
    try:
        served = _File(str(file), [("Content-Type", kind), ("Cache-Control", caching)])
        found = served.get_response(request.method, _conditions(request, served.etag))
    except (NotARegularFileError, FileNotFoundError, NotADirectoryError) as error:
        raise UnknownTrack from error
    except OSError as error:
        raise Unavailable from error
    headers = {"Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff", **dict(found.headers)}
    if found.file is None:
        answer = HttpResponse(status=found.status, headers=headers)
        if "Content-Type" not in headers:
            del answer["Content-Type"]
        return answer
    # Django closes what it streams from, also when the listener goes away in the middle.
    return StreamingHttpResponse(_Chunks(found.file), status=found.status, headers=headers)


def _conditions(request: HttpRequest, etag: str | None) -> dict[str, Any]:
    """The request's headers, without a range that is meant for another version of the file."""
    headers = dict(request.META)
    if headers.get("HTTP_IF_RANGE", etag) != etag:
        headers.pop("HTTP_RANGE", None)
    return headers


class _File(StaticFile):
    """WhiteNoise's answers to ranges and conditions, and to ranges of a single byte."""

    def get_range_response(
        self, range_header: str, base_headers: list[tuple[str, str]], file_handle: Any
    ) -> Response:
        size = int(dict(base_headers)["Content-Length"])
        start, end = self.get_byte_range(range_header, size)
        if start != end:
            whole: Response = super().get_range_response(range_header, base_headers, file_handle)
            return whole
        headers = [(name, value) for name, value in base_headers if name != "Content-Length"]
        headers += [("Content-Range", f"bytes {start}-{end}/{size}"), ("Content-Length", "1")]
        return Response(
            HTTPStatus.PARTIAL_CONTENT, headers, file_handle and SlicedFile(file_handle, start, end)
        )


class _Chunks:
    """A file in pieces, each read in a thread so that the server's loop never waits for a disk."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await asyncio.to_thread(self._file.read, _CHUNK_BYTES):
            yield chunk

    def close(self) -> None:
        self._file.close()
