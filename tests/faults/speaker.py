"""A device that makes a room's sound: `python -m tests.faults.speaker URL CODE COOKIE`.

It claims the sound and reports over HTTP, as a browser does, and writes the moment (ms UTC) of
each report that was answered. It goes on through all trouble until it is killed.
"""

import sys
import time

import requests

REPORT_EVERY_S = 1.5
DEVICE = {"device": "device-to-be-killed"}


def main() -> None:
    url, code, cookie = sys.argv[1:]
    line = requests.Session()
    line.headers.update({"Cookie": f"{cookie}; csrftoken={'c' * 32}", "X-CSRFToken": "c" * 32})
    path = f"{url}/api/rooms/{code}"
    claim = {**DEVICE, "action": "claim", "name": "Laptop", "takeover": True}
    line.put(f"{path}/playback/speaker", json=claim, timeout=5).raise_for_status()
    playback = line.get(path, timeout=5).json()["playback"]
    while True:
        playing = {**DEVICE, "play_id": playback["play_id"], "state": "playing"}
        position_ms = max(0, round(time.time() * 1000) - playback["starts_at_ms"])
        try:
            body = {**playing, "position_ms": position_ms}
            line.post(f"{path}/playback/report", json=body, timeout=5).raise_for_status()
            print(round(time.time() * 1000), flush=True)
        except requests.RequestException:
            pass
        time.sleep(REPORT_EVERY_S)


if __name__ == "__main__":
    main()
