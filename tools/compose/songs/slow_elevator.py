"""Slow Elevator: lobby bossa for a choir in E flat major, 76 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import rotary, warmth
from ..mixer import Mix
from ..score import Clock, arpeggio, bars, bassline, changes, comp, harmonised, hits, melody, moved
from ..signal import Audio

_RIDE = "Ebmaj9 | Cm9 | Fm9 | Bb13 | Gm7 C7b9 | Fm7 | Abmaj7 Bb9sus | Eb69"
_SHAFT = "Abmaj9 | Gm7 | Fm9 Bb13 | Ebmaj9"
_TUNE = (
    "G4:1.5 Bb4:0.5 D5:1.5 C5:0.5 | Bb4:1 G4:0.5 F4:0.5 Eb4:2 |"
    " Ab4:1.5 C5:0.5 Eb5:1.5 D5:0.5 | C5:2 G4:1.5 r:0.5 |"
    "Bb4:1 D5:1 E5:1 C#5:1 | C5:1.5 Bb4:0.5 Ab4:2 |"
    " C5:1 Eb5:0.5 C5:0.5 Bb4:1 C5:0.5 D5:0.5 | Bb4:3 r:1"
)
_FLOORS = (
    "Eb5:1.5 C5:0.5 G5:2 | F5:1.5 D5:0.5 Bb4:2 | Ab4:1 C5:1 D5:1 G4:1 | Bb4:1 G4:0.5 F4:0.5 G4:2"
)


def play() -> Audio:
    """Doors 2, ride 8, between floors 4, last half of the ride 4, arrival bell."""
    mix = Mix(
        "slow-elevator", Clock(76, 0.52, 0.25, slows_from=68, slowing=0.05), 76, tail=3.8, space=1.6
    )
    line = changes(f"Fm9 | Bb13 | {_RIDE} | {_SHAFT} | Gm7 C7b9 | Fm7 | Abmaj7 Bb9sus | Eb69")
    end = changes("Eb69", 72)
    lines = melody(_TUNE, 8)
    last = [n for n in melody(_TUNE, 40) if n.start >= 56]
    mix.add("oohs", voices.choir("oo", 6, 0.09, 0.25), lines + last, -20.5, reverb=0.3, loose=10)
    mix.add(
        "low oohs",
        voices.choir("oo", 5, 0.12),
        harmonised(lines + last, line, -8),
        -25,
        pan=-0.2,
        reverb=0.3,
        loose=12,
    )
    bed = comp(line[2:10], "....o---|--......", 55, 70, 3, 0.5) + comp(
        line[10:] + end, "o-------", 55, 72, 4
    )
    mix.add("aahs", voices.choir("ah", 5, 0.2), bed, -28, reverb=0.4)
    mix.add(
        "vibraphone",
        voices.vibraphone(),
        melody("G5:1 Eb5:1 C5:1 Ab4:1 | D5:1 Bb4:1 G4:2", 0, velocity=0.6)
        + melody(_FLOORS, 40)
        + moved(last, 0, 12, 0.6),
        -22,
        pan=0.25,
        spread=0.1,
        reverb=0.28,
        delay=0.12,
    )
    nylon = voices.string(1.8, 0.36, 0.22, 3800, 0.1)
    guitar = comp(line, "x-.x--x-|.x-.x-.o|", 55, 72, 4, 0.25, 0.008) + comp(
        end, "x-------", 51, 70, 5, 0.5, 0.06
    )
    mix.add("guitar", nylon, guitar, -24, pan=-0.4, reverb=0.15, loose=6)
    mix.add(
        "organ",
        voices.organ(),
        comp(line[2:], "o--...o.|........", 58, 74, 3, 0.5),
        -30,
        pan=0.4,
        reverb=0.22,
        inserts=[rotary(0.9)],
    )
    low = bassline(line, "R:0.75 5:0.25 5:0.75 Rg:0.25 R:0.75 5:0.25 5:0.5 a:0.5") + bassline(
        end, "R:4"
    )
    mix.add("bass", voices.upright(), low, -20, reverb=0.07, inserts=[warmth(-1)])
    mix.add("rim", drums.rim(), hits("x..x..x...x..x..", 8, 64), -31, pan=0.2, reverb=0.22)
    mix.add("brush", drums.brush(0.04), hits("ogxgogxgogxgogxg", 8, 64), -33, pan=-0.2, reverb=0.1)
    mix.add(
        "kick",
        drums.kick(55, 100, 0.02, 0.13, 0.04),
        hits("x..gx..gx..gx..g", 8, 64),
        -27,
        reverb=0.05,
    )
    mix.add(
        "shaker",
        drums.shaker(20),
        hits(bars("g.o.g.o.g.o.g.x.", count=1), 24, 48),
        -37,
        pan=0.45,
        reverb=0.1,
    )
    mix.add(
        "triangle",
        voices.celesta(),
        melody("r:3 Bb6:1 | r:4 | r:4 | r:4", 8, velocity=0.3)
        + melody("r:3 Bb6:1", 40, velocity=0.3),
        -40,
        pan=-0.5,
        reverb=0.5,
    )
    bell = melody("G5:0.75 Eb5:3.25", 72, velocity=0.7)
    mix.add(
        "bell",
        voices.celesta(),
        bell + arpeggio(changes("Eb69", 38, 2), (0, 1, 2, 3, 4, 5, 6, 7), 72, 90, 4, 0.25),
        -27,
        pan=-0.1,
        reverb=0.5,
        delay=0.25,
    )
    return mix.master(drive_db=-4.0)
