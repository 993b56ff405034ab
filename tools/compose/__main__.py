"""Command line: ``python -m tools.compose [slug ...]`` rebuilds the house library."""

from __future__ import annotations

import argparse
from pathlib import Path

from .catalogue import TRACKS, YEAR
from .covers import cover
from .loudness import integrated, levelled, true_peak
from .release import publish
from .signal import RATE

LOUDNESS = -16.0
"""Integrated loudness of every track, in LUFS."""

CEILING = -2.0
"""True peak before encoding in dBTP; lossy coding may raise it by some tenths."""


def main() -> None:
    """Render, master, tag and measure each track."""
    parser = argparse.ArgumentParser(prog="python -m tools.compose", description=__doc__)
    parser.add_argument("slug", nargs="*", help="only tracks whose file name contains this")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "music" / "house")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    print(f"{'file':28} {'seconds':>7} {'bpm':>4} {'LUFS':>7} {'dBTP':>6} {'KB':>6}")
    for track in TRACKS:
        if options.slug and not any(part in track.slug for part in options.slug):
            continue
        audio = levelled(track.play(), LOUDNESS, CEILING)
        path = options.out / f"{track.slug}.mp3"
        publish(track, audio, cover(track.slug), path, YEAR)
        print(
            f"{track.slug:28} {audio.shape[1] / RATE:7.1f} {track.bpm:4d} {integrated(audio):7.2f}"
            f" {true_peak(audio):6.2f} {path.stat().st_size / 1000:6.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
