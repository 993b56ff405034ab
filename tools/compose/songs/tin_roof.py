"""Tin Roof Summer: fingerpicked folk pop in G major, 102 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import eq, warmth
from ..mixer import Mix
from ..score import Clock, arpeggio, bars, bassline, changes, comp, harmonised, hits, melody
from ..signal import Audio

_VERSE = "G | Cadd9 | Em7 | D"
_CHORUS = "C | G/B | Am7 | D | C | G/B | Am7 D7 | G"
_TUNE = (
    "D5:1 B4:0.5 D5:0.5 G5:1.5 F#5:0.5 | E5:2 r:0.5 D5:0.5 C5:0.5 D5:0.5 |"
    " B4:1 G4:0.5 B4:0.5 E5:1.5 D5:0.5 | A4:3 r:1 |"
    "D5:1 B4:0.5 D5:0.5 G5:1.5 A5:0.5 | G5:2 r:0.5 E5:0.5 G5:0.5 A5:0.5 |"
    " B5:1.5 A5:0.5 G5:1 E5:1 | F#5:2 D5:1 r:1"
)
_REFRAIN = (
    "E5:1.5 G5:0.5 E5:1 C5:1 | D5:3 r:1 | C5:1 E5:1 A5:1.5 G5:0.5 | F#5:2 D5:1 r:1 |"
    "E5:1.5 G5:0.5 E5:1 C5:1 | D5:1 G5:1 B5:2 | A5:1 G5:1 F#5:1 A5:1 | G5:3 r:1"
)
_STEEL = ((98.0, 1.3, 3.0), (200.0, 1.5, 2.0), (3200.0, 0.8, 2.0))


def play() -> Audio:
    """Guitar intro 4, verse 8, chorus 8, verse in thirds 8, strummed ending."""
    mix = Mix(
        "tin-roof", Clock(102, 0.54, 0.25, slows_from=110, slowing=0.04), 116, tail=4.0, space=1.3
    )
    line = changes(f"{_VERSE} | {_VERSE} | {_VERSE} | {_CHORUS} | {_VERSE} | C | D")
    line = [*line[:21], *changes("G | Cadd9 | Em7 | D | G | Cadd9 | Am7 | D", 80)]
    end = changes("G", 112)
    steel = voices.string(3.2, 0.2, 0.14, 6800, 0.15, body=_STEEL)
    picked = arpeggio(line, (0, 3, 2, 4, 1, 3, 2, 4), 52, 72, 4, 0.5, 2.2, (0.85, 0.55, 0.7, 0.6))
    mix.add("picked guitar", steel, picked, -23.5, pan=-0.4, reverb=0.14, loose=6)
    thumb = bassline(line[:4], "R:1 5:1 R:1 5:1", 40)
    mix.add(
        "thumb",
        voices.string(2.6, 0.32, 0.2, 3000, 0.15, body=_STEEL),
        thumb,
        -25,
        pan=-0.3,
        reverb=0.12,
    )
    strums = comp(line[4:], "x.o.xgo.|x.ogxgog", 55, 74, 4, 0.5, 0.012) + comp(
        end, "X-------", 50, 74, 4, 0.5, 0.05
    )
    mix.add(
        "strummed guitar",
        steel,
        strums,
        -26.5,
        pan=0.45,
        reverb=0.14,
        gate=0.9,
        inserts=[eq("highpass", 160)],
    )
    low = bassline(line[4:], "R:1.5 R:0.5 5:1 R:0.5 a:0.5") + bassline(end, "R:4")
    mix.add("bass", voices.electric_bass(650), low, -20.5, reverb=0.03, inserts=[warmth(0)])
    mix.add(
        "kick",
        drums.kick(55, 130, 0.02, 0.12, 0.08),
        hits(bars("X.....o.X.......", "X.....o.X.o.....", count=2), 16, 96) + hits("x", 112, 1),
        -23,
        reverb=0.05,
    )
    mix.add(
        "snare",
        drums.snare(205, 0.35, 0.09, 6000),
        hits(bars("....x..g....x..g", "....x..g.g..x.gg", count=2), 48, 64),
        -28,
        reverb=0.2,
    )
    mix.add("snap", drums.snap(), hits("....x.......x...", 16, 32), -31, pan=0.2, reverb=0.35)
    mix.add("shaker", drums.shaker(), hits("x.ogx.ogx.ogx.og", 16, 96), -34, pan=0.35, reverb=0.08)
    mix.add(
        "tambourine",
        drums.tambourine(),
        hits("....x.......x...", 48, 64) + hits("x", 112, 1),
        -34,
        pan=-0.35,
        reverb=0.2,
    )
    mix.add(
        "stick", drums.woodblock(980), hits("..g...o...g...o.", 80, 32), -38, pan=0.5, reverb=0.25
    )
    verse, refrain, again = melody(_TUNE, 16), melody(_REFRAIN, 48), melody(_TUNE, 80)
    last = melody("G5:4", 112)
    mix.add(
        "whistle",
        voices.wind("whistle", 0.06, 16),
        verse + again + last,
        -21,
        pan=0.05,
        reverb=0.3,
        delay=0.15,
        loose=8,
    )
    mix.add(
        "clarinet", voices.wind("clarinet", 0.03, 9), refrain, -21, pan=-0.05, reverb=0.25, loose=8
    )
    low_voice = harmonised(again, line)
    mix.add(
        "second voice", voices.wind("flute", 0.05), low_voice, -26, pan=0.3, reverb=0.3, loose=10
    )
    mix.add(
        "strings",
        voices.bowed(1800, 0.4),
        comp(line[12:] + end, "o-------", 55, 71, 3),
        -30,
        reverb=0.4,
    )
    mix.add(
        "oohs", voices.choir("oo", 4), comp(line[12:20], "o-------", 60, 74, 3), -28.5, reverb=0.4
    )
    return mix.master()
