"""Turns written notes into balanced stereo parts and sums them with shared room and echo."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from .effects import compress, convolved, ducked, echo, equalise, room, saturate
from .loudness import integrated
from .score import Clock, Note
from .signal import RATE, Audio, Effect, Voice, decibels, hertz, samples, stereo


class Mix:
    """One piece being mixed.

    ``beats`` is the written length, ``tail`` the seconds left for the last sounds to die,
    ``space`` the reverb RT60 in seconds and ``delay`` the echo time in beats.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        beats: float,
        tail: float = 4.0,
        space: float = 1.8,
        delay: float = 0.75,
    ) -> None:
        self.clock = clock
        self.seed = zlib.crc32(name.encode())
        self.count = samples(clock.seconds(beats) + tail)
        self.tail = tail
        self.space = space
        self.delay = delay * 60.0 / clock.bpm
        self.pumps: list[float] = []
        self._dry = np.zeros((2, self.count))
        self._room = np.zeros((2, self.count))
        self._echo = np.zeros((2, self.count))

    def pump(self, notes: Sequence[Note]) -> None:
        """Use these notes (usually the kick) as the trigger for ducked parts."""
        self.pumps = sorted(
            {self.clock.seconds(note.start) for note in notes if note.velocity > 0.5}
        )

    def add(
        self,
        name: str,
        voice: Voice,
        notes: Sequence[Note],
        level: float,
        pan: float = 0.0,
        spread: float = 0.0,
        reverb: float = 0.15,
        delay: float = 0.0,
        duck: float = 0.0,
        loose: float = 4.0,
        touch: float = 0.06,
        gate: float = 1.0,
        inserts: Sequence[Effect] = (),
    ) -> None:
        """Play notes on a voice and mix the part at a loudness.

        ``level`` is in LUFS over the part's own sounding time, ``spread`` pans by pitch,
        ``reverb`` and ``delay`` are linear sends, ``loose`` is the timing jitter in
        milliseconds and ``touch`` the velocity jitter, ``gate`` shortens notes.
        """
        rng = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
        bus = np.zeros((2, self.count))
        middle = float(np.mean([note.pitch for note in notes]))
        for note in sorted(notes, key=lambda item: (item.start, item.pitch)):
            begin = self.clock.seconds(note.start)
            held = max(0.03, (self.clock.seconds(note.start + note.length) - begin) * gate)
            jitter = float(np.clip(rng.standard_normal(), -2.0, 2.0)) * loose / 1000.0
            velocity = float(
                np.clip(note.velocity * (1.0 + touch * rng.standard_normal()), 0.05, 1.0)
            )
            wave = voice(hertz(note.pitch), held, velocity, rng)
            place = float(np.clip(pan + spread * (note.pitch - middle) / 12.0, -0.9, 0.9))
            wave = stereo(wave, place)
            at = max(0, round((begin + jitter + 0.002) * RATE))
            size = min(wave.shape[1], self.count - at)
            if size > 0:
                bus[:, at : at + size] += wave[:, :size]
        for insert in inserts:
            bus = insert(bus)
        bus *= decibels(level - integrated(bus))
        bus = ducked(bus, self.pumps, duck)
        self._dry += bus
        self._room += reverb * bus
        self._echo += delay * bus

    def master(self, glue_db: float = -20.0, drive_db: float = -3.0, air_db: float = 0.0) -> Audio:
        """Sum everything; gentle bus compression, saturation and the closing fade."""
        repeats = echo(self._echo, self.delay)
        wet = convolved(self._room + 0.25 * repeats, room(self.space, self.seed))
        mixed = self._dry + wet + repeats
        mixed = equalise(mixed, "highpass", 28.0)
        mixed = equalise(mixed, "highshelf", 9000.0, 0.7, air_db)
        mixed *= decibels(-18.0 - integrated(mixed))
        mixed = compress(mixed, glue_db, 1.7, 0.025, 0.22)
        mixed = equalise(saturate(mixed, drive_db), "highpass", 22.0)
        fade = samples(min(self.tail * 0.7, 3.0))
        mixed[:, -fade:] *= (0.5 + 0.5 * np.cos(np.pi * np.arange(fade) / fade)) ** 1.5
        audible = np.flatnonzero(np.abs(mixed).max(axis=0) > decibels(-62.0))
        mixed = mixed[:, : int(audible[-1]) + samples(0.15)]
        end = min(samples(0.2), mixed.shape[1])
        mixed[:, -end:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, end + 1) / end)
        return mixed
