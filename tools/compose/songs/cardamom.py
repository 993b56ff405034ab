"""Cardamom: piano trio in five, C minor, 126 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import warmth
from ..mixer import Mix
from ..score import Clock, bars, bassline, changes, comp, hits, melody, moved
from ..signal import Audio

_HEAD = (
    "Cm9:3 F13:2 | Cm9:3 F13:2 | Abmaj9:3 G7b9:2 | Cm9:3 G7#9:2 | Cm9:3 F13:2 |"
    " Cm9:3 F13:2 | Abmaj9:3 G7b9:2 | Cm9:3 Cm6:2"
)
_MIDDLE = (
    "Fm9:3 Bb13:2 | Ebmaj9:3 Abmaj7:2 | Dm7b5:3 G7b9:2 | Cm9:3 C7b9:2 | Fm9:3 Bb13:2 |"
    " Ebmaj9:3 Abmaj7:2 | Dm7b5:3 G7b9:2 | Cm9:3 G7#9:2"
)
_TUNE = (
    "G4:1 C5:0.5 Eb5:0.5 D5:1 C5:1 r:1 | r:0.5 C5:0.5 D5:0.5 Eb5:0.5 F5:1 D5:1.5 r:0.5 |"
    "Eb5:1.5 C5:0.5 Ab4:1 B4:1 D5:1 | C5:2.5 r:0.5 G4:0.5 Bb4:0.5 B4:1 |"
    "C5:1 Eb5:0.5 G5:0.5 F5:1 Eb5:1 r:1 | r:0.5 Eb5:0.5 F5:0.5 G5:0.5 A5:1 F5:1.5 r:0.5 |"
    "G5:1.5 Eb5:0.5 C5:1 F5:0.5 Eb5:0.5 D5:1 | C5:3 r:2"
)
_SOLO = (
    "Ab5:1.5 G5:0.5 F5:1 D5:1 F5:1 | G5:1.5 F5:0.5 Eb5:1 C5:1 Eb5:1 |"
    "F5:1 D5:0.5 C5:0.5 Ab4:1 B4:0.5 D5:0.5 F5:1 | Eb5:1 D5:0.5 C5:0.5 G4:1 E5:0.5 G5:0.5 Bb5:1 |"
    "C6:1 Ab5:0.5 G5:0.5 F5:0.5 G5:0.5 Ab5:0.5 F5:0.5 D5:1 |"
    " Eb5:0.5 G5:0.5 Bb5:1 G5:1 Eb5:0.5 C5:0.5 Eb5:1 |"
    "D5:0.5 F5:0.5 Ab5:1 F5:0.5 D5:0.5 B4:0.5 D5:0.5 F5:1 | Eb5:1.5 D5:0.5 C5:1 r:2"
)


def play() -> Audio:
    """Bass and brushes 2, head 8, solo 8, head 8 and a held ninth."""
    mix = Mix(
        "cardamom", Clock(126, 0.63, 0.5, slows_from=125, slowing=0.05), 135, tail=4.0, space=1.1
    )
    line = changes(f"Cm9:3 F13:2 | Cm9:3 F13:2 | {_HEAD} | {_MIDDLE} | {_HEAD}", meter=5)
    end = changes("Cm9", 130, meter=5)
    vamp = bassline(line[:20], "R:1.5 5g:0.5 8:1")
    walk = bassline(line[20:36], "R:1 3:1 a:1")
    low = vamp + walk + bassline(line[36:], "R:1.5 5g:0.5 8:1") + bassline(end, "R:5")
    mix.add(
        "bass", voices.upright(), low, -19.5, pan=-0.08, reverb=0.08, loose=5, inserts=[warmth(-2)]
    )
    mix.add(
        "ride",
        drums.ride(0.4),
        hits("x.x.xgx.xg", 10, 120, 0.5) + hits("x", 130, 1),
        -33,
        pan=0.35,
        reverb=0.12,
        loose=4,
    )
    mix.add(
        "hat foot",
        drums.hat(0.02, 8000),
        hits("..x...x...", 0, 130, 0.5),
        -37,
        pan=-0.3,
        reverb=0.1,
    )
    mix.add(
        "brush",
        drums.brush(),
        hits(bars("...g..g.x.", "..g..gg.xg", count=2), 10, 120, 0.5),
        -30,
        pan=0.1,
        reverb=0.15,
    )
    mix.add("swish", drums.swish(), hits("o--g-", 0, 130, 1.0), -37, reverb=0.1)
    mix.add(
        "kick",
        drums.kick(58, 110, 0.02, 0.12, 0.05),
        hits("o.....g...", 10, 120, 0.5) + hits("o", 130, 1),
        -28,
        reverb=0.05,
    )
    keys = voices.piano(0.55, 7.0)
    left = comp(line[4:], "o-.x-.o-..", 50, 65, 3, 0.5)
    left += comp(line[:4], "..........|...x-.o-..", 50, 65, 3, 0.5)
    mix.add("left hand", keys, left, -26, pan=-0.15, spread=0.15, reverb=0.14, loose=6, touch=0.1)
    tune = melody(_TUNE, 10, 5) + melody(_SOLO, 50, 5, 0.74) + melody(_TUNE, 90, 5)
    tune += melody("G4+Bb4+D5+G5:5", 130, 5, 0.6)
    mix.add("right hand", keys, tune, -20, pan=0.1, spread=0.15, reverb=0.16, loose=7, touch=0.1)
    mix.add(
        "octaves", keys, moved(melody(_TUNE, 90, 5), 0, 12, 0.7), -28, pan=0.2, reverb=0.2, loose=7
    )
    vibes = melody(
        "r:2.5 G5:0.5 Eb5:2 | r:2.5 A5:0.5 F5:2 | r:5 | r:2.5 Eb5:0.5 G5:2 |"
        " r:2.5 G5:0.5 Bb5:2 | r:2.5 C6:0.5 A5:2 | r:5 | G5:1 Eb5:1 C5:3",
        90,
        5,
        0.6,
    )
    mix.add("vibraphone", voices.vibraphone(), vibes, -28, pan=-0.4, reverb=0.3)
    return mix.master(drive_db=-5.0)
