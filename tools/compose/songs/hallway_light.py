"""Hallway Light: slow half-time drift in D flat major, 80 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import autopan, chorus, eq, warmth, wow
from ..mixer import Mix
from ..score import Clock, arpeggio, bars, bassline, changes, comp, hits, melody, moved
from ..signal import Audio

_ROUND = "Dbmaj9 | Bbm7 | Gbmaj9 | Ab9sus"
_TURN = "Gbmaj9 | Fm7 | Bbm9 | Ab9sus"
_TUNE = (
    "F5:2 Eb5:1 C5:1 | Db5:3 r:1 | Bb4:1 Db5:1 F5:1 Ab5:1 | Gb5:1.5 Eb5:2.5 |"
    "F5:2 Ab5:1 C6:1 | Bb5:2 F5:2 | Db5:1 F5:1 Eb5:1 Db5:1 | Eb5:3 r:1"
)
_HIGH = "Bb5:2 Ab5:1 F5:1 | Ab5:1.5 Eb5:2.5 | Db5:1 F5:1 C6:2 | Bb5:1 Ab5:1 Eb5:2"


def play() -> Audio:
    """Pad 2, tune 8, turn 4, tune high 4 and a long last chord."""
    mix = Mix(
        "hallway-light",
        Clock(80, 0.56, 0.25, slows_from=70, slowing=0.03),
        78,
        tail=5.0,
        space=2.8,
        delay=0.75,
    )
    line = changes(f"Dbmaj9 | Ab9sus | {_ROUND} | {_ROUND} | {_TURN} | {_ROUND}")
    end = changes("Dbmaj9", 72)
    kick = hits(bars("X.........x.....", "X..g......x..g..", count=2), 8, 64) + hits("x", 72, 1)
    mix.pump(kick)
    mix.add("kick", drums.kick(45, 110, 0.035, 0.2, 0.05), kick, -22.5, reverb=0.05)
    mix.add(
        "snare",
        drums.snare(170, 0.4, 0.14, 5000),
        hits(bars("........X......g", "........X..g.g..", count=2), 16, 56),
        -27,
        reverb=0.35,
        loose=8,
    )
    mix.add(
        "rim", drums.rim(), hits("...g..x.......xg", 16, 56), -35, pan=0.4, reverb=0.35, delay=0.25
    )
    mix.add(
        "hat",
        drums.hat(0.03, 9000),
        hits("x.ogx.ogx.ogx.gg", 24, 48),
        -35,
        pan=-0.3,
        reverb=0.1,
        loose=5,
    )
    mix.add("shaker", drums.shaker(26), hits("g.o.g.o.g.o.g.o.", 8, 64), -38, pan=0.4, reverb=0.15)
    low = (
        bassline(line[2:], "R:1.75 Rg:0.25 r:0.5 5:0.5 R:0.5 a:0.5")
        + bassline(line[:2], "R:4")
        + bassline(end, "R:5")
    )
    mix.add(
        "bass",
        voices.synth_bass(150, 350, 0.2, "saw", 0.9),
        low,
        -21,
        reverb=0.03,
        duck=0.25,
        inserts=[warmth(1)],
    )
    sheet = comp(line, "x-------", 53, 73, 4) + comp(end, "x-----------", 53, 73, 5)
    mix.add(
        "pad",
        voices.pad(1250, 0.9, 1.6),
        sheet,
        -24,
        reverb=0.4,
        duck=0.3,
        inserts=[eq("highpass", 160), wow(0.6)],
    )
    mix.add(
        "choir",
        voices.choir("oo", 6, 0.5, 0.8),
        comp(line[6:] + end, "o-------", 56, 73, 3),
        -28,
        reverb=0.5,
    )
    keys = comp(line, "x--o-..x|-..x--..|", 53, 72, 4, 0.5, 0.02)
    mix.add(
        "keys",
        voices.electric_piano(0.12, 0.9),
        keys,
        -24.5,
        reverb=0.25,
        delay=0.15,
        inserts=[autopan(0.7, 0.4), chorus(0.4, 2.2, 0.35)],
    )
    dots = arpeggio(line[6:], (0, 2, 4, 3, 5, 4, 2, 6), 61, 78, 4, 0.5, 1.5, (0.6, 0.4, 0.5, 0.45))
    mix.add("dots", voices.celesta(), dots, -28.5, spread=0.4, reverb=0.4, delay=0.35)
    tune = melody(_TUNE, 8) + melody(
        "F5:2 Ab5:1 C6:1 | Bb5:2 F5:2 | Db5:1 F5:1 Eb5:1 C5:1 | Db5:2 Eb5:2", 56
    )
    tune += melody("F5:6", 72, 6, 0.6)
    mix.add(
        "piano",
        voices.piano(1.1, 8.0),
        [n for n in tune if n.start < 40],
        -21,
        pan=-0.05,
        reverb=0.35,
        delay=0.25,
        loose=8,
    )
    mix.add(
        "lead",
        voices.lead("triangle", 2200, 800, 0.05, 12, 0.3),
        [n for n in tune if n.start >= 56] + melody(_HIGH, 40),
        -21,
        reverb=0.4,
        delay=0.3,
        loose=8,
    )
    mix.add(
        "piano high",
        voices.piano(1.2, 8.0),
        moved([n for n in tune if n.start >= 56], 0.5, 12, 0.6),
        -29,
        pan=0.35,
        reverb=0.5,
        delay=0.3,
    )
    return mix.master(drive_db=-4.0)
