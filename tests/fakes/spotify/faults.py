"""What can go wrong at Spotify, one thing at a time or several at once.

`Faults` are conditions that hold until they are changed. A `Fault` is one kind of failing answer,
for some calls and for some times.
"""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

from tests.fakes.spotify.wire import Answer, Json, account_error, as_html, as_text, error

# What a refreshed login is answered with.
Refreshing = Literal["keeps", "rotates", "expired", "revoked", "unavailable", "invalid_client"]
# How a failing answer is written.
Body = Literal["json", "html", "text", "empty"]
# What the SDK says instead of working.
SdkError = Literal[
    "", "initialization_error", "authentication_error", "account_error", "playback_error"
]

# What the player names as the item that plays.
Item = Literal["track", "null", "ad", "unknown"]
# How the item differs from what was asked for, besides its address.
Relinks = Literal["", "other_isrc", "without_isrc"]
# What `progress_ms` is: where it is, always 0, or where it was some seconds ago.
Progress = Literal["true", "zero", "behind"]

SIX_MONTHS_S = 183 * 86_400

# Where something can fail, besides a path: everywhere, all of the Web API, and by quota.
BUCKETS = (
    *("any", "api", "authorise", "token", "profile", "search", "catalogue"),
    *("playlist", "library", "player"),
)
# Status and message that come with a reason of the player.
_REASONS = {
    "QUOTA_EXCEEDED": (429, "Too many requests"),
    "PREMIUM_REQUIRED": (403, "Player command failed: Premium required"),
    "NO_ACTIVE_DEVICE": (404, "Player command failed: No active device found"),
    "VOLUME_CONTROL_DISALLOW": (403, "Player command failed: Cannot control device volume"),
    "RATE_LIMITED": (429, "Player command failed: Rate limited"),
}
_MESSAGES = {
    400: "Bad request",
    401: "The access token expired",
    403: "Forbidden",
    404: "Resource not found",
    429: "API rate limit exceeded",
    500: "Server error.",
    502: "Bad gateway.",
    503: "Service unavailable",
    504: "Gateway timeout",
}


@dataclass
class Faults:
    """Conditions of the whole service. As they begin, all is as well as Spotify gets."""

    # What a refresh does with the refresh token: `keeps` it (the answer has none), `rotates` it
    # (the old one is worth nothing from then on), or refuses.
    refreshing: Refreshing = "rotates"
    access_tokens_live_s: float = 3600
    refresh_tokens_live_s: float = SIX_MONTHS_S
    # This many calls with a good token are told that it is not.
    false_401s: int = 0
    # This many commands of somebody with Premium are told that there is none.
    false_premium_403s: int = 0
    # Without: every call to the Web API is refused as plain text, whoever asks.
    owner_has_premium: bool = True
    # More calls than this in 30 seconds are refused, with `Retry-After`; 0: no limit.
    calls_per_30_s: int = 0
    # A command that is done: 204, or 200 or 202 with a text that is not JSON.
    player_answers: Literal[200, 202, 204] = 204
    # A command waits until the next one has been done, or for as long as this.
    commands_swap: bool = False
    commands_wait_s: float = 0.5
    # --- Devices, as people meet them ---
    # `GET /me/player` is 204 though it plays: a private session, a phone in the foreground.
    player_is_hidden: bool = False
    item_shown: Item = "track"
    # Answers about what plays are as they were so many seconds ago.
    answers_are_old_s: float = 0.0
    progress: Progress = "true"
    progress_behind_s: float = 6.0
    # Every track sounds as another recording of the same title, under another address.
    relinks: Relinks = ""
    # So many commands are answered as if they were done, and are not.
    commands_lost: int = 0
    # What a device that sleeps answers to any command but a transfer, which wakes it.
    sleeping_answers: Literal[403, 404, 500] = 404
    # A device outside of a page goes on by itself when its last track is over.
    suggests_after_end: bool = False
    # Such a device says for so much longer that its track still plays.
    end_is_told_late_s: float = 0.0
    # So many of the SDK's players that connect from now on become devices that nobody knows.
    stale_sdk_players: int = 0

    # Between `ready` and the moment from which the Web API knows the device.
    devices_appear_after_s: float = 1.0
    # Asked for one recording (address), another one sounds (address).
    relinked: dict[str, str] = field(default_factory=dict)
    # Addresses that the SDK cannot play, though the catalogue says nothing.
    refused_by_sdk: set[str] = field(default_factory=set)
    # Said by every SDK that connects from now on.
    sdk_error: SdkError = ""
    # As on a phone, until `activateElement`.
    autoplay_is_blocked: bool = False
    # How long the SDK says `loading` while its position goes on.
    buffering_s: float = 0.0
    # How often the end of a track is told; the copies differ by some milliseconds.
    end_is_told_times: int = 2
    # An end is told with a position just below the length instead of 0.
    end_is_told_short: bool = False
    # The first event of a track has its position in seconds.
    first_position_is_in_seconds: bool = False
    # Events that tell nothing new come about this often; 0: never.
    idle_events_every_s: float = 7.0

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse a condition that there is not, and a value that means nothing."""
        if name not in CONDITIONS:
            raise LookupError(f"no condition {name!r}; there are {', '.join(CONDITIONS)}")
        accepted = get_args(CONDITIONS[name]) if get_origin(CONDITIONS[name]) is Literal else ()
        if accepted and value not in accepted:
            raise ValueError(f"{name} is one of {accepted}, not {value!r}")
        super().__setattr__(name, set(value) if CONDITIONS[name] == set[str] else value)

    def change(self, **conditions: Any) -> None:
        """Set conditions by their names."""
        for name, value in conditions.items():
            setattr(self, name, value)

    @contextmanager
    def being(self, **conditions: Any) -> Iterator[Self]:
        """Change conditions for as long as this lasts."""
        before = {name: getattr(self, name) for name in conditions}
        self.change(**conditions)
        try:
            yield self
        finally:
            self.change(**before)

    def shape(self) -> Json:
        return dataclasses.asdict(self) | {"refused_by_sdk": sorted(self.refused_by_sdk)}


# The types of the conditions, by name.
CONDITIONS = get_type_hints(Faults)


@dataclass(eq=False)
class Fault:
    """A failing answer. As a context manager it is over at the end."""

    # A bucket (`search`, `player`, …), `api` for the whole Web API, `any`, or a path with stars.
    where: str = "any"
    # None: the answer is the right one, only late.
    status: int | None = None
    message: str = ""
    reason: str = ""
    retry_after: int | None = None
    body: Body = "json"
    slow_s: float = 0.0
    dropped: bool = False
    # What was asked is done all the same.
    done_anyway: bool = False
    # Only calls by this method, or by this person (id).
    method: str = ""
    person: str = ""
    # For so many calls; None: until it is cleared.
    times: int | None = None
    # How often it has struck.
    struck: int = 0
    # Where it is listed for as long as it lasts.
    among: "list[Fault]" = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.where not in BUCKETS and not self.where.startswith("/"):
            raise LookupError(f"{self.where!r} is no path and none of {', '.join(BUCKETS)}")
        if self.reason in _REASONS:
            status, message = _REASONS[self.reason]
            self.status, self.message = self.status or status, self.message or message
        if self.retry_after is not None and self.status is None:
            self.status = 429
        if self.status is None and (self.message or self.body != "json"):
            self.status = 500

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.clear()

    def clear(self) -> None:
        """Let it be over."""
        if self in self.among:
            self.among.remove(self)

    def strikes(self, method: str, path: str, bucket: str, person: str) -> bool:
        here = (
            self.where in ("any", bucket)
            or (self.where == "api" and path.startswith("/v1/"))
            or (self.where.startswith("/") and fnmatchcase(path, self.where))
        )
        return (
            here
            and self.method in ("", method)
            and self.person in ("", person)
            and (self.times is None or self.struck < self.times)
        )

    def answer(self, *, flat: bool = False) -> Answer | None:
        """The answer in place of the right one; None when that is only late.

        The accounts service has flat errors, in which the message is the code.
        """
        if self.dropped:
            return Answer(0, dropped=True)
        if self.status is None:
            return None
        message = self.message or _MESSAGES.get(self.status, "Error")
        code = self.message or "server_error"
        answer = {
            "json": lambda status: (
                account_error(code, status=status) if flat else error(status, message, self.reason)
            ),
            "text": lambda status: as_text(message, status),
            "html": lambda status: as_html(
                f"<html><head><title>{status}</title></head><body><h1>{message}</h1></body></html>",
                status,
            ),
            "empty": lambda status: Answer(status),
        }[self.body](self.status)
        if self.retry_after is not None:
            answer.headers["Retry-After"] = str(self.retry_after)
        return answer

    def shape(self) -> Json:
        return {
            each.name: getattr(self, each.name)
            for each in dataclasses.fields(self)
            if each.name != "among"
        }
