"""Paper Lanterns: lazy island beat in F major, 88 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import autopan, eq, warmth, wow
from ..mixer import Mix
from ..score import Clock, bars, bassline, changes, comp, hits, melody, moved
from ..signal import Audio

_HOME = "Fmaj9 | Dm9 | Gm9 | C9sus C13"
_AWAY = "Bbmaj9 | Am7 | Gm9 | C9sus | Bbmaj9 | Am7 D7b9 | Gm9 C13 | F69"
_THEME = (
    "A4:0.75 C5:0.75 D5:0.5 C5:1 A4:1 | r:0.5 F4:0.5 A4:0.5 C5:0.5 A4:2 |"
    "Bb4:0.75 D5:0.75 F5:0.5 D5:1 C5:1 | r:0.5 D5:0.5 C5:0.5 G4:0.5 A4:1 G4:1 |"
    "A4:0.75 C5:0.75 D5:0.5 C5:1 F5:1 | r:0.5 E5:0.5 F5:0.5 E5:0.5 C5:2 |"
    "D5:0.75 Bb4:0.75 G4:0.5 Bb4:1 D5:1 | C5:1.5 D5:0.5 Bb4:0.5 G4:1.5"
)
_SONG = (
    "D5:1.5 C5:0.5 A4:1 F4:1 | G4:0.5 A4:0.5 C5:2 r:1 | Bb4:1 A4:0.5 Bb4:0.5 D5:1 F5:1 |"
    " G5:1.5 F5:0.5 D5:1 C5:1 |"
    "D5:1.5 F5:0.5 A5:1 F5:1 | E5:1 C5:1 Eb5:1 D5:0.5 C5:0.5 |"
    " Bb4:0.5 D5:0.5 F5:1 E5:0.5 D5:0.5 C5:0.5 A4:0.5 | F4:3 r:1"
)


def play() -> Audio:
    """Intro 2, theme 8, song 8, half a theme and a rolled last chord."""
    mix = Mix(
        "paper-lanterns",
        Clock(88, 0.58, 0.25, slows_from=84, slowing=0.04),
        92,
        tail=4.0,
        space=1.5,
    )
    line = changes(f"Fmaj9 | C9sus | {_HOME} | {_HOME} | {_AWAY} | {_HOME}")
    end = changes("F69", 88)
    beat = bars("X.....o..gX.....", "X.....o.x.X....g", count=2)
    mix.add(
        "kick",
        drums.kick(52, 120, 0.025, 0.14, 0.06),
        hits(beat, 8, 80) + hits("x", 88, 1),
        -23,
        reverb=0.04,
    )
    mix.add(
        "snare",
        drums.snare(196, 0.4, 0.1, 5500),
        hits(bars("....X..g.g..X...", "....X..g.g..X.gg", count=2), 8, 80),
        -27,
        reverb=0.18,
        loose=7,
    )
    mix.add(
        "hat",
        drums.hat(0.028, 8500),
        hits("x.o.xgo.x.o.x.og", 8, 80),
        -34,
        pan=0.3,
        reverb=0.08,
        loose=5,
    )
    mix.add("shaker", drums.shaker(24), hits("g.o.g.x.g.o.g.x.", 0, 88), -36, pan=-0.4, reverb=0.1)
    mix.add(
        "conga",
        drums.hand_drum(196, 0.12),
        hits(bars("......o...o.....", "......o...o..o.g", count=2), 24, 64),
        -32,
        pan=-0.3,
        reverb=0.2,
    )
    mix.add(
        "low conga",
        drums.hand_drum(146, 0.16),
        hits("...........x.x..", 24, 64),
        -33,
        pan=-0.15,
        reverb=0.2,
    )
    low = bassline(line, "R:1.5 5:0.5 r:0.5 R:0.5 8g:0.5 a:0.5") + bassline(end, "R:4")
    mix.add("bass", voices.electric_bass(500), low, -20.5, reverb=0.03, inserts=[warmth(1)])
    keys = comp(line, "x--.x-..|.x-.o--.", 53, 72, 4, 0.5, 0.02) + comp(
        end, "x-------", 53, 72, 5, 0.5, 0.09
    )
    mix.add(
        "keys",
        voices.electric_piano(0.1),
        keys,
        -24.5,
        pan=-0.15,
        reverb=0.18,
        inserts=[autopan(1.1, 0.3), wow(0.5)],
    )
    guitar = comp(line[2:], "..o.x.o...x.o.x.", 58, 76, 3, 0.25, 0.015)
    mix.add(
        "guitar",
        voices.string(1.2, 0.36, 0.2, 3600, 0.05),
        guitar,
        -29,
        pan=0.45,
        reverb=0.2,
        gate=0.6,
        inserts=[eq("highpass", 200)],
    )
    once_more = [note for note in melody(_THEME, 72) if note.start < 86]
    theme = melody(_THEME, 8) + once_more + melody("r:2 G4:1 A4:0.5 C5:0.5 | A5:4", 84)
    mix.add(
        "marimba",
        voices.bars_struck(),
        theme,
        -20.5,
        pan=0.1,
        spread=0.2,
        reverb=0.22,
        delay=0.18,
        loose=6,
    )
    mix.add(
        "marimba echo",
        voices.kalimba(),
        moved(theme, 0, 12, 0.6),
        -31,
        pan=-0.3,
        reverb=0.4,
        delay=0.3,
    )
    mix.add(
        "flute",
        voices.wind("flute", 0.07),
        melody(_SONG, 40),
        -20.5,
        pan=-0.1,
        reverb=0.3,
        delay=0.15,
        loose=8,
    )
    mix.add(
        "pad",
        voices.pad(900, 0.8),
        comp(line[10:] + end, "x-------", 53, 70, 4),
        -30,
        reverb=0.35,
        inserts=[eq("highpass", 200)],
    )
    return mix.master(drive_db=-2.0)
