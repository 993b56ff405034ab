"""Is this process alive, and does everything it needs answer?"""

import asyncio
import logging
import secrets

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# What has not answered by then does not count as being there.
ANSWER_S = 2.0


def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, cache and channel layer answer, else 503; each by name."""
    checks = {"database": _database, "cache": _cache, "channel_layer": _channel_layer}
    parts = {}
    for name, check in checks.items():
        try:
            check()
            parts[name] = "ok"
        except (DatabaseError, RedisError, OSError) as failure:
            logger.warning("%s does not answer: %r", name, failure)
            parts[name] = "away"
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ready" if ready else "not ready", **parts}, status=200 if ready else 503
    )


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    token = secrets.token_hex(4)
    cache.set("readyz", token, 10)
    if cache.get("readyz") is None:
        raise OSError("the cache forgets")


def _channel_layer() -> None:
    async_to_sync(_group_send)()


async def _group_send() -> None:
    async with asyncio.timeout(ANSWER_S):
        await get_channel_layer().group_send("readyz", {"type": "readyz"})
