"""Notes, chords, rhythm patterns and the clock: everything written down before it sounds.

All positions and lengths here are in beats; only :class:`Clock` knows seconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice, pairwise

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NOTE = re.compile(r"([A-G])(#|b|d)?(-?\d)")
_CHORD = re.compile(r"([A-G][#b]?)([^/]*)(?:/([A-G][#b]?))?")
_VELOCITY = {"X": 1.0, "x": 0.8, "o": 0.56, "g": 0.3}
_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "6": (0, 4, 7, 9),
    "69": (0, 4, 7, 9, 14),
    "7": (0, 4, 7, 10),
    "9": (0, 4, 7, 10, 14),
    "13": (0, 4, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "maj7": (0, 4, 7, 11),
    "maj9": (0, 4, 7, 11, 14),
    "m6": (0, 3, 7, 9),
    "m7": (0, 3, 7, 10),
    "m9": (0, 3, 7, 10, 14),
    "m11": (0, 3, 10, 14, 17),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "sus": (0, 5, 7),
    "sus2": (0, 2, 7),
    "7sus": (0, 5, 7, 10),
    "9sus": (0, 5, 10, 14),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "5": (0, 7),
}


@dataclass(frozen=True)
class Note:
    """One sounding event; ``pitch`` is a MIDI number and may be fractional."""

    start: float
    length: float
    pitch: float
    velocity: float


@dataclass(frozen=True)
class Chord:
    """A chord symbol resolved to a root pitch class, intervals and a bass pitch class."""

    root: int
    intervals: tuple[int, ...]
    bass: int


@dataclass(frozen=True)
class Change:
    """A chord in time."""

    start: float
    length: float
    chord: Chord


@dataclass(frozen=True)
class Clock:
    """Maps beats to seconds with swing and an optional closing ritardando.

    ``swing`` is the share of a pair of ``unit`` notes given to the first one (0.5 is
    straight, 0.667 a triplet). After beat ``slows_from`` each beat is ``slowing`` longer
    than the one before.
    """

    bpm: float
    swing: float = 0.5
    unit: float = 0.5
    slows_from: float = float("inf")
    slowing: float = 0.06

    def seconds(self, beat: float) -> float:
        """Seconds from the start of the piece."""
        pair = 2.0 * self.unit
        whole, part = divmod(beat, pair)
        share = part / pair
        if share < 0.5:
            warped = share * 2.0 * self.swing
        else:
            warped = self.swing + (share - 0.5) * 2.0 * (1.0 - self.swing)
        late = max(0.0, beat - self.slows_from)
        return ((whole + warped) * pair + 0.5 * self.slowing * late * late) * 60.0 / self.bpm


def pitch(name: str) -> float:
    """MIDI number of a name like ``C#4``; ``d`` lowers by a quarter tone (``Ed4``)."""
    match = _NOTE.fullmatch(name)
    if match is None:
        raise ValueError(f"not a note: {name}")
    step, sign, octave = match.groups()
    shift = {"#": 1.0, "b": -1.0, "d": -0.5, None: 0.0}[sign]
    return 12.0 * (int(octave) + 1) + _STEPS[step] + shift


def _pitch_class(name: str) -> int:
    return round(pitch(f"{name}4")) % 12


def chord(symbol: str) -> Chord:
    """Resolve a symbol like ``Bbmaj9`` or ``G/B``."""
    match = _CHORD.fullmatch(symbol)
    if match is None or match[2] not in _QUALITIES:
        raise ValueError(f"not a chord: {symbol}")
    root = _pitch_class(match[1])
    bass = _pitch_class(match[3]) if match[3] else root
    return Chord(root, _QUALITIES[match[2]], bass)


def changes(text: str, start: float = 0.0, meter: float = 4.0) -> list[Change]:
    """Chords of bars split by ``|``; several chords share a bar equally or as ``F9:2``."""
    found: list[Change] = []
    for number, bar in enumerate(text.split("|")):
        symbols = [item.partition(":") for item in bar.split()]
        at = start + number * meter
        for symbol, _, beats in symbols:
            length = float(beats) if beats else meter / len(symbols)
            found.append(Change(at, length, chord(symbol)))
            at += length
        if abs(at - start - (number + 1) * meter) > 1e-6:
            raise ValueError(f"bar {number + 1} of the changes has a wrong length: {bar}")
    return found


def _tones(sounding: Chord, count: int) -> list[int]:
    kept = list(sounding.intervals)
    for spare in (0, 7):
        if len(kept) > count and spare in kept:
            kept.remove(spare)
    return sorted({(sounding.root + step) % 12 for step in kept[:count]})


def voicings(line: Sequence[Change], low: int, high: int, count: int = 4) -> list[list[int]]:
    """Close-position voicings between two MIDI limits, each near the one before it."""
    centre = (low + high) / 2.0
    chosen: list[list[int]] = []
    for change in line:
        classes = _tones(change.chord, count)
        best: list[int] = []
        best_cost = float("inf")
        for lowest in range(low, high):
            if lowest % 12 not in classes:
                continue
            turn = classes.index(lowest % 12)
            notes = [lowest]
            for wanted in classes[turn + 1 :] + classes[:turn]:
                notes.append(notes[-1] + (wanted - notes[-1]) % 12)
            cost = abs(sum(notes) / len(notes) - centre) * 0.5
            cost += 20.0 * (notes[-1] > high)
            cost += 9.0 * sum(upper - lower < 2 for lower, upper in pairwise(notes))
            if chosen:
                cost += sum(min(abs(n - old) for old in chosen[-1]) for n in notes)
            if cost < best_cost:
                best, best_cost = notes, cost
        chosen.append(best)
    return chosen


def _strikes(pattern: str, step: float) -> list[tuple[float, float, float]]:
    cells = re.sub(r"[\s|]", "", pattern)
    found: list[tuple[float, float, float]] = []
    for index, cell in enumerate(cells):
        if cell in _VELOCITY:
            held = len(cells[index + 1 :]) - len(cells[index + 1 :].lstrip("-"))
            found.append((index * step, (1 + held) * step, _VELOCITY[cell]))
        elif cell not in ".-":
            raise ValueError(f"not a rhythm cell: {cell}")
    return found


def hits(pattern: str, start: float, beats: float, step: float = 0.25) -> list[Note]:
    """Repeat a rhythm (``X x o g`` loud to ghost, ``-`` held, ``.`` silent) for some beats."""
    span = len(re.sub(r"[\s|]", "", pattern)) * step
    strikes = _strikes(pattern, step)
    found: list[Note] = []
    for lap in range(int(beats / span) + 1):
        for offset, length, velocity in strikes:
            if lap * span + offset < beats - 1e-6:
                found.append(Note(start + lap * span + offset, length, 60.0, velocity))
    return found


def comp(
    line: Sequence[Change],
    pattern: str,
    low: int,
    high: int,
    count: int = 4,
    step: float = 0.5,
    strum: float = 0.0,
) -> list[Note]:
    """Strike voice-led chords in a rhythm; ``strum`` delays each higher string (beats)."""
    first, last = line[0].start, line[-1].start + line[-1].length
    found: list[Note] = []
    held = list(zip(line, voicings(line, low, high, count), strict=True))
    for number, strike in enumerate(hits(pattern, first, last - first, step)):
        sounding = [item for item in held if item[0].start <= strike.start + 1e-6]
        change, notes = sounding[-1]
        if strike.start > change.start + change.length - 1e-6:
            continue
        end = min(strike.start + strike.length, change.start + change.length)
        ordered = notes if number % 2 == 0 or strum == 0.0 else notes[::-1]
        for index, note in enumerate(ordered):
            late = index * strum
            found.append(
                Note(strike.start + late, end - strike.start - late, note, strike.velocity)
            )
    return found


def arpeggio(
    line: Sequence[Change],
    order: Sequence[int],
    low: int,
    high: int,
    count: int = 4,
    step: float = 0.5,
    gate: float = 1.0,
    velocities: Sequence[float] = (0.8, 0.6, 0.7, 0.6),
    running: bool = False,
) -> list[Note]:
    """Break chords into single notes; an index past the top continues an octave higher.

    A negative index rests. With ``running`` the order keeps turning across chord changes.
    """
    found: list[Note] = []
    turn = 0
    for change, notes in zip(line, voicings(line, low, high, count), strict=True):
        for index in range(round(change.length / step)):
            place = order[(turn if running else index) % len(order)]
            turn += 1
            if place < 0:
                continue
            octave, tone = divmod(place, len(notes))
            velocity = velocities[index % len(velocities)]
            held = min(step * gate, change.length - index * step)
            found.append(
                Note(change.start + index * step, held, notes[tone] + 12 * octave, velocity)
            )
    return found


def bassline(line: Sequence[Change], pattern: str, low: int = 28) -> list[Note]:
    """Bass from tokens of degree and beats, begun again on every chord.

    Degrees: ``R`` root (or slash bass), ``3 5 6 7`` (over a slash bass ``5`` is the root),
    ``8`` octave, ``L`` fifth below,
    ``a`` and ``A`` approach the next root from a semitone below or above, ``r`` rests.
    A ``g`` after the degree makes it a ghost note, ``!`` an accent.
    """
    tokens = re.findall(r"([R35678LaAr])([g!]?):([\d.]+)", pattern)
    found: list[Note] = []
    for index, change in enumerate(line):
        following = line[(index + 1) % len(line)].chord.bass
        root = low + (change.chord.bass - low) % 12
        ahead = low + (following - low) % 12
        steps = change.chord.intervals
        fifth = next((s for s in steps if s in (6, 7)), 7)
        turned = (change.chord.root - change.chord.bass) % 12
        degrees = {
            "R": root,
            "3": root + next((s for s in steps if s in (2, 3, 4, 5)), 12),
            "5": root + (fifth if change.chord.bass == change.chord.root else turned),
            "6": root + 9,
            "7": root + next((s for s in steps if s in (10, 11)), 12),
            "8": root + 12,
            "L": root - 5 if root - 5 >= low else root + 7,
            "a": ahead - 1 if ahead - 1 >= low else ahead + 11,
            "A": ahead + 1,
        }
        at = 0.0
        for degree, mark, beats in tokens:
            if at >= change.length - 1e-6:
                break
            length = min(float(beats), change.length - at)
            if degree != "r":
                velocity = {"g": 0.4, "!": 1.0, "": 0.8}[mark]
                found.append(Note(change.start + at, length, degrees[degree], velocity))
            at += float(beats)
    return found


def melody(text: str, start: float = 0.0, meter: float = 4.0, velocity: float = 0.78) -> list[Note]:
    """Parse bars of ``note:beats`` split by ``|``.

    ``r`` rests, ``C4+E4`` sounds together, ``!`` accents, ``?`` softens, ``^`` adds a grace
    note from a semitone below. Every bar must last ``meter`` beats.
    """
    found: list[Note] = []
    for number, bar in enumerate(text.split("|")):
        at = start + number * meter
        for token in bar.split():
            name, _, beats = token.partition(":")
            length = float(beats.rstrip("!?^"))
            level = velocity + (0.14 if "!" in beats else -0.2 if "?" in beats else 0.0)
            level += 0.05 if at == start + number * meter else 0.0
            if name != "r":
                grace = min(0.12, length / 4.0) if "^" in beats else 0.0
                for part in name.split("+"):
                    height = pitch(part)
                    if grace:
                        found.append(Note(at, grace, height - 1.0, level * 0.7))
                    found.append(Note(at + grace, length - grace, height, level))
            at += length
        if abs(at - start - (number + 1) * meter) > 1e-6:
            raise ValueError(f"bar {number + 1} of the melody has a wrong length: {bar}")
    return found


def moved(
    notes: Sequence[Note], beats: float = 0.0, semitones: float = 0.0, gain: float = 1.0
) -> list[Note]:
    """Copy notes later in time, transposed, or at another velocity."""
    return [
        replace(
            note,
            start=note.start + beats,
            pitch=note.pitch + semitones,
            velocity=min(1.0, note.velocity * gain),
        )
        for note in notes
    ]


def harmonised(notes: Sequence[Note], line: Sequence[Change], distance: int = -4) -> list[Note]:
    """Second voice on the chord tone nearest to a distance in semitones, a third at least."""
    found: list[Note] = []
    for note in notes:
        before = [change for change in line if change.start <= note.start + 1e-6]
        classes = {(before[-1].chord.root + step) % 12 for step in before[-1].chord.intervals}
        sign = 1 if distance > 0 else -1
        choices = [
            note.pitch + sign * gap
            for gap in range(3, 13)
            if (note.pitch + sign * gap) % 12 in classes
        ]
        found.append(
            replace(note, pitch=min(choices, key=lambda p: abs(p - note.pitch - distance)))
        )
    return found


def swell(notes: Sequence[Note], first: float, last: float) -> list[Note]:
    """Scale velocities along a line from one factor to another, for a build."""
    low = min(n.start for n in notes)
    span = max(1e-9, max(n.start for n in notes) - low)
    return [
        replace(
            n, velocity=min(1.0, n.velocity * (first + (last - first) * (n.start - low) / span))
        )
        for n in notes
    ]


def bars(*patterns: str, count: int) -> str:
    """Lay bar patterns end to end, cycling, for a number of bars."""
    return "".join(islice(cycle(patterns), count))
