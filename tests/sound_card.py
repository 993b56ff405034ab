"""A sound card that exists only in memory, from a PulseAudio of our own."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RATE = 48_000
# Far more than its start takes.
START_S = 20


@contextmanager
def virtual_sound_card(folder: Path) -> Iterator[dict[str, str]]:
    """A card named `card`, and its two sides, `left` and `right`, as cards of their own.

    Yields the environment of a process that sounds there, on the sink that `PULSE_SINK` names.
    What it needs lies in `folder`. Raises RuntimeError where PulseAudio does not start, and
    FileNotFoundError where it is not installed.
    """
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
        "PULSE_SINK": "card",
    }
    command = ["pulseaudio", "-n", "--exit-idle-time=-1", "--daemonize=no", "--use-pid-file=no"]
    command += [part for module in modules for part in ("-L", module)]
    running = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + START_S
        while subprocess.run(["pactl", "info"], env=environment, capture_output=True).returncode:
            if time.monotonic() > deadline or running.poll() is not None:
                raise RuntimeError("PulseAudio did not start")
            time.sleep(0.1)
        yield environment
    finally:
        running.terminate()
        running.wait()
