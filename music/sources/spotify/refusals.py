"""What Spotify means by an answer that is no success: section by section of its own documentation,
and of what has been seen beyond it. Bodies may be JSON, plain text, HTML or empty.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from music.sources.spotify.errors import (
    Away,
    Gone,
    MissingScope,
    NoDevice,
    NotListed,
    NotReadable,
    OperatorPremium,
    PremiumRequired,
    Refused,
    Restricted,
    SpotifyError,
)
from music.sources.spotify.quota import Bucket
from rooms import clock

logger = logging.getLogger(__name__)

# So long after a refusal for the operator's sake it is asked again.
OPERATOR_AGAIN_MS = 60_000
# In "User not registered in the Developer Dashboard" and its like.
_NOT_LISTED = ("not registered", "not be registered", "developer.spotify.com/dashboard")


@dataclass(frozen=True)
class Answer:
    """A status, headers whose names have no case, and a body of any kind."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def data(self) -> Any:
        """The body as JSON; None when it is something else."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def reason(self) -> str:
        """The player's own code, such as `NO_ACTIVE_DEVICE`, or ""."""
        return _text(self._error, "reason").upper()

    @property
    def message(self) -> str:
        """What Spotify says, for comparing: in small letters, from JSON or as plain text."""
        told = _text(self._error, "message") or self.body[:500].decode("utf-8", "replace")
        return told.lower()

    @property
    def retry_after_s(self) -> float | None:
        """The seconds to wait, where a sane number says so."""
        told = self.headers.get("Retry-After", "").strip()
        return float(told) if told.isascii() and told.isdigit() and len(told) < 10 else None

    @property
    def out_of_quota(self) -> bool:
        """Whether the quota of the app's owner is used up: nothing that a moment heals."""
        return self.reason == "QUOTA_EXCEEDED"

    @property
    def is_about_rate(self) -> bool:
        """Whether it means "too many calls", whatever its status is."""
        return self.reason in ("QUOTA_EXCEEDED", "RATE_LIMITED")

    @property
    def _error(self) -> Any:
        return self.data.get("error") if isinstance(self.data, dict) else None


def refusal_of(answer: Answer, bucket: Bucket) -> SpotifyError:
    """The error that an answer of 3xx or 4xx stands for; 401 and 429 are not asked here."""
    match answer.status:
        case 403:
            return _forbidden(answer, bucket)
        case 404:
            return NoDevice() if bucket.is_player else Gone()
        case status if 400 <= status < 500:
            return Refused()
    return Away()  # a redirect, or something that is not HTTP as we know it


def _forbidden(answer: Answer, bucket: Bucket) -> SpotifyError:
    message = answer.message
    if any(sign in message for sign in _NOT_LISTED):
        return NotListed()
    if "scope" in message:
        return MissingScope()
    if answer.reason == "PREMIUM_REQUIRED":
        return PremiumRequired()
    # Told as plain text, or of the owner: it is about the app, not about who asks.
    if "premium" in message and (answer.data is None or "owner" in message):
        logger.error("Spotify refuses every call: the owner of the app has no Premium.")
        return OperatorPremium(until_ms=clock.now_ms() + OPERATOR_AGAIN_MS)
    if bucket.is_player:  # whatever other reason there is, and new ones come
        return Restricted()
    return NotReadable() if bucket == Bucket.PLAYLIST else Refused()


def _text(error: Any, key: str) -> str:
    told = error.get(key) if isinstance(error, dict) else None
    return told if isinstance(told, str) else ""
