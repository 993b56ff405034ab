"""How many sockets all web processes have open, counted by each for itself in the shared cache.

Each process has one of `MOST` places there, under a key that ends by itself once the process no
longer writes it. So the sum is one look at the cache, and costs the database nothing.
"""

from __future__ import annotations

import logging
import uuid

from django.core.cache import cache
from prometheus_client import REGISTRY
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# A process writes every 10 s (`staff.site_state`); one that has not for 35 s has ended.
FORGOTTEN_AFTER_S = 35
# Processes that are counted.
MOST = 256

_own_id = uuid.uuid4().hex
_KEYS = [f"staff.sockets.{place}" for place in range(MOST)]
_own_key = ""


def write_count() -> None:
    """Write how many sockets this process has open."""
    global _own_key
    value = (_own_id, int(REGISTRY.get_sample_value("beatsync_sockets") or 0))
    try:
        known = cache.get(_own_key) if _own_key else None
        if known is not None and known[0] == _own_id:
            cache.set(_own_key, value, FORGOTTEN_AFTER_S)
            return
        # `add` writes only where no other process does: two never have the same place.
        _own_key = next((key for key in _KEYS if cache.add(key, value, FORGOTTEN_AFTER_S)), "")
    except (RedisError, OSError) as failure:
        logger.warning("the sockets could not be counted: %r", failure)


def read_counts() -> list[int]:
    """How many sockets each web process has open, as of at most 10 s ago; none: not known."""
    try:
        return [count for _, count in cache.get_many(_KEYS).values()]
    except (RedisError, OSError):
        return []
