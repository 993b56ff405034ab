"""Goldfinch: bright interlocking guitars in D major, 128 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import chorus, eq, warmth
from ..mixer import Mix
from ..score import (
    Clock,
    Note,
    arpeggio,
    bars,
    bassline,
    changes,
    comp,
    harmonised,
    hits,
    melody,
    moved,
)
from ..signal import Audio

_DANCE = "D | G | A | D | D | G | A | D"
_FLIGHT = "Bm7 | G | D | A | Bm7 | G | Em7 A | D"
_CALL = (
    "F#5:0.5 A5:0.5 F#5:0.5 D5:0.5 E5:1 F#5:1 | G5:0.5 F#5:0.5 E5:0.5 D5:0.5 B4:1.5 r:0.5 |"
    "C#5:0.5 E5:0.5 A5:0.5 G5:0.5 E5:1 C#5:1 | D5:1.5 E5:0.5 F#5:1 r:1 |"
    "F#5:0.5 A5:0.5 F#5:0.5 A5:0.5 B5:1 A5:1 | G5:0.5 B5:0.5 A5:0.5 G5:0.5 F#5:1.5 r:0.5 |"
    "E5:0.5 A5:0.5 G5:0.5 E5:0.5 F#5:0.5 E5:0.5 C#5:1 | D5:2.5 r:1.5"
)
_SOAR = (
    "F#5:3 E5:0.5 D5:0.5 | B4:2 D5:1 G5:1 | F#5:3 E5:0.5 F#5:0.5 | E5:2 C#5:1 A4:1 |"
    "F#5:2 A5:1 B5:1 | D6:2 B5:1 G5:1 | G5:1 B5:1 A5:1 C#6:1 | D6:3 r:1"
)


def _chirps() -> list[Note]:
    """Two bird calls: quick turns that rise and fall."""
    found: list[Note] = []
    for start in (12.0, 14.0, 78.0, 110.0):
        for index, step in enumerate((0, 4, 0, 4, 7, 4)):
            found.append(Note(start + index * 0.125, 0.12, 93 + step, 0.45 + 0.05 * (index % 2)))
    return found


def play() -> Audio:
    """Intro 4, dance 8, flight 8, dance in thirds 8, tag 4 and a stop."""
    mix = Mix("goldfinch", Clock(128, 0.54, 0.25), 132, tail=3.6, space=1.4, delay=0.75)
    line = changes(f"D | G | A | D | {_DANCE} | {_FLIGHT} | {_DANCE} | G | A | Bm7 | G A")
    end = changes("D69", 128)
    kick = hits("X...X...X...X...", 16, 112) + hits("X", 128, 1)
    mix.pump(kick)
    mix.add("kick", drums.kick(52, 150, 0.025, 0.12, 0.1), kick, -23.5, reverb=0.03)
    mix.add("rim", drums.rim(), hits("...x..x....x..x.", 16, 112), -32, pan=0.25, reverb=0.2)
    mix.add("clap", drums.clap(), hits("....o.......o...", 48, 80), -32, reverb=0.25)
    mix.add("hat", drums.hat(0.03), hits("g.x.g.x.g.x.g.xo", 16, 112), -34, pan=-0.3, reverb=0.06)
    mix.add("shaker", drums.shaker(14), hits("xgogxgogxgogxgog", 0, 128), -34, pan=0.4, reverb=0.08)
    mix.add(
        "high conga",
        drums.hand_drum(262, 0.09, 0.25),
        hits("..o..go...o..gx.", 0, 128),
        -31,
        pan=-0.4,
        reverb=0.18,
    )
    mix.add(
        "low conga",
        drums.hand_drum(174, 0.15),
        hits(bars("x......x........", "x......x.....o.o", count=2), 0, 128),
        -31,
        pan=-0.25,
        reverb=0.18,
    )
    low = bassline(line[4:], "R:1 r:0.5 R:0.5 5:0.5 8:0.5 5:0.5 3:0.5", 31) + bassline(
        end, "R:1", 31
    )
    mix.add(
        "bass",
        voices.electric_bass(800),
        low,
        -20.5,
        reverb=0.03,
        duck=0.2,
        gate=0.85,
        inserts=[warmth(1)],
    )
    clean = voices.string(1.5, 0.16, 0.12, 7500, 0.06, body=((180.0, 1.0, 2.0), (2400.0, 0.7, 2.5)))
    first = arpeggio(line, (0, 2, 4, 2, 3, 1, 2, 4), 62, 79, 3, 0.5, 0.9, (0.85, 0.6, 0.75, 0.6))
    second = arpeggio(line, (4, -1, 2, 3, -1, 4, 5, 3), 62, 79, 3, 0.5, 0.9, (0.8, 0.6, 0.7, 0.65))
    mix.add(
        "left guitar",
        clean,
        first + comp(end, "X--", 62, 79, 3),
        -25,
        pan=-0.55,
        reverb=0.14,
        delay=0.08,
        inserts=[chorus(0.7, 1.5, 0.3)],
    )
    mix.add(
        "right guitar",
        clean,
        moved(second, 0.25)[:-1] + comp(end, "X--", 66, 83, 3),
        -26.5,
        pan=0.55,
        reverb=0.14,
        delay=0.08,
        inserts=[chorus(0.6, 1.5, 0.3)],
    )
    mix.add(
        "organ",
        voices.organ(),
        comp(line[4:], "..x...x.", 60, 76, 3, 0.5),
        -30,
        pan=0.15,
        reverb=0.2,
        gate=0.5,
    )
    call = melody(_CALL, 16)
    again = melody(_CALL, 80)
    tag = melody(
        "B5:1 A5:0.5 G5:0.5 F#5:1 E5:1 | C#5:0.5 E5:0.5 A5:1 G5:1 E5:1 |"
        " F#5:1 E5:0.5 D5:0.5 B4:2 | B4:1 D5:1 C#5:1 E5:1 | D5:1 r:3",
        112,
    )
    mix.add(
        "kalimba",
        voices.kalimba(),
        call + again + tag,
        -20.5,
        spread=0.15,
        reverb=0.2,
        delay=0.14,
        loose=4,
    )
    mix.add(
        "kalimba thirds",
        voices.kalimba(),
        harmonised(again + tag, line, 4),
        -26,
        pan=0.35,
        reverb=0.25,
        delay=0.14,
    )
    mix.add(
        "flute",
        voices.wind("flute", 0.06),
        melody(_SOAR, 48),
        -21,
        pan=0.05,
        reverb=0.3,
        delay=0.18,
        loose=7,
    )
    mix.add(
        "bird",
        voices.wind("whistle", 0.03, 4, 0.012),
        _chirps(),
        -35,
        pan=0.5,
        reverb=0.6,
        delay=0.4,
    )
    mix.add(
        "voices",
        voices.choir("ah", 5),
        comp(line[12:20] + line[28:], "o-------", 60, 76, 3),
        -28,
        reverb=0.4,
        duck=0.2,
        inserts=[eq("highpass", 220)],
    )
    mix.add(
        "crash",
        drums.crash(0.5),
        hits("o", 16, 1) + hits("o", 48, 1) + hits("x", 80, 1) + hits("x", 128, 1),
        -33,
        reverb=0.25,
    )
    return mix.master()
