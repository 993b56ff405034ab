"""Who is next: pure functions from the facts about waiting items to their order and reasons."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What ordering may know about one waiting item.

    `requester_plays` is how many tracks of its requester have started in this room.
    """

    id: int
    up: int
    down: int
    requester_plays: int
    added_at_ms: int
    locked: bool = False

    @property
    def score(self) -> int:
        return self.up - self.down


def by_votes(queue: Iterable[Facts]) -> list[int]:
    """Ids in playing order: the locked item, then the highest score first.

    Ties: the requester with fewer plays in this room, then the earlier arrival, then the id.
    O(n log n) for n waiting items; neither votes nor history count.
    """
    return [
        item.id
        for item in sorted(
            queue,
            key=lambda item: (
                not item.locked,
                -item.score,
                item.requester_plays,
                item.added_at_ms,
                item.id,
            ),
        )
    ]


def reason(*, score: int, from_shelf: bool = False) -> str:
    """One short line that says why an item stands where it does."""
    if from_shelf:
        return "From the shelf"
    return "1 vote" if score == 1 else f"{score} votes".replace("-", "−")
