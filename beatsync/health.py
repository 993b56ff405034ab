"""Is this process alive, and does everything it needs answer?"""

import asyncio
import logging
from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# What has not answered by then does not count as being there.
ANSWER_S = 2.0


class Health:
    """Middleware that answers `/healthz` and `/readyz` before any other looks at the request.

    What watches a process asks it by whatever name or address it knows, and over plain HTTP.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path_info:
            case "/healthz":
                return is_alive()
            case "/readyz":
                return is_ready()
        return self._get_response(request)


def is_alive() -> JsonResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": "alive"})


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
