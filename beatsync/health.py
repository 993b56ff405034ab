"""Is this process alive, and does everything it needs answer?"""

import asyncio
import logging
from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from beatsync.metrics import metrics
from rooms.access import address_of

logger = logging.getLogger(__name__)

# What has not answered by then does not count as being there.
ANSWER_S = 2.0
# The doctor's question (`beatsync.doctor.network`): in a header, signed, and good for a minute.
_QUESTION = "X-BeatSync-Doctor"
_QUESTION_S = 60
_signer = signing.TimestampSigner(salt="beatsync.doctor")
# What the doctor claims to be its address (RFC 5737): one that no client on earth has.
FORGED_ADDRESS = "192.0.2.77"


class Health:
    """Middleware that answers `/healthz`, `/readyz` and `/metrics` before others see the request.

    What watches a process asks it by whatever name or address it knows, and over plain HTTP.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path_info:
            case "/healthz":
                return is_alive(request)
            case "/readyz":
                return is_ready()
            case "/metrics":
                return metrics(request)
        return self._get_response(request)


def is_alive(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all; the doctor also gets what it sees."""
    said: dict[str, object] = {"status": "alive"}
    if _is_of_the_doctor(request.headers.get(_QUESTION, "")):
        said["seen"] = _seen(request)
    return JsonResponse(said)


def question_header() -> dict[str, str]:
    """The header by which the doctor of this installation is known."""
    return {_QUESTION: _signer.sign("doctor")}


def _is_of_the_doctor(question: str) -> bool:
    try:
        return _signer.unsign(question, max_age=_QUESTION_S) == "doctor"
    except signing.BadSignature:
        return False


def _seen(request: HttpRequest) -> dict[str, object]:
    """What arrives of a request that claims to come from `FORGED_ADDRESS`.

    `proxies`: how many have written an address into X-Forwarded-For.
    """
    header = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    entries = [entry.strip() for entry in header.split(",") if entry.strip()]
    try:
        request.get_host()
        is_known = True
    except DisallowedHost:
        is_known = False
    return {
        "scheme": request.scheme,
        "host_is_known": is_known,
        "is_forgeable": address_of(request) == FORGED_ADDRESS,
        "proxies": len([entry for entry in entries if entry != FORGED_ADDRESS]),
    }


def is_ready() -> JsonResponse:
    """200 when database, cache and channel layer answer, else 503; each by name. Writes nothing."""
    checks = {"database": _database, "cache": _cache, "channel_layer": _channel_layer}
    parts = {}
    for name, check in checks.items():
        try:
            check()
            parts[name] = "ok"
        except (DatabaseError, RedisError, OSError) as failure:
            logger.warning("%s does not answer: %r", name, failure)
            parts[name] = "away"
    is_everything_there = all(state == "ok" for state in parts.values())
    status = "ready" if is_everything_there else "not ready"
    return JsonResponse({"status": status, **parts}, status=200 if is_everything_there else 503)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.get("readyz")  # nobody sets it; a cache that is away cannot say so


def _channel_layer() -> None:
    async_to_sync(_group_send)()


async def _group_send() -> None:
    async with asyncio.timeout(ANSWER_S):
        await get_channel_layer().group_send("readyz", {"type": "readyz"})
