"""Salt on the Radio: seaside disco in B minor, 116 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import autopan, chorus, eq, warmth
from ..mixer import Mix
from ..score import Clock, bars, bassline, changes, comp, harmonised, hits, melody
from ..signal import Audio

_GROOVE = "Em9 | A13 | Dmaj9 | Bm7"
_CHORUS = "Gmaj9 | A13 | F#m7 | Bm9 | Gmaj9 | A13 | F#7#9 | Bm9"
_VERSE = (
    "r:0.5 F#5:0.5 E5:0.5 D5:0.5 B4:1 D5:1 | C#5:1.5 B4:0.5 A4:2 |"
    " r:0.5 A4:0.5 C#5:0.5 E5:0.5 F#5:1 E5:1 | D5:1.5 C#5:0.5 B4:2 |"
    "r:0.5 F#5:0.5 E5:0.5 D5:0.5 B4:1 G5:1 | F#5:1.5 E5:0.5 C#5:2 |"
    " r:0.5 A4:0.5 C#5:0.5 E5:0.5 A5:1 F#5:1 | F#5:3 r:1"
)
_HOOK = (
    "B5:1.5 A5:0.5 F#5:1 D5:1 | E5:1.5 F#5:0.5 E5:1 C#5:1 | C#5:1 E5:1 A5:1.5 G#5:0.5 | F#5:3 r:1 |"
    "B5:1.5 A5:0.5 F#5:1 D5:1 | E5:1.5 F#5:0.5 A5:2 | A#5:1.5 C#6:0.5 A5:1 G5:1 | F#5:3 r:1"
)


def play() -> Audio:
    """Intro 4, verse 8, chorus 8, breakdown 2, chorus 8 and a tag."""
    mix = Mix("salt-radio", Clock(116, 0.55, 0.25), 130, tail=3.4, space=1.5)
    line = changes(
        f"{_GROOVE} | {_GROOVE} | {_GROOVE} | {_CHORUS} | Em9 | A13 | {_CHORUS} | Gmaj9 | A13"
    )
    end = changes("Bm9", 128)
    kick = hits("X...X...X...X...", 16, 64) + hits("X...X...X...X.x.", 88, 40) + hits("X", 128, 1)
    mix.pump(kick)
    mix.add("kick", drums.kick(50, 150, 0.028, 0.14), kick, -22.5, reverb=0.02, loose=0)
    mix.add(
        "snare",
        drums.snare(190, 0.5, 0.1, 6500),
        hits(bars("....X.......X...", "....X..g.g..X..g", count=2), 16, 64)
        + hits("....X..g.g..X..g", 88, 40),
        -27,
        reverb=0.16,
    )
    mix.add(
        "clap",
        drums.clap(),
        hits("....x.......x...", 48, 32) + hits("....x.......x...", 88, 40),
        -30,
        reverb=0.3,
    )
    mix.add("hat", drums.hat(0.028), hits("xgogxgogxgogxgog", 0, 128), -34, pan=0.25, reverb=0.06)
    mix.add(
        "open hat",
        drums.hat(0.12),
        hits("..x...x...x...x.", 16, 64) + hits("..x...x...x...x.", 88, 40),
        -34.5,
        pan=-0.15,
        reverb=0.08,
    )
    mix.add(
        "tambourine",
        drums.tambourine(),
        hits("g.x.g.x.g.x.g.xg", 48, 32) + hits("g.x.g.x.g.x.g.xg", 88, 40),
        -36,
        pan=-0.45,
        reverb=0.12,
    )
    mix.add(
        "tom",
        drums.hand_drum(120, 0.2, 0.1),
        hits("........o.ox.xxX", 44, 4) + hits("........o.ox.xxX", 84, 4),
        -28,
        pan=0.3,
        reverb=0.3,
    )
    mix.add(
        "crash",
        drums.crash(),
        hits("x", 16, 1) + hits("X", 48, 1) + hits("X", 88, 1) + hits("X", 128, 1),
        -32,
        reverb=0.3,
    )
    octave = "R:0.5 8:0.5 R:0.5 8:0.25 Rg:0.25 R:0.5 8:0.5 5:0.5 a:0.5"
    low = (
        bassline(line[:20], octave)
        + bassline(line[20:22], "R:4")
        + bassline(line[22:], octave)
        + bassline(end, "R:1.5")
    )
    mix.add(
        "bass",
        voices.electric_bass(1000),
        low,
        -20,
        reverb=0.02,
        duck=0.2,
        gate=0.8,
        inserts=[warmth(3)],
    )
    muted = voices.string(0.5, 0.22, 0.12, 6500, 0.03, body=((220.0, 1.0, 2.0), (2600.0, 0.7, 3.0)))
    chops = comp(line[4:], "..o.g.xg..o.gxg.", 62, 79, 3, 0.25, 0.01)
    mix.add(
        "chop guitar",
        muted,
        chops,
        -28,
        pan=0.5,
        reverb=0.12,
        delay=0.06,
        gate=0.4,
        inserts=[eq("highpass", 300)],
    )
    keys = comp(line, "x-..o-.o|-..x-.o.|", 55, 73, 4, 0.5) + comp(end, "X-----", 55, 73, 4)
    mix.add(
        "keys",
        voices.electric_piano(0.14, 1.2),
        keys,
        -25,
        pan=-0.25,
        reverb=0.16,
        inserts=[autopan(1.6, 0.35), chorus(0.8, 1.8, 0.3)],
    )
    wide = comp(line[12:] + end, "o-------", 59, 78, 3)
    mix.add("strings", voices.bowed(2600, 0.2, 6), wide, -27, reverb=0.35, duck=0.25)
    runs = (
        "r:3 D6:0.25 C#6:0.25 B5:0.25 A5:0.25 | B5:1 r:3 | r:4 |"
        "r:2 F#5:0.5 A5:0.5 B5:0.5 C#6:0.5 | D6:1 r:3 | r:4 | r:4 | r:4"
    )
    mix.add(
        "string run",
        voices.bowed(3600, 0.04, 4, 0.12),
        melody(runs, 44) + melody(runs, 84),
        -27,
        pan=0.2,
        reverb=0.35,
    )
    mix.add(
        "verse lead",
        voices.lead("pulse", 1300, 1500),
        melody(_VERSE, 16),
        -21,
        reverb=0.2,
        delay=0.22,
        loose=6,
    )
    hook = (
        melody(_HOOK, 48)
        + melody(_HOOK, 88)
        + melody("B5:1.5 A5:0.5 F#5:1 D5:1 | E5:1.5 F#5:0.5 A5:1 C#6:1 | B5:2 r:2", 120)
    )
    mix.add(
        "hook lead", voices.lead("square", 1300, 1400), hook, -21.5, reverb=0.22, delay=0.2, loose=6
    )
    mix.add(
        "hook sixths",
        voices.choir("ah", 4, 0.05, 0.2),
        harmonised(melody(_HOOK, 88), line, -8),
        -26,
        reverb=0.3,
    )
    mix.add("rise", drums.rise(), hits("x---------------", 84, 4), -32, reverb=0.2)
    mix.add(
        "intro pad",
        voices.pad(900, 1.0),
        comp(line[:4] + line[20:22], "x-------", 55, 72, 4),
        -27,
        reverb=0.35,
    )
    return mix.master()
