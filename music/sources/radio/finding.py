"""From the address that a host writes to the stream behind it, checked by opening it once."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from music.sources.radio.errors import BadStationAddress, NoStream, StationAway
from music.sources.radio.icy import interval_of
from music.sources.radio.playlists import PLAYLIST_BYTES, entries, is_playlist
from music.sources.radio.station_addresses import WebAddress, follow, web_address
from music.sources.radio.station_connection import ConnectionUse, StreamAnswer, asking
from rooms.errors import Unavailable

# All of the looking, over redirects and the entries of a playlist.
FIND_S = 12.0
# So many are looked for at a time: by all, by people of one network, and one by a member.
MOST_AT_ONCE = 6
MOST_OF_NETWORK = 2
# What browsers play, by what servers call it.
KINDS = {
    "audio/mpeg": "audio/mpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/aac": "audio/aac",
    "audio/aacp": "audio/aac",
    "audio/x-aac": "audio/aac",
    "audio/ogg": "audio/ogg",
    "application/ogg": "audio/ogg",
    "audio/opus": "audio/ogg",
}


@dataclass(frozen=True)
class FoundStream:
    """Where a stream is, and what it is: `kind` is the type that browsers are told."""

    address: WebAddress
    kind: str


class StationLooks:
    """Who looks for stations in this process now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._members: set[int] = set()
        self._networks: Counter[str] = Counter()

    @contextmanager
    def one(self, member_id: int, network: str) -> Iterator[None]:
        """One look of a member. Raises `Unavailable` where too many look already."""
        with self._lock:
            if (
                member_id in self._members
                or self._networks[network] >= MOST_OF_NETWORK
                or len(self._members) >= MOST_AT_ONCE
            ):
                raise Unavailable(
                    _("Many look for stations now. Try again in a moment."),
                    detail="stations_busy",
                    retry_after=5,
                )
            self._members.add(member_id)
            self._networks[network] += 1
        try:
            yield
        finally:
            with self._lock:
                self._members.remove(member_id)
                self._networks[network] -= 1
                self._networks += Counter()  # drops those at 0


_looks = StationLooks()


def find_stream_here(written: str, *, member_id: int, network: str) -> FoundStream:
    """As `find_stream`, for a thread that may wait for up to `FIND_S`; others serve pages.

    `network` is the address from which the member asks. Raises `Unavailable`, too, where the
    member looks already, or `MOST_OF_NETWORK` do there, or `MOST_AT_ONCE` in this process.
    """
    with _looks.one(member_id, network):
        return asyncio.run(find_stream(written))


async def find_stream(written: str) -> FoundStream:
    """The stream at an address, or the first of its playlist that answers.

    Reads no more than a head, and of a playlist `PLAYLIST_BYTES`. Raises `BadStationAddress`,
    `PrivateStation`, `NoStream`, `StationAway`.
    """
    try:
        async with asyncio.timeout(FIND_S):
            return await _find(web_address(written))
    except TimeoutError as late:
        raise StationAway from late


async def _find(address: WebAddress) -> FoundStream:
    async with asking(address, ConnectionUse.ADD) as answer:
        if (kind := kind_of(answer)) is not None:
            # The address as it was given: redirects often lead to another server each time.
            return FoundStream(address, kind)
        if not is_playlist(answer.content_type, answer.address.target):
            raise NoStream
        listed = entries((await _read_playlist(answer)).decode("utf-8", errors="replace"))
        base = answer.address
    refusal: Exception = NoStream()
    for entry in listed:
        try:
            named = follow(base, entry)
            async with asking(named, ConnectionUse.ADD) as answer:
                # A playlist of playlists is not followed: it could go on for ever.
                if (kind := kind_of(answer)) is not None:
                    return FoundStream(named, kind)
        except (BadStationAddress, NoStream, StationAway) as error:
            refusal = error
    raise refusal


def kind_of(answer: StreamAnswer) -> str | None:
    """What a stream is, as browsers are told; None: no sound that they play.

    Raises `NoStream` where its titles stand too close to each other.
    """
    interval_of(answer.headers.get("icy-metaint"))
    if not answer.content_type and "icy-name" in answer.headers:
        return "audio/mpeg"  # SHOUTcast leaves it out
    return KINDS.get(answer.content_type)


async def _read_playlist(answer: StreamAnswer) -> bytes:
    text = b""
    while len(text) <= PLAYLIST_BYTES and (piece := await answer.read()):
        text += piece
    return text[:PLAYLIST_BYTES]
