"""Kerosene Waltz: musette waltz in A minor, three to the bar, 128 bpm felt in one."""

from __future__ import annotations

from .. import drums, voices
from ..mixer import Mix
from ..score import Clock, bars, bassline, changes, comp, harmonised, hits, melody
from ..signal import Audio

_FIRST = "Am | Am | Dm | Am | Dm6 | Am | Bm7b5 | E7 | Am | Am | Dm | Am | Dm6 | Am | E7 | Am"
_SECOND = "C | C | G7 | G7 | G7 | G7 | C | C | C | A7 | Dm | Dm | F | Am | E7 | Am"
_TUNE = (
    "E5:1.5 D#5:0.5 E5:1 | C5:1 A4:1 E5:1 | F5:1.5 E5:0.5 D5:1 | C5:2 A4:1 |"
    " A5:1.5 G#5:0.5 A5:1 | E5:1 C5:1 A4:1 | B4:1 D5:1 F5:1 | E5:3 |"
    "E5:1.5 D#5:0.5 E5:1 | C5:1 A4:1 E5:1 | F5:1.5 E5:0.5 D5:1 | C5:2 E5:1 |"
    " A5:1 F5:1 D5:1 | C5:1 E5:1 A5:1 | G#5:1 B5:0.5 A5:0.5 G#5:1 | A5:2 r:1"
)
_TRIO = (
    "G5:2 E5:1 | C5:1 E5:1 G5:1 | F5:2 D5:1 | B4:1 D5:1 F5:1 | A5:1 G5:1 F5:1 |"
    " D5:1 B4:1 D5:1 | E5:1.5 F5:0.5 E5:1 | G5:3 |"
    "G5:2 E5:1 | C#5:1 E5:1 A5:1 | F5:1.5 E5:0.5 F5:1 | A5:2 F5:1 | F5:1 A5:1 C6:1 |"
    " B5:1 A5:1 E5:1 | G#5:1 E5:1 B4:1 | A4:2 r:1"
)


def play() -> Audio:
    """Intro 4, first strain 16, second strain 16, half the first again, slowing to a close."""
    mix = Mix(
        "kerosene-waltz",
        Clock(128, 0.54, 0.5, slows_from=126, slowing=0.05),
        138,
        tail=3.6,
        space=1.2,
    )
    line = changes(f"Am | Dm6 | E7 | Am | {_FIRST} | {_SECOND}", meter=3)
    tail = changes("Dm | Am | Dm6 | Am | E7 | Am", 108, 3)
    end = changes("Am", 126, 3)
    whole = line + tail + end
    tune = melody(_TUNE, 12, 3) + melody(_TRIO, 60, 3)
    tune += melody(
        "F5:1.5 E5:0.5 D5:1 | C5:2 E5:1 | A5:1 F5:1 D5:1 | C5:1 E5:1 A5:1 |"
        " G#5:1 B5:0.5 A5:0.5 G#5:1 | A5:3",
        108,
        3,
    )
    tune += melody("A5:1 E5:1 C5:1 | A4+C5+E5:3", 126, 3)
    intro = melody("A4:1 C5:1 E5:1 | F5:2 D5:1 | B4:1 D5:1 G#4:1 | A4:3", 0, 3, 0.65)
    mix.add("accordion", voices.accordion(7), intro + tune, -20, pan=0.08, reverb=0.18, loose=7)
    trio = melody(_TRIO, 60, 3)
    mix.add(
        "accordion thirds",
        voices.accordion(5),
        harmonised(trio, line),
        -26,
        pan=0.25,
        reverb=0.18,
        loose=9,
    )
    nylon = voices.string(1.6, 0.36, 0.2, 4200, 0.08)
    strums = comp(whole[4:], ".xo|.x-.|.xo|.xg", 57, 74, 3, 1.0, 0.02)
    mix.add("guitar", nylon, strums, -25, pan=-0.4, reverb=0.16, gate=0.55)
    runs = melody(
        "A3:0.5 B3:0.5 C4:0.5 B3:0.5 A3:0.5 E3:0.5 | r:3 | r:3 | r:1 E3:0.5 G#3:0.5 B3:0.5 E4:0.5",
        33,
        3,
    ) + melody("C4:0.5 B3:0.5 A3:0.5 G3:0.5 F3:0.5 E3:0.5", 81, 3)
    mix.add(
        "guitar runs", voices.string(2.2, 0.3, 0.16, 4500, 0.1), runs, -25, pan=-0.35, reverb=0.18
    )
    low = (
        bassline(whole[:20], "R:2 Rg:1", 31)
        + bassline(whole[20:-1], "R:1 r:1 5g:1", 31)
        + bassline(end, "R:3", 31)
    )
    mix.add("bass", voices.upright(), low, -20.5, reverb=0.08, loose=6)
    mix.add(
        "brush",
        drums.brush(),
        hits(bars("..x.x.", "..x.xg", "..xgx.", "..x.o.", count=4), 12, 114, 0.5),
        -29.5,
        pan=0.15,
        reverb=0.16,
        loose=6,
    )
    mix.add("swish", drums.swish(), hits("o--", 0, 126, 1.0), -36, reverb=0.1)
    mix.add(
        "kick", drums.kick(60, 110, 0.02, 0.12, 0.04), hits("o..", 12, 117, 1.0), -27.5, reverb=0.06
    )
    clarinet = melody(
        "r:3 | E4:1 G4:1 C5:1 | r:3 | D4:1 F4:1 B4:1 | r:3 | F4:1 G4:1 B4:1 | r:3 |"
        " C5:1 B4:1 G4:1 | r:3 | E4:1 A4:1 C#5:1 | r:3 | D5:1 C5:1 A4:1 | C5:3 | C5:3 |"
        " B4:2 D5:1 | C5:3",
        60,
        3,
    )
    mix.add(
        "clarinet", voices.wind("clarinet", 0.03, 9), clarinet, -26, pan=-0.15, reverb=0.28, loose=9
    )
    mix.add("bells", voices.celesta(), [n for n in trio if n.length >= 2], -31, pan=0.5, reverb=0.4)
    mix.add(
        "strings",
        voices.bowed(1800, 0.3),
        comp(whole[20:], "o--", 57, 72, 3, 1.0),
        -30,
        reverb=0.35,
    )
    return mix.master(drive_db=-4.0)
