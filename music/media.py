"""Sound and pictures over HTTP, for members of a live room only."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from functools import wraps
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe
from whitenoise.middleware import WhiteNoiseFileResponse
from whitenoise.responders import NotARegularFileError

from music.errors import UnknownTrack
from music.ranges import RangedFile
from music.sources.library import covers
from music.sources.library.source import LibrarySource, path_of
from rooms import access
from rooms.errors import NoMembership, RateLimited, RoomError, Unavailable

# Files that one member may load at a time; browsers open six connections to a server.
STREAMS_PER_MEMBER = 12
_streams: Counter[uuid.UUID] = Counter()
_streams_lock = threading.Lock()
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
            if error.retry_after is not None:
                answer["Retry-After"] = str(error.retry_after)
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
    re_path(r"^covers/(?P<name>[0-9a-f]{32}(?:-l|-s)?\.(?:jpg|png|webp))$", cover, name="cover"),
]


def _answer(request: HttpRequest, file: Path, kind: str, caching: str) -> HttpResponseBase:
    """The file, or the part of it that was asked for, or 304 or 416.

    Raises `UnknownTrack` for what is not there, and `Unavailable` for what cannot be read now: a
    device gives up on the one, and tries the other again.
    """
    try:
        served = RangedFile(str(file), [("Content-Type", kind), ("Cache-Control", caching)])
        found = served.get_response(str(request.method), request.META)
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
    guest = access.guest_in(request.COOKIES)
    assert guest is not None  # nobody else is a member
    return _MemberFile(guest, found.file, status=found.status, headers=headers)


class _MemberFile(WhiteNoiseFileResponse):
    """A file that is sent to a member, until Django closes it; see `STREAMS_PER_MEMBER`."""

    def __init__(self, guest: uuid.UUID, file: BufferedIOBase, **options: Any) -> None:
        """Raises `RateLimited`, and closes the file, if it is one too many for the guest."""
        with _streams_lock:
            if _streams[guest] >= STREAMS_PER_MEMBER:
                file.close()
                raise RateLimited(
                    _("Too many files load at once. Wait for one."),
                    detail="files_at_once",
                    retry_after=5,
                )
            _streams[guest] += 1
        self._guest: uuid.UUID | None = guest
        super().__init__(file, **options)

    def close(self) -> None:
        super().close()
        with _streams_lock:
            guest, self._guest = self._guest, None
            if guest is not None:
                _streams[guest] -= 1
                if not _streams[guest]:
                    del _streams[guest]
