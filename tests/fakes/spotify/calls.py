"""The log of calls from outside."""

from dataclasses import dataclass

from tests.fakes.spotify.wire import Json


@dataclass
class CallRecord:
    """One call from outside, kept in the order in which they came."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    user_agent: str
    # Whose token it came with (id); "" for none, or an app's own.
    account: str = ""
    # 0 until it is answered, and for ever when the connection was dropped.
    status: int = 0

    def shape(self) -> Json:
        return vars(self)
