"""Everything that can be refused, in one tree.

RoomError
├── Malformed           400  the request cannot be read
├── NoMembership        401  join first
├── Forbidden           403
│   ├── NotAllowed           the role does not allow it
│   ├── Muted                a muted member may only vote
│   ├── Banned               removed from the room
│   ├── WrongOrigin          a page at an address that is not this server's
│   └── NoToken              a form or call without the token of its page (CSRF)
├── Unknown             404
│   ├── UnknownRoom
│   ├── UnknownMember
│   ├── UnknownItem
│   ├── UnknownTrack
│   └── UnknownPlaylist
├── WrongMethod         405  nothing here is asked for that way
├── Conflict            409  a rule of the room stands against it
│   ├── RoomEnded
│   ├── AlreadyStarted
│   ├── QueueFull
│   ├── TooManyWaiting
│   ├── Rests
│   ├── TooLong
│   ├── ExplicitOff
│   ├── WouldNotPlay
│   ├── DownvotesOff
│   ├── JustJoined
│   ├── OtherOrder
│   ├── StalePlay
│   ├── SpeakerTaken
│   └── NothingToPlay
├── TooSlow             408  the request did not arrive in time
├── TooLarge            413  the request has too many bytes
├── Unsupported         415  the body of the request is of a kind that is not read here
├── Invalid             422  a value outside its range, or a link to something else
├── RateLimited         429  too often; says when to try again
├── ServerError         500  a fault of our own
└── Unavailable         503  a part of the service does not answer

Raised where the rule is; turned into an answer once, at the edge (`beatsync/api.py`,
`beatsync/pages.py`, `rooms/consumers.py`).
"""

from typing import Any


class RoomError(Exception):
    """A refusal with a code for programs and a sentence for people."""

    status = 400
    code = "refused"
    message = "That is not possible."

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after: int | None = None,
        until_ms: int | None = None,
    ) -> None:
        """`retry_after` in seconds; `until_ms`: the moment (UTC) from which it is possible."""
        self.message = message or type(self).message
        self.retry_after = retry_after
        self.until_ms = until_ms
        super().__init__(self.message)

    def as_json(self) -> dict[str, Any]:
        """The wire shape: `{"error": {"code", "message", "retry_after"?, "until_ms"?}}`."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.retry_after is not None:
            error["retry_after"] = self.retry_after
        if self.until_ms is not None:
            error["until_ms"] = self.until_ms
        return {"error": error}


class Malformed(RoomError):
    status, code = 400, "malformed"
    message = "That could not be read."


class NoMembership(RoomError):
    status, code = 401, "no_membership"
    message = "Join the room first."


class Forbidden(RoomError):
    status, code = 403, "not_allowed"


class NotAllowed(Forbidden):
    message = "Only the host can do that."


class Muted(Forbidden):
    code = "muted"
    message = "You are muted. You can still vote."


class Banned(Forbidden):
    code = "banned"
    message = "The host removed you. Your votes stay counted."


class WrongOrigin(Forbidden):
    code = "wrong_origin"
    message = "This server does not know this address. Tell its operator."


class NoToken(Forbidden):
    code = "csrf"
    message = "Load the page again, then repeat that."


class Unknown(RoomError):
    status, code = 404, "unknown"


class UnknownRoom(Unknown):
    code = "unknown_room"
    message = "No room has that code. Check the last characters, or it may have ended."


class UnknownMember(Unknown):
    code = "unknown_member"
    message = "Nobody like that is in this room."


class UnknownItem(Unknown):
    code = "unknown_item"
    message = "That track is not waiting in this room."


class UnknownTrack(Unknown):
    code = "unknown_track"
    message = "No source of this room knows that track."


class UnknownPlaylist(Unknown):
    code = "unknown_playlist"
    message = "That playlist is not there, or not any more."


class WrongMethod(RoomError):
    status, code = 405, "wrong_method"


class Conflict(RoomError):
    status, code = 409, "conflict"


class RoomEnded(Conflict):
    code = "room_ended"
    message = "This room has ended."


class AlreadyStarted(Conflict):
    code = "already_started"
    message = "That track has already started, so its votes are closed."


class QueueFull(Conflict):
    code = "queue_full"
    message = "The queue is full. The next place opens when a track ends."


class TooManyWaiting(Conflict):
    code = "too_many_waiting"
    message = "You have as many tracks waiting as one person may have here."


class Rests(Conflict):
    code = "rests"
    message = "That track played a short while ago."


class TooLong(Conflict):
    code = "too_long"
    message = "That track is longer than tracks may be in this room."


class ExplicitOff(Conflict):
    code = "explicit_off"
    message = "Explicit tracks are off in this room."


class WouldNotPlay(Conflict):
    code = "would_not_play"
    message = "That track would not play a short while ago."


class DownvotesOff(Conflict):
    code = "downvotes_off"
    message = "There are no votes down in this room."


class JustJoined(Conflict):
    code = "just_joined"
    message = "You have just come. You can ask to skip when you have been here for ten minutes."


class OtherOrder(Conflict):
    code = "other_order"
    message = "Only in host order tracks are moved by hand. The host can choose it in the rules."


class StalePlay(Conflict):
    code = "stale_play"
    message = "The track has just changed."


class SpeakerTaken(Conflict):
    code = "speaker_taken"
    message = "Another device plays the sound."


class NothingToPlay(Conflict):
    code = "nothing_to_play"
    message = "Nothing waits, and no shelf is chosen. Add a track first."


class TooSlow(RoomError):
    status, code = 408, "too_slow"
    message = "That took too long to arrive. Try again."


class TooLarge(RoomError):
    status, code = 413, "too_large"
    message = "That is too large. A request has at most 64 KB."


class Unsupported(RoomError):
    status, code = 415, "unsupported_media_type"
    message = "The body of this request is not JSON. Send JSON."


class Invalid(RoomError):
    status, code = 422, "invalid"


class RateLimited(RoomError):
    status, code = 429, "rate_limited"


class ServerError(RoomError):
    status, code = 500, "server_error"
    message = "Something broke on our side. Your queue is safe. Try again in a moment."


class Unavailable(RoomError):
    status, code = 503, "unavailable"
    message = "Something broke on our side. Your queue is safe. Try again in a moment."
