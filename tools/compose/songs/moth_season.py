"""Moth Season: lullaby in six-eight, D minor turning to F, dotted quarter at 68."""

from __future__ import annotations

from .. import drums, voices
from ..mixer import Mix
from ..score import Clock, arpeggio, bassline, changes, comp, harmonised, hits, melody, moved, swell
from ..signal import Audio

_DUSK = "Dm | Bbmaj7 | F | C | Dm | Gm7 | Asus | A7"
_WINGS = "Bbmaj7 | C | Am7 | Dm7 | Bbmaj7 | C | Fadd9 | F/A"
_TUNE = (
    "A4:3 D5:2 E5:1 | F5:3 D5:3 | C5:2 D5:1 C5:2 A4:1 | G4:6 | A4:3 D5:2 E5:1 |"
    " F5:2 G5:1 A5:2 G5:1 | E5:3 D5:3 | C#5:5 r:1"
)
_SONG = (
    "D5:2 F5:1 A5:3 | G5:2 E5:1 C5:3 | E5:2 G5:1 C5:2 Bb4:1 | A4:6 | D5:2 F5:1 A5:2 Bb5:1 |"
    " C6:3 G5:3 | A5:2 G5:1 F5:2 C5:1 | F5:5 r:1"
)


def play() -> Audio:
    """Piano 4, dusk 8, wings 8, dusk with strings 8, a slow close in F."""
    mix = Mix(
        "moth-season",
        Clock(204, slows_from=168, slowing=0.025),
        186,
        tail=5.0,
        space=2.4,
        delay=3.0,
    )
    line = changes(f"Dm | Bbmaj7 | F | C | {_DUSK} | {_WINGS} | {_DUSK}", meter=6)
    close = changes("Bbmaj7 | C", 168, 6)
    end = changes("Fadd9", 180, 6)
    felt = voices.piano(1.15, 8.0)
    left = arpeggio(
        line + close, (0, 2, 3, 4, 3, 2), 50, 67, 3, 1.0, 2.6, (0.72, 0.45, 0.52, 0.6, 0.48, 0.44)
    )
    left += comp(end, "x-----", 48, 67, 4, 1.0, 0.35)
    mix.add("left hand", felt, left, -23, spread=0.12, reverb=0.25, loose=7, touch=0.09)
    dusk, wings = melody(_TUNE, 24, 6, 0.68), melody(_SONG, 72, 6, 0.7)
    again = melody(_TUNE, 120, 6, 0.74)
    last = melody("D5:2 F5:1 A5:3 | G5:3 E5:3 | F5:6", 168, 6, 0.6)
    mix.add(
        "right hand",
        felt,
        dusk + again + last,
        -20.5,
        pan=0.08,
        reverb=0.28,
        delay=0.06,
        loose=9,
        touch=0.08,
    )
    mix.add(
        "right octave", felt, moved(wings + again, 0, 12, 0.7), -26, pan=0.2, reverb=0.32, loose=10
    )
    mix.add(
        "cello",
        voices.bowed(1900, 0.22, 2, 0.5),
        moved(wings, 0, -12),
        -21,
        pan=-0.12,
        reverb=0.35,
        loose=12,
    )
    mix.add(
        "violins",
        voices.bowed(2400, 0.3, 5, 0.6),
        harmonised(again, line, 4) + moved(last, 0, 12, 0.7),
        -26,
        pan=0.3,
        reverb=0.45,
        loose=14,
    )
    sheet = swell(comp(line[12:] + close + end, "o-----", 53, 70, 3, 1.0), 0.7, 1.1)
    mix.add("strings", voices.bowed(1500, 0.6, 5, 0.9), sheet, -26.5, reverb=0.45)
    low = bassline(line[4:] + close, "R:3 5g:2 Rg:1", 33) + bassline(end, "R:6", 33)
    mix.add("bass", voices.upright(), low, -22, reverb=0.12, loose=8)
    harp = voices.string(3.0, 0.24, 0.3, 4200, 0.5)
    plucks = arpeggio(
        line[12:20], (2, 3, 4, 5, 4, 3), 62, 79, 3, 1.0, 2.0, (0.6, 0.45, 0.5, 0.6, 0.5, 0.45)
    )
    plucks += arpeggio(end, (0, 1, 2, 3, 4, 5, 6, -1, -1, -1, -1, -1), 65, 80, 3, 0.5, 6.0)
    mix.add("harp", harp, plucks, -27, pan=0.35, spread=0.2, reverb=0.35)
    wing_beats = arpeggio(line[4:12], (4, -1, -1, 5, -1, 6), 65, 82, 3, 1.0)
    mix.add(
        "celesta",
        voices.celesta(),
        wing_beats + moved([n for n in wings if n.length >= 3], 0, 12, 0.8),
        -30,
        pan=-0.35,
        reverb=0.5,
        delay=0.2,
    )
    mix.add(
        "brush",
        drums.brush(0.05),
        hits("...x..|...x.g", 72, 96, 1.0),
        -33,
        pan=0.15,
        reverb=0.25,
        loose=8,
    )
    mix.add("swish", drums.swish(), hits("g-----", 72, 96, 1.0), -38, reverb=0.15)
    mix.add(
        "heart", drums.kick(58, 95, 0.02, 0.16, 0.02), hits("x.....", 72, 108, 1.0), -29, reverb=0.1
    )
    mix.add(
        "choir",
        voices.choir("oo", 5, 0.6, 0.9),
        comp(line[20:] + close + end, "o-----", 57, 72, 3, 1.0),
        -29.5,
        reverb=0.5,
    )
    return mix.master(drive_db=-6.0)
