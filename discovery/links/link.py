"""What a link of the chain is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from discovery.candidate import RankedList
from discovery.seed import Seed
from rooms.models import Room

# For each seed, so many candidates of a link are looked at.
MOST_PER_SEED = 30


@dataclass(frozen=True)
class Credit:
    """Whom suggestions of a link come from, as its terms or its manners want it shown."""

    title: str
    page: str


class ChainLink(Protocol):
    """One way to find what goes with the seeds of a room.

    `name` is its code on the wire. `weight` is how much its lists count in the blend. `credit` is
    None where there is nobody to credit.
    """

    name: str
    weight: float
    credit: Credit | None

    def propose(self, room: Room, seeds: Sequence[Seed], *, may_ask: bool) -> list[RankedList]:
        """One list per seed, or fewer. `may_ask`: services outside may be asked, which takes time.

        Never with `may_ask` while a room is held or somebody waits for a page. Raises
        `ServiceAway` only where there is nothing at all to go by.
        """
