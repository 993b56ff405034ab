"""What a scan of the library takes: many ordinary files, and files made to take all there is.

`python -m bench.library --code FOLDER` measures another copy of the project, as before a change.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import report
from bench.machine import described
from tests import audio, odd_audio

FILES = 5_000
PROJECT = Path(__file__).resolve().parents[1]


def main(code: Path = PROJECT) -> None:
    print(described())
    rows = [
        _measured(code, f"{FILES:,} files of half a minute, with a cover", _ordinary),
        _measured(code, "a picture of 1.5 GB in 1.6 MB", _bomb),
        _measured(code, "200,000 texts in one tag", _flood),
    ]
    head = ["a scan of", "s", "again, s", "largest process, MB"]
    print(report.table("The library, scanned by a command with nothing beside it", head, rows))


def _ordinary(folder: Path) -> None:
    made = audio.make(folder / "0.mp3", seconds=30, title="A", artists=("B",), picture=audio.png())
    for number in range(1, FILES):
        (folder / f"{number}.mp3").write_bytes(made.read_bytes())


def _bomb(folder: Path) -> None:
    (folder / "bomb.mp3").write_bytes(odd_audio.picture_bomb(megabytes=1500))


def _flood(folder: Path) -> None:
    (folder / "flood.mp3").write_bytes(odd_audio.tag_flood(frames=200_000))


def _measured(code: Path, what: str, fill: Callable[[Path], None]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="beatsync-bench-") as folder:
        music, data = Path(folder, "music"), Path(folder, "data")
        music.mkdir()
        data.mkdir()
        fill(music)
        environment = {**os.environ, "DATA_DIR": str(data), "MUSIC_DIRS": str(music)}
        environment |= {"SECRET_KEY": "of-a-bench", "DATABASE_URL": "", "REDIS_URL": ""}
        _run(code, environment, "migrate", "--verbosity", "0")
        first_s, memory_mb = _run(code, environment, "scan_library", "--quiet")
        again_s, _ = _run(code, environment, "scan_library", "--quiet")
    return [what, f"{first_s:.1f}", f"{again_s:.1f}", f"{memory_mb:.0f}"]


def _run(code: Path, environment: dict[str, str], *command: str) -> tuple[float, float]:
    """Seconds, and the memory of the largest process in MB, of a command of a project."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=code,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed in {code}.")
    return time.monotonic() - began, used.ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--code", type=Path, default=PROJECT)
    main(parser.parse_args().code)
