"""What two devices really sound: two browsers on the two sides of one sound card, recorded.

Nothing that a page says of itself is believed here. PulseAudio gives a card that exists only in
memory; one browser sounds on its left, one on its right. The recording is of both at once, so how
far one is behind the other can be read from it to a fraction of a millisecond, by correlation.

    python -m bench.sound [--minutes 1]
"""

import argparse
import cmath
import math
import os
import random
import shutil
import struct
import subprocess
import time
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from bench.machine import come_first, described
from bench.report import aim, percentile, table
from tests import chromium
from tests.browser.people import Person
from tests.servers import serving

RATE = 48_000
# Correlated at an eighth of it: 0.17 ms apart, and quick without a library.
THINNED = 8
WINDOW_S = 5.0
MOST_LAG_MS = 400
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
        left, right = record(Path(folder), chosen.minutes)
    print(report(left, right))


def record(folder: Path, minutes: float) -> tuple[list[float], list[float]]:
    """The speaker on the left, a listener along on the right, for so long."""
    music = folder / "Music"
    music.mkdir()
    for number in range(TRACKS):
        noise(music / f"Noise {number}.wav", seed=number)
    (folder / "data").mkdir()
    with (
        sound_card(folder) as card,
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
        host, guest = people
        code = host.api("POST", "", {"name": "Bench"})["code"]
        for track in host.api("GET", f"/{code}/search?q=Noise")["items"]:
            host.api("POST", f"/{code}/queue", {"uri": track["uri"]})
        for person, joined in zip((host, guest), JOINED, strict=True):
            person.enter(code)
            person.page.evaluate(
                "async () => { const room = await import(document.querySelector("
                f"'script[src*=\"js/room\"]').src); room.{joined}(); }}"
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
            host.page.wait_for_timeout(minutes * 60_000)
            recorder.terminate()
            recorder.wait()
        for person in people:
            person.context.browser.close()
    samples = array("h")
    whole = heard.read_bytes()
    samples.frombytes(whole[: len(whole) // 4 * 4])
    return thinned(samples[0::2]), thinned(samples[1::2])


@contextmanager
def sound_card(folder: Path) -> Iterator[dict[str, str]]:
    """A PulseAudio of our own with a card of two sides; the environment that reaches it."""
    runtime = folder / "pulse"
    runtime.mkdir(mode=0o700)
    socket = runtime / "socket"
    modules = (
        f"module-native-protocol-unix auth-anonymous=1 socket={socket}",
        f"module-null-sink sink_name=card channels=2 rate={RATE}",
        "module-remap-sink sink_name=left master=card channels=1 "
        "channel_map=mono master_channel_map=front-left remix=no",
        "module-remap-sink sink_name=right master=card channels=1 "
        "channel_map=mono master_channel_map=front-right remix=no",
    )
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(runtime),
        "PULSE_RUNTIME_PATH": str(runtime),
        "PULSE_SERVER": f"unix:{socket}",
    }
    command = ["pulseaudio", "-n", "--exit-idle-time=-1", "--daemonize=no", "--use-pid-file=no"]
    command += [part for module in modules for part in ("-L", module)]
    running = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 20
        while subprocess.run(["pactl", "info"], env=environment, capture_output=True).returncode:
            if time.monotonic() > deadline or running.poll() is not None:
                raise RuntimeError("PulseAudio did not start")
            time.sleep(0.1)
        yield environment
    finally:
        running.terminate()
        running.wait()


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


def report(left: list[float], right: list[float]) -> str:
    size = int(WINDOW_S * RATE / THINNED)
    lags = [
        lag_ms(left[at : at + size], right[at : at + size])
        for at in range(0, min(len(left), len(right)) - size + 1, size)
    ]
    heard = [abs(lag) for lag in lags if lag is not None]
    rows = [
        (f"{number * WINDOW_S:.0f}", "silent" if lag is None else f"{lag:+.1f}")
        for number, lag in enumerate(lags)
    ]
    summary = (
        f"\n{len(heard)} of {len(lags)} windows with sound: p50 {percentile(heard, 50):.1f} ms, "
        f"p95 {percentile(heard, 95):.1f} ms, max {percentile(heard, 100):.1f} ms; "
        + aim(bool(heard) and max(heard) <= 25, "all within 25 ms")
    )
    return table("The listener behind the speaker, as recorded", ("from s", "ms"), rows) + summary


if __name__ == "__main__":
    main()
