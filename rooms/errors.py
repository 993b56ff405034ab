"""What can be refused in any room, in one tree. Apps add their own in their `errors` modules.

RoomError
├── NoMembership        401  join first
├── Forbidden           403
│   ├── NotAllowed           the role does not allow it
│   ├── Muted                a muted member may do only what is open to muted members
│   ├── Banned               removed from the room
│   ├── Left                 gone for good; joins again by the link
│   └── NetworkBanned        nobody new may come in from there
├── Unknown             404
│   ├── UnknownRoom
│   ├── UnknownLink
│   ├── UnknownLogEntry
│   └── UnknownMember
├── Conflict            409  a rule of the room stands against it
│   ├── AlreadyBound         the account, or the person, is bound to another one
│   └── RoomEnded
├── Invalid             422  a value outside its range, or a link to something else
├── RateLimited         429  too often; says when to try again
└── Unavailable         503  a part of the service does not answer

Raised where the rule is; turned into an answer once, at the edge (`beatsync/api.py`,
`beatsync/pages.py`, `rooms/room_socket.py`).
"""

from collections.abc import Callable
from typing import Any, Self

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from rooms.reasons import write_reason
from rooms.sentences import Choose, Sentence, Translate, english_form

# What follows a refusal for which somebody gave a reason.
REASON = _("Reason: {why}.")
# What a sentence has places for; of a list, the page has the words.
SaidValue = str | int | list[str]


class RoomError(Exception):
    """A refusal: a code for programs, and a sentence for people with places for values.

    Where one code has several sentences, `detail` says which; the page has its own words for the
    detail, else for the code (`static/js/words/refusal.js`).
    """

    status = 400
    code = "refused"
    detail = ""
    message = _("That is not possible.")
    # The same where the value `n` is 1, for a sentence that counts.
    message_of_one = ""

    def __init__(
        self,
        sentence: str | None = None,
        *,
        detail: str = "",
        retry_after: int | None = None,
        until_ms: int | None = None,
        **values: SaidValue,
    ) -> None:
        """`retry_after` in seconds; `until_ms`: the moment (UTC) from which it is possible."""
        self._sentence = Sentence(
            sentence or type(self).message, one="" if sentence else type(self).message_of_one
        )
        self.detail = detail or type(self).detail
        self.values = values
        self.retry_after = retry_after
        self.until_ms = until_ms
        self.message = self._written(str, english_form)
        super().__init__(self._sentence.text)

    def __str__(self) -> str:
        return self.message

    @property
    def key(self) -> str:
        """What the page finds its words by: the detail, else the code."""
        return self.detail or self.code

    @classmethod
    def own_sentence(cls) -> Sentence | None:
        """What a key of its own stands for; a refusal without words has those of its parent."""
        has_own = not {"code", "detail", "message"}.isdisjoint(vars(cls))
        if not has_own or cls.message == RoomError.message:
            return None
        return Sentence(cls.message, one=cls.message_of_one)

    @classmethod
    def sentences(cls) -> dict[str, Sentence]:
        """The sentences of this refusal and of all below it, by their keys."""
        sentence = cls.own_sentence()
        own = {} if sentence is None else {cls.detail or cls.code: sentence}
        return own | {
            key: sentence
            for child in cls.__subclasses__()
            for key, sentence in child.sentences().items()
        }

    @property
    def words(self) -> str:
        """The sentence in the language of the page that shows it; `message` is in English."""
        return self._written(gettext, ngettext)

    def because(self, why: str, *, until_ms: int | None = None) -> Self:
        """The same, with the reason that somebody gave as a last sentence, and until when."""
        values: dict[str, Any] = self.values | ({"why": why} if why else {})
        return type(self)(self._sentence.text, detail=self.detail, until_ms=until_ms, **values)

    def filling(self, translate: Callable[[str], str]) -> dict[str, SaidValue]:
        """What stands in the places of the sentence: the values, as people read them."""
        return self.values

    def _written(self, translate: Translate, choose: Choose) -> str:
        said = self._sentence.written(self.filling(translate), translate, choose)
        if why := self.values.get("why"):
            reason = write_reason(str(why), translate)
            said = f"{said} {Sentence(REASON).written({'why': reason}, translate, choose)}"
        return said

    def as_facts(self) -> dict[str, Any]:
        """`{"code", "message", "detail"?, "values"?, "retry_after"?, "until_ms"?}`."""
        optional = {
            "detail": self.detail or None,
            "values": self.values or None,
            "retry_after": self.retry_after,
            "until_ms": self.until_ms,
        }
        present = {name: fact for name, fact in optional.items() if fact is not None}
        return {"code": self.code, "message": self.message, **present}

    def as_json(self) -> dict[str, Any]:
        """The wire shape: `{"error": {"code", "message", …}}`."""
        return {"error": self.as_facts()}


class NoMembership(RoomError):
    status, code = 401, "no_membership"
    message = _("Join the room first.")


class Forbidden(RoomError):
    status, code = 403, "not_allowed"


class NotAllowed(Forbidden):
    message = _("Only the host can do that.")


class Muted(Forbidden):
    """`acts`: the keys of what a mute leaves; `why`: the reason, where there is one."""

    code = "muted"
    message = _("You are muted.")

    def filling(self, translate: Callable[[str], str]) -> dict[str, SaidValue]:
        acts = self.values.get("acts")
        kept = [act.replace("_", " ") for act in acts] if isinstance(acts, list) else []
        return self.values | {"acts": translate(" and ").join(kept)}


class Banned(Forbidden):
    """`by` whom and `why`, where that is known; the sentence names what it has places for."""

    code = "banned"
    message = _("The host removed you from this room.")


class NetworkBanned(Forbidden):
    code = "network_banned"
    message = _("Nobody new may join from your network. Ask the host.")


class Left(Forbidden):
    code = "left"
    message = _("You left this room.")


class Unknown(RoomError):
    status, code = 404, "unknown"


class UnknownRoom(Unknown):
    code = "unknown_room"
    message = _("No room has that code. Check the last characters, or it may have ended.")


class UnknownLink(Unknown):
    code = "unknown_link"
    message = _("This link is too old or used. Make a new one.")


class UnknownLogEntry(Unknown):
    code = "unknown_log_entry"
    message = _("The log has no such entry.")


class UnknownMember(Unknown):
    code = "unknown_member"
    message = _("Nobody like that is in this room.")


class Conflict(RoomError):
    status, code = 409, "conflict"


class RoomEnded(Conflict):
    code = "room_ended"
    message = _("This room has ended.")


class AlreadyBound(Conflict):
    code = "already_bound"
    message = _("This account finds the rooms of another person. Unbind it there first.")


class Invalid(RoomError):
    status, code = 422, "invalid"


class RateLimited(RoomError):
    status, code = 429, "rate_limited"


class Unavailable(RoomError):
    status, code = 503, "unavailable"
    message = _("Something broke on our side. Nothing is lost. Try again in a moment.")
