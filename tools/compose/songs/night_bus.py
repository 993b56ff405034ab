"""Night Bus to Varna: steady night-drive in A minor, 110 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import autopan, chorus, eq, warmth
from ..mixer import Mix
from ..score import Clock, arpeggio, bars, bassline, changes, comp, hits, melody, moved, swell
from ..signal import Audio

_VERSE = "Am9 | Fmaj9 | Cadd9 | Em7"
_LIFT = "Fmaj9 | G6 | Em7 | Am7 | Fmaj9 | G6 | Am9 | Am7"
_THEME = (
    "E5:1.5 D5:0.5 C5:1 B4:1 | C5:2 A4:1 r:1 | G4:0.5 A4:0.5 C5:1 D5:1 E5:1 | D5:2.5 B4:0.5 r:1 |"
    "E5:1.5 D5:0.5 C5:1 E5:1 | A5:2 G5:1 E5:1 | G5:1.5 E5:0.5 D5:1 C5:1 | B4:3 r:1"
)
_BRIDGE = (
    "A4:0.5 C5:0.5 E5:1 A5:2 | G5:1.5 E5:0.5 D5:2 | E5:1 G5:1 B4:1 D5:1 | C5:3 r:1 |"
    "A4:0.5 C5:0.5 E5:1 A5:2 | B5:1.5 A5:0.5 G5:2 | A5:4 | r:2 E5:0.5 D5:0.5 C5:0.5 D5:0.5"
)


def play() -> Audio:
    """Intro 4, verse 8, lift 8, verse 8, farewell 2 bars and a last chord."""
    mix = Mix(
        "night-bus", Clock(110, 0.53, 0.25, slows_from=118, slowing=0.03), 122, tail=4.5, space=2.0
    )
    line = changes(f"{_VERSE} | {_VERSE} | {_VERSE} | {_LIFT} | {_VERSE} | {_VERSE} | Fmaj9 | Em7")
    end = changes("Am9", 120)
    groove = line[4:]
    kick = hits("X...X...X...X...", 16, 96) + hits("X...X...X...X..g", 112, 8) + hits("X", 120, 1)
    mix.pump(kick)
    mix.add("kick", drums.kick(47, 140, 0.03, 0.15), kick, -22, reverb=0.02, loose=0)
    mix.add("clap", drums.clap(), hits("....x.......x...", 32, 88), -29, reverb=0.3, loose=3)
    mix.add(
        "rim",
        drums.rim(),
        hits(bars("......g..g......", "......g..g....o.", count=2), 16, 104),
        -35,
        pan=0.4,
        reverb=0.3,
    )
    mix.add(
        "hat",
        drums.hat(0.03),
        hits("g.xgg.xog.xgg.xo", 16, 104),
        -33,
        pan=-0.25,
        reverb=0.06,
        loose=3,
    )
    mix.add(
        "open hat",
        drums.hat(0.13),
        hits("..o...o...o...o.", 48, 64, 0.25),
        -37,
        pan=0.2,
        reverb=0.1,
    )
    mix.add("shaker", drums.shaker(), hits("ogxgogxgogxgogxg", 0, 120), -36, pan=0.45, reverb=0.1)
    mix.add(
        "crash",
        drums.crash(),
        hits("o", 16, 1) + hits("x", 48, 1) + hits("x", 80, 1) + hits("o", 120, 1),
        -32,
        reverb=0.3,
    )
    low = bassline(groove, "R:0.75 R:0.25 rg:0.5 Rg:0.5 8:0.5 R:0.5 5:0.5 7g:0.25 8g:0.25") + moved(
        bassline(end, "R:4")
    )
    mix.add(
        "bass",
        voices.synth_bass(210, 800),
        low,
        -20.5,
        reverb=0.02,
        duck=0.35,
        gate=0.9,
        inserts=[warmth(2)],
    )
    keys = comp(line, "..x-..o-|.x-...o-|", 55, 74, 4, 0.5) + comp(end, "x-------", 52, 72, 4)
    mix.add(
        "keys",
        voices.electric_piano(0.12),
        keys,
        -25,
        reverb=0.22,
        delay=0.1,
        inserts=[autopan(0.9, 0.35), chorus(0.5, 2, 0.3)],
    )
    blips = swell(arpeggio(line[:12], (0, 2, 4, 3, 1, 3, 2, 5), 57, 76, 4, 0.25), 0.55, 0.95)
    blips += arpeggio(line[12:], (0, 2, 4, 3, 1, 3, 2, 5), 57, 76, 4, 0.25)
    mix.add(
        "arpeggio",
        voices.synth_pluck(380, 2000),
        blips,
        -26.5,
        spread=0.25,
        reverb=0.25,
        delay=0.35,
        duck=0.4,
        gate=0.7,
    )
    sheet = comp(line + end, "x-------", 52, 71, 4)
    mix.add(
        "pad", voices.pad(1100), sheet, -27.5, reverb=0.35, duck=0.45, inserts=[eq("highpass", 180)]
    )
    theme = (
        melody(_THEME, 16)
        + melody(_BRIDGE, 48)
        + melody(_THEME, 80)
        + melody("C5:2 A4:2 | B4:4 | E5:4", 112)
    )
    mix.add("lead", voices.lead("square", 1000, 900), theme, -21, reverb=0.25, delay=0.28, loose=6)
    mix.add(
        "upper lead",
        voices.wind("flute", 0.04),
        moved(melody(_THEME, 80), 0, 12, 0.8),
        -28,
        pan=0.3,
        reverb=0.5,
        delay=0.3,
    )
    return mix.master()
