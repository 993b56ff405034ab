"""What two devices really sound: two browsers on the two sides of one sound card, recorded.

Nothing that a page says of itself is believed here, only told beside: where the recording says
something else, the browser's own times of its sound card are wrong. PulseAudio gives a card that
exists only in memory; one browser sounds on its left, one on its right. The recording is of both at
once, so how far one is behind the other can be read from it to a fraction of a millisecond, by
correlation.

    python -m bench.sound [--minutes 1]
"""

import argparse
import cmath
import math
import random
import shutil
import struct
import subprocess
import time
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from bench.machine import come_first, described
from bench.report import aim, percentile, table
from tests import chromium
from tests.browser.people import SAMPLE, Person
from tests.servers import serving
from tests.sound_card import RATE, virtual_sound_card

# Correlated at an eighth of it: 0.17 ms apart, and quick without a library.
THINNED = 8
WINDOW_S = 5.0
MOST_LAG_MS = 400
MOST_APART_MS = 5
ASK_EVERY_S = 0.5
TRACK_S = 40
TRACKS = 12
# A browser that starts and a track that begins take some time; nothing is recorded before.
SETTLES_MS = 4_000
JOINED = ("speaker.unlock(); await room.speaker.claim", "along.on")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1)
    chosen, _ = parser.parse_known_args()
    print(described() + ("" if come_first() else ", without priority for the sound"))
    if not all(shutil.which(name) for name in ("pulseaudio", "parec", "pactl")):
        print("\nPulseAudio is not installed (apt-get install pulseaudio pulseaudio-utils): "
              "nothing was recorded.")  # fmt: skip
        return
    with TemporaryDirectory(prefix="beatsync-sound-") as folder:
        recorded = record(Path(folder), chosen.minutes)
    print(report(recorded))


@dataclass
class Recorded:
    """Both sides, and by how many ms the pages say that the right one is behind."""

    left: list[float]
    right: list[float]
    said: list[float]
    gaps: list[int]


def record(folder: Path, minutes: float) -> Recorded:
    """The speaker on the left, a listener along on the right, for so long."""
    music = folder / "Music"
    music.mkdir()
    for number in range(TRACKS):
        noise(music / f"Noise {number}.wav", seed=number)
    (folder / "data").mkdir()
    with (
        virtual_sound_card(folder) as card,
        serving(folder / "data", MUSIC_DIRS=str(music)) as server,
        sync_playwright() as playwright,
    ):
        people = []
        for side in ("left", "right"):
            # Chromium plays to where its environment says.
            browser = chromium.launch(
                playwright,
                "--autoplay-policy=no-user-gesture-required",
                environment={**card, "PULSE_SINK": side},
            )
            people.append(Person(browser, server))
        come_first()
        host, guest = people
        code = host.api("POST", "", {"name": "Bench"})["code"]
        for track in host.api("GET", f"/{code}/search?q=Noise")["items"]:
            host.api("POST", f"/{code}/queue", {"uri": track["uri"]})
        for person, joined in zip((host, guest), JOINED, strict=True):
            person.enter(code)
            person.page.evaluate(
                "async () => { const room = await import(document.querySelector("
                f"'script[type=module]').src); room.{joined}(); }}"
            )
            person.hears()
        host.page.wait_for_timeout(SETTLES_MS)
        heard = folder / "heard.raw"
        with heard.open("wb") as file:
            recorder = subprocess.Popen(
                ["parec", "--device=card.monitor", "--format=s16le", f"--rate={RATE}",
                 "--channels=2"],
                stdout=file, env=card,
            )  # fmt: skip
            said, gaps = ask(host, guest, minutes)
            recorder.terminate()
            recorder.wait()
        for person in people:
            person.context.browser.close()
    samples = array("h")
    whole = heard.read_bytes()
    samples.frombytes(whole[: len(whole) // 4 * 4])
    return Recorded(thinned(samples[0::2]), thinned(samples[1::2]), said, gaps)


def ask(host: Person, guest: Person, minutes: float) -> tuple[list[float], list[int]]:
    """What the pages say while the sound is recorded: the guest's delay, and the gaps of both."""
    said, gaps = [], []
    ends_at = time.monotonic() + minutes * 60
    while time.monotonic() < ends_at:
        here, there = (one.page.evaluate(f"async () => {SAMPLE}") for one in (host, guest))
        behind = (here["position_ms"] - here["at_ms"]) - (there["position_ms"] - there["at_ms"])
        said.append(behind if here["playId"] == there["playId"] else math.nan)
        gaps.append(here["jumps"] + there["jumps"])
        host.page.wait_for_timeout(ASK_EVERY_S * 1000)
    return said, gaps


def noise(path: Path, *, seed: int) -> None:
    """A track that resembles itself at no other place."""
    drawn = random.Random(seed)
    frames = b"".join(
        struct.pack("<h", drawn.randrange(-9000, 9000)) * 6 for _ in range(RATE * TRACK_S // 6)
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)


def thinned(samples: "array[int]") -> list[float]:
    """Each the mean of a few."""
    whole = len(samples) // THINNED * THINNED
    return [sum(samples[at : at + THINNED]) / THINNED for at in range(0, whole, THINNED)]


def lag_ms(left: list[float], right: list[float]) -> float | None:
    """How far the right side is behind the left; None where one of them is silent."""
    quiet = 50.0
    if min(loudness(left), loudness(right)) < quiet:
        return None
    size = 1 << math.ceil(math.log2(2 * len(left)))
    one = spectrum([*map(complex, left), *[0j] * (size - len(left))])
    other = spectrum([*map(complex, right), *[0j] * (size - len(right))])
    # By phases alone: one sharp peak, whatever was played.
    crossed = [
        product / (abs(product) or 1.0)
        for product in (b * a.conjugate() for a, b in zip(one, other, strict=True))
    ]
    # The inverse of a spectrum is the spectrum of its conjugate, turned back.
    likeness = [value.real for value in spectrum([value.conjugate() for value in crossed])]
    reach = int(MOST_LAG_MS * RATE / THINNED / 1000)
    best = max(range(-reach, reach + 1), key=lambda shift: likeness[shift % size])
    return best * THINNED * 1000 / RATE


def loudness(samples: list[float]) -> float:
    return math.sqrt(sum(sample * sample for sample in samples) / max(1, len(samples)))


def spectrum(samples: list[complex]) -> list[complex]:
    """A fast Fourier transform, for lengths that are powers of two."""
    size = len(samples)
    if size == 1:
        return samples
    even, odd = spectrum(samples[0::2]), spectrum(samples[1::2])
    turned = [cmath.rect(1.0, -2 * math.pi * at / size) * value for at, value in enumerate(odd)]
    return [a + b for a, b in zip(even, turned, strict=True)] + [
        a - b for a, b in zip(even, turned, strict=True)
    ]


def report(recorded: Recorded) -> str:
    size = int(WINDOW_S * RATE / THINNED)
    left, right = recorded.left, recorded.right
    lags = [
        lag_ms(left[at : at + size], right[at : at + size])
        for at in range(0, min(len(left), len(right)) - size + 1, size)
    ]
    heard = [abs(lag) for lag in lags if lag is not None]
    asked = len(recorded.said) / max(1, len(lags))
    rows = []
    for number, lag in enumerate(lags):
        one, other = round(number * asked), max(round((number + 1) * asked), 1) - 1
        said = median(recorded.said[one : other + 1])
        gaps = recorded.gaps[other] - recorded.gaps[one]
        as_heard = "silent" if lag is None else f"{lag:+.1f}"
        rows.append((f"{number * WINDOW_S:.0f}", as_heard, f"{said:+.1f}", gaps))
    summary = (
        f"\n{len(heard)} of {len(lags)} windows with sound: p50 {percentile(heard, 50):.1f} ms, "
        f"p95 {percentile(heard, 95):.1f} ms, max {percentile(heard, 100):.1f} ms; "
        + aim(bool(heard) and max(heard) <= MOST_APART_MS, f"all within {MOST_APART_MS} ms")
    )
    head = ("from s", "as recorded, ms", "as the pages say, ms", "gaps")
    return table("The listener behind the speaker", head, rows) + summary


if __name__ == "__main__":
    main()
