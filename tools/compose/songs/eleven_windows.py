"""Eleven Windows: late house in E minor, 122 bpm, around an eleven-step figure."""

from __future__ import annotations

from .. import drums, voices
from ..effects import chorus, eq, warmth
from ..mixer import Mix
from ..score import Clock, arpeggio, bars, bassline, changes, comp, hits, melody, moved, swell
from ..signal import Audio

_ROUND = "Em9 | Em9 | Cmaj9 | Cmaj9 | G69 | G69 | Bm7 | Dadd9"
_FIGURE = (0, 2, 4, 6, 5, 3, 2, 4, 1, 3, 5)
_LINE = (
    "B4:3 D5:1 | F#5:2 E5:2 | E5:3 D5:1 | B4:4 | D5:3 E5:1 | G5:2 A5:2 | F#5:3 D5:1 | E5:2 F#5:2 |"
    "B5:3 A5:1 | F#5:2 G5:2 | E5:3 G5:1 | B5:4 | A5:1.5 G5:1.5 E5:1 |"
    " D5:1.5 E5:1.5 G5:1 | F#5:3 D5:1 | F#5:2 A5:2"
)


def play() -> Audio:
    """The figure alone 4, a round with kick 8, a round with bass 8, breath 2, full 12."""
    mix = Mix("eleven-windows", Clock(122, 0.53, 0.25), 140, tail=4.0, space=2.4, delay=0.75)
    line = changes(
        f"Em9 | Em9 | Cmaj9 | Dadd9 | {_ROUND} | {_ROUND} | Cmaj9 | Dadd9 | {_ROUND}"
        "| Cmaj9 | Cmaj9 | Bm7 | Dadd9"
    )
    end = changes("Em9", 136)
    kick = hits("X...X...X...X...", 16, 64) + hits("X...X...X...X...", 88, 48) + hits("X", 136, 1)
    mix.pump(kick)
    mix.add("kick", drums.kick(46, 160, 0.03, 0.16, 0.1), kick, -22, reverb=0.02, loose=0)
    mix.add(
        "clap",
        drums.clap(),
        hits("....x.......x...", 32, 48) + hits("....x.......x...", 88, 48),
        -28.5,
        reverb=0.25,
    )
    mix.add(
        "rim",
        drums.rim(),
        hits("..g..x....g..x.g", 16, 64) + hits("..g..x....g..x.g", 88, 48),
        -35,
        pan=0.35,
        reverb=0.3,
        delay=0.15,
    )
    mix.add(
        "hat",
        drums.hat(0.025),
        hits("..xg.gxg..xg.gxo", 16, 64) + hits("g.xgggxgg.xgggxo", 88, 48),
        -33,
        pan=-0.2,
        reverb=0.05,
        loose=2,
    )
    mix.add(
        "open hat",
        drums.hat(0.14),
        hits("..x...x...x...x.", 48, 32) + hits("..x...x...x...x.", 88, 48),
        -34.5,
        pan=0.15,
        reverb=0.1,
    )
    mix.add(
        "shaker",
        drums.shaker(12),
        hits(bars("ogxgogxgogxgogxg", count=1), 88, 48),
        -36,
        pan=0.45,
        reverb=0.08,
    )
    mix.add("rise", drums.rise(), hits("x---------------" + "-" * 16, 80, 8), -30, reverb=0.25)
    mix.add(
        "crash",
        drums.crash(0.9),
        hits("o", 16, 1) + hits("o", 48, 1) + hits("X", 88, 1) + hits("o", 136, 1),
        -32,
        reverb=0.4,
    )
    low = bassline(line[12:20], "r:0.5 R:0.5 r:0.25 R:0.25 8g:0.5 r:0.5 R:0.5 5:0.5 R:0.5")
    low += bassline(line[22:], "r:0.5 R:0.5 r:0.25 R:0.25 8g:0.5 r:0.5 R:0.5 5:0.5 R:0.5")
    low += bassline(line[4:12], "R:3 Rg:1") + bassline(end, "R:4")
    mix.add(
        "bass",
        voices.synth_bass(180, 900, 0.12),
        low,
        -20.5,
        reverb=0.02,
        duck=0.4,
        gate=0.85,
        inserts=[warmth(2)],
    )
    blips = arpeggio(line, _FIGURE, 59, 78, 4, 0.25, 0.8, (0.85, 0.6, 0.7, 0.6), running=True)
    early = swell([n for n in blips if n.start < 48], 0.55, 0.95)
    late = swell([n for n in blips if 48 <= n.start < 88], 0.95, 0.7) + [
        n for n in blips if n.start >= 88
    ]
    mix.add(
        "figure",
        voices.synth_pluck(420, 2600, 0.1),
        early + late,
        -24,
        spread=0.3,
        reverb=0.25,
        delay=0.3,
        duck=0.35,
        loose=2,
        gate=0.8,
    )
    bells = [
        n
        for n in moved(blips, 0, 12, 0.7)
        if n.start >= 88 and round(n.start * 4) % 11 in (0, 4, 8)
    ]
    mix.add("bells", voices.celesta(), bells, -30, pan=0.35, reverb=0.45, delay=0.35)
    stabs = comp(line[12:20] + line[22:], "...x-..x|-...x-..|", 57, 76, 4, 0.5)
    mix.add(
        "stabs",
        voices.electric_piano(0.06, 1.4),
        stabs,
        -26.5,
        pan=-0.2,
        reverb=0.25,
        delay=0.2,
        duck=0.3,
        gate=0.6,
        inserts=[chorus(0.5, 2, 0.4)],
    )
    mix.add(
        "pad",
        voices.pad(1300, 0.5),
        comp(line + end, "x-------", 52, 72, 4),
        -26,
        reverb=0.35,
        duck=0.55,
        inserts=[eq("highpass", 170)],
    )
    song = melody(_LINE, 88)
    song = [n for n in song if n.start < 136] + melody("B5:6", 136, 6, 0.6)
    mix.add(
        "lead",
        voices.lead("triangle", 2600, 900, 0.03, 12, 0.25),
        song,
        -21.5,
        reverb=0.35,
        delay=0.3,
        loose=5,
    )
    short = melody(_LINE, 48)
    mix.add(
        "far choir",
        voices.choir("oo", 5, 0.3),
        [n for n in short if n.start < 80],
        -24,
        reverb=0.5,
        delay=0.2,
        duck=0.25,
    )
    return mix.master()
