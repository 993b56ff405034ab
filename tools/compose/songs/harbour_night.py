"""A night in the harbour: oud over a maqsum rhythm, hijaz on D with a turn to nahawand, 96 bpm."""

from __future__ import annotations

from .. import drums, voices
from ..effects import eq, warmth
from ..mixer import Mix
from ..score import Clock, Note, bars, bassline, changes, comp, hits, melody, moved
from ..signal import Audio

_HIJAZ = "D5 | D5 | Gm | D5 | Cm | Gm | Eb | D5"
_NAHAWAND = "Gm | Gm | Cm | D | Gm | Eb | Cm | D"
_TAKHT = (
    "D4:0.5 F#4:0.5 G4:0.5 A4:0.5 A4:1 Bb4:0.5 A4:0.5 |"
    " G4:0.5 A4:0.25 G4:0.25 F#4:0.5 Eb4:0.5 D4:2 |"
    "G4:0.5 A4:0.5 Bb4:0.5 C5:0.5 D5:1 C5:0.5 Bb4:0.5 |"
    " A4:0.5 Bb4:0.25 A4:0.25 G4:0.5 F#4:0.5 A4:2 |"
    "C5:0.75 Bb4:0.25 A4:0.5 G4:0.5 C5:1 Eb5:1 | D5:0.5 C5:0.25 Bb4:0.25 A4:0.5 Bb4:0.5 G4:2 |"
    "G4:0.5 Bb4:0.5 A4:0.5 G4:0.5 F#4:0.5 G4:0.25 F#4:0.25 Eb4:1 |"
    " D4:0.5 Eb4:0.25 F#4:0.25 Eb4:0.5 D4:0.5 D4:2"
)
_RESPONSE = (
    "G4:1 Bb4:1 D5:1.5 C5:0.5 | Bb4:1 A4:0.5 Bb4:0.5 G4:2 | C5:1 Eb5:1 D5:1 C5:1 |"
    " D5:1 F#4:1 A4:2 |"
    "D5:1 G5:1 F5:1 Eb5:0.5 D5:0.5 | Eb5:1.5 D5:0.5 C5:1 Bb4:1 |"
    " C5:0.5 D5:0.5 Eb5:1 C5:1 A4:1 | F#4:1 G4:0.5 A4:0.5 D4:2"
)


def _ornamented(notes: list[Note]) -> list[Note]:
    """Oud phrasing: long notes are restruck softly and end in a quick lower octave."""
    found: list[Note] = []
    for note in notes:
        if note.length >= 1.0:
            found.append(Note(note.start, 0.5, note.pitch, note.velocity))
            for index in range(1, int(note.length / 0.25) - 1):
                found.append(
                    Note(
                        note.start + 0.25 + index * 0.25,
                        0.25,
                        note.pitch,
                        note.velocity * (0.5 + 0.12 * (index % 2)),
                    )
                )
        else:
            found.append(note)
    return found


def play() -> Audio:
    """Free oud 2, rhythm 1, hijaz 8, nahawand 8, both together 4 and a last low D."""
    mix = Mix(
        "harbour-night", Clock(96, 0.52, 0.25, slows_from=88, slowing=0.03), 96, tail=4.5, space=1.9
    )
    line = changes(f"{_HIJAZ} | {_NAHAWAND} | Cm | Gm | Eb | D5", 12)
    end = changes("D5", 92)
    opening = melody(
        "D4:1 Eb4:0.5 F#4:0.5 G4:1 A4:1 | Bb4:0.5 A4:0.5 G4:0.5 F#4:0.5 Eb4:1 D4:1 |"
        " D3:1 A3:0.5 D4:0.5 r:2",
        0,
        velocity=0.7,
    )
    oud = voices.string(
        1.9,
        0.3,
        0.11,
        5000,
        0.12,
        2,
        ((115.0, 1.4, 4.0), (240.0, 1.4, 3.0), (480.0, 1.5, 2.0), (1400.0, 1.0, 1.5)),
    )
    close = [n for n in melody(_TAKHT, 60) if n.start >= 76]
    close += melody("D4:0.5 Eb4:0.25 F#4:0.25 G4:0.5 A4:0.5 D4+D3:2", 92)
    tune = _ornamented(melody(_TAKHT, 12)) + _ornamented(close)
    mix.add("oud", oud, opening + tune, -20, pan=-0.1, reverb=0.2, delay=0.08, loose=6, touch=0.09)
    under = moved(melody(_RESPONSE, 44), 0, -12, 0.8)
    mix.add("low oud", oud, _ornamented(under), -25, pan=-0.4, reverb=0.2, loose=9, touch=0.1)
    mix.add(
        "violins",
        voices.bowed(3000, 0.12, 5),
        melody(_RESPONSE, 44),
        -20.5,
        pan=0.15,
        reverb=0.35,
        loose=9,
    )
    shadow = [n for n in melody(_TAKHT, 12) if n.start >= 28] + close
    mix.add(
        "ney",
        voices.wind("flute", 0.16, 22, 0.09),
        moved(shadow, 0, 12, 0.8),
        -24.5,
        pan=0.35,
        reverb=0.5,
        delay=0.15,
        loose=14,
    )
    answers = melody(
        "r:4 | r:2 D5:0.5 C5:0.5 Bb4:0.5 A4:0.5 | r:4 |"
        " r:2 D5:0.5 Eb5:0.5 C5:0.5 A4:0.5 | r:4 | r:2 G4:0.5 A4:0.5 Bb4:0.5 C5:0.5 |"
        " r:4 | r:4",
        12,
    )
    mix.add(
        "qanun",
        voices.string(1.4, 0.12, 0.09, 8000, 0.2, 2, ((300.0, 1.0, 2.0), (2800.0, 0.8, 2.0))),
        answers + moved(answers, 0.25, 12, 0.5),
        -26,
        pan=0.5,
        reverb=0.3,
        delay=0.12,
    )
    low = bassline(line[:8], "R:0.75 R:0.75 r:0.5 R:1 5:0.5 Rg:0.5", 33) + bassline(
        line[8:], "R:1 Rg:0.5 5:0.5 R:1 5:0.5 a:0.5", 33
    )
    low += bassline(end, "R:4", 33)
    mix.add("bass", voices.upright(), low, -21, reverb=0.08, inserts=[warmth(-1)])
    drone = comp(changes("D5 | D5 | D5"), "o-------", 45, 58, 2)
    mix.add(
        "pad",
        voices.pad(800, 0.8),
        drone + comp(line + end, "o-------", 50, 67, 3),
        -28,
        reverb=0.4,
        inserts=[eq("highpass", 150)],
    )
    mix.add(
        "low strings",
        voices.bowed(1600, 0.3),
        comp(line[8:], "o-------", 48, 64, 3),
        -28,
        pan=-0.25,
        reverb=0.4,
    )
    span = 84.0
    mix.add(
        "dum",
        drums.darbuka_dum(),
        hits(bars("X.......X.......", "X.......X.....o.", count=2), 8, span) + hits("X", 92, 1),
        -23.5,
        reverb=0.12,
    )
    mix.add(
        "tek",
        drums.darbuka_tek(),
        hits(bars("..x...x.....x...", "..x.g.x...g.x.gg", count=2), 8, span),
        -28,
        pan=0.12,
        reverb=0.16,
    )
    mix.add(
        "ka",
        drums.darbuka_tek(360),
        hits(bars("...gg..g.g.g.gg.", "...g.g.gg..g..g.", count=2), 12, span - 4),
        -35,
        pan=-0.12,
        reverb=0.16,
    )
    mix.add("riq", drums.tambourine(), hits("x.ogo.xgo.ogx.og", 12, 80), -36, pan=0.4, reverb=0.15)
    mix.add("clap", drums.clap(), hits("......x.....x...", 44, 48), -35, pan=-0.3, reverb=0.35)
    mix.add(
        "frame drum",
        drums.hand_drum(72, 0.25, 0.05, 0.3),
        hits("X", 0, 1) + hits("x.......o.......", 44, 48),
        -26,
        pan=-0.2,
        reverb=0.25,
    )
    return mix.master()
