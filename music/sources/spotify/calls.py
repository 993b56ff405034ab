"""The one way a call to Spotify's Web API is made: from https://developer.spotify.com, as of 2026.

Any `SpotifyError` may come of it, and nothing else. Neither these nor the log ever hold a token.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.auth import AuthBase

from music import outside
from music.metrics import SOURCE_CALLS
from music.sources.spotify import quota, tokens, troubles
from music.sources.spotify.errors import (
    AccountTrouble,
    Away,
    MissingScope,
    Reconnect,
    SpotifyError,
)
from music.sources.spotify.models import Account
from music.sources.spotify.quota import Bucket
from music.sources.spotify.refusals import Answer, refusal_of

logger = logging.getLogger(__name__)

# All tries of a call together; one try has the seconds of `music.outside`.
CALL_S = 10.0
# A call that may be made twice gets so many more tries, the first after so long.
RETRIES, BACKOFF_S = 2, 0.2
# "Try again in a moment" is waited for; anything longer is said to who asks.
MOMENT_S = 5.0
# The last try before the deadline has this time at least.
_LEAST_S = 0.5


@dataclass(frozen=True)
class Call:
    """What is asked of Spotify.

    `path` is below the API's address, or a whole address that Spotify gave as the `next` one.
    A `command` answers nothing that could be read: whatever 2xx it gets, it was done. `body` is
    made anew for each try, for a position moves on. What is not `repeatable` is not tried again
    after no answer or a 5xx; after a 429 of 5 s at most, or with a renewed token, it is.
    """

    bucket: Bucket
    path: str
    method: str = "GET"
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Callable[[], Mapping[str, Any]] | None = None
    command: bool = False
    repeatable: bool = True


def perform(account: Account, call: Call) -> Any:
    """The JSON of Spotify's answer; None where it has none. Raises `SpotifyError`s."""
    outcome = "ok"
    try:
        return _perform(account, call)
    except SpotifyError as error:
        outcome = error.code
        raise
    finally:
        SOURCE_CALLS.labels("spotify", call.bucket, outcome).inc()


def _perform(account: Account, call: Call) -> Any:
    quota.check(call.bucket)
    with quota.place(call.bucket):
        answer = _Tries(account, call).answer()
    if not 200 <= answer.status < 300:
        raise _refused(account, call, answer)
    quota.answered(call.bucket)
    if account.trouble or account.suspected:
        troubles.clear_disproved(account)
    if call.command or answer.status == 204:
        return None
    if answer.data is None:
        raise Away
    return answer.data


class _Tries:
    """A call, made until it has an answer that counts or there is no more time for one."""

    def __init__(self, account: Account, call: Call) -> None:
        self._account, self._call = account, call
        self._url = _address(call)
        self._token = tokens.access_token(account)
        self._deadline = time.monotonic() + CALL_S
        self._retries = RETRIES if call.repeatable else 0
        self._renewed = self._waited = False

    def answer(self) -> Answer:
        """The last answer. Raises `Away` without any, and what `tokens` raises."""
        while True:
            answer = self._try()
            if not self._is_worth_another(answer):
                break
        if answer is None or answer.status >= 500:
            quota.failed(self._call.bucket)
            raise Away
        return answer

    def _try(self) -> Answer | None:
        """One answer, or None when there was none in time."""
        try:
            answer = outside.ask(
                self._call.method,
                self._url,
                most_s=max(_LEAST_S, self._deadline - time.monotonic()),
                params=dict(self._call.query),
                json=self._call.body() if self._call.body else None,
                auth=_Bearer(self._token),
            )
            return Answer(answer.status, answer.headers, answer.body)
        except (requests.RequestException, UnicodeError) as error:
            # Their own words may hold the whole address; the kind says enough.
            self._log("no answer (%s)", type(error).__name__)
            return None

    def _is_worth_another(self, answer: Answer | None) -> bool:
        """Whether to try again; by then, what that takes has been done."""
        if answer is None or answer.status >= 500:
            return self._may_retry()
        if answer.status == 401 and not self._renewed:
            self._renewed = True
            self._token = tokens.access_token(self._account, refused=self._token)
            return True
        if answer.status == 429 and not answer.out_of_quota:
            return self._wait_a_moment(answer.retry_after_s)
        return False

    def _may_retry(self) -> bool:
        if self._retries == 0:
            return False
        pause_s = BACKOFF_S * 2 ** (RETRIES - self._retries) * random.uniform(0.5, 1.5)
        self._retries -= 1
        return self._pause(pause_s)

    def _wait_a_moment(self, seconds: float | None) -> bool:
        if self._waited or seconds is None or seconds > MOMENT_S:
            return False
        if self._call.bucket != self._call.bucket.counted_as:
            return False  # a share asks no second time for what the whole is closed
        self._waited = True
        quota.limited(self._call.bucket, seconds)  # the others need not find out themselves
        return self._pause(seconds * random.uniform(1.0, 1.1))

    def _pause(self, seconds: float) -> bool:
        if time.monotonic() + seconds > self._deadline:
            return False
        time.sleep(seconds)
        return True

    def _log(self, what: str, *arguments: object) -> None:
        path = urlsplit(self._url).path
        logger.warning("Spotify: %s %s: " + what, self._call.method, path, *arguments)


class _Bearer(AuthBase):
    """The token of one request. Said this way, no login file of the machine goes in its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _address(call: Call) -> str:
    """Where a call goes: never anywhere but to the API. Raises `Away` for another's address."""
    api: str = settings.SPOTIFY_API_URL
    if call.path.startswith("/"):
        return api + call.path
    if not _is_below(api, call.path):
        logger.warning("Spotify: gave an address that is not its own")
        raise Away
    return call.path


def _is_below(api: str, address: str) -> bool:
    """Whether an address is one of the API's."""
    try:
        ours, named = urlsplit(api), urlsplit(address)
    except ValueError:  # brackets around something that is no address
        return False
    same_place = (named.scheme, named.netloc) == (ours.scheme, ours.netloc)
    return same_place and named.path.startswith(f"{ours.path}/")


def _refused(account: Account, call: Call, answer: Answer) -> SpotifyError:
    """What to raise for an answer that is none; what the account must mend is written down.

    A playlist that takes one more permission says nothing about what plays.
    """
    if answer.status == 429 or answer.is_about_rate:
        return quota.limited(call.bucket, answer.retry_after_s)
    quota.answered(call.bucket)
    error = Reconnect() if answer.status == 401 else refusal_of(answer, call.bucket)
    logger.info("Spotify: %s %s: %d, %s", call.method, call.bucket, answer.status, error.code)
    if isinstance(error, MissingScope) and not call.command:
        return error
    return troubles.note_and_judge(account, error) if isinstance(error, AccountTrouble) else error
