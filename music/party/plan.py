"""What kind of night an invented party is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Party:
    """A party to be simulated. `mode` None is that of the preset.

    `people` includes the host, the flooders, the trolls, the brigades and five friends in each
    group; a troll joins several times, and a brigade is one person who joins twenty times.
    """

    people: int = 60
    hours: float = 4
    seed: int = 7
    preset: str = "party"
    mode: str | None = None
    limits: bool = True  # whether the preset's limit of open requests holds
    votes: bool = True  # False: nobody votes, so that only the mode decides
    arrive_min: float = 90  # over which people arrive
    flooders: int = 1
    flooder_tracks: int = 50
    trolls: int = 1
    brigades: int = 0
    friends: int = 0  # groups of five
