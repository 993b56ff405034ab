"""Run the fake by hand: `python -m tests.fakes.radio [port]` lists its stations."""

import sys
import time

from tests.fakes.radio import FakeRadio

with FakeRadio(int(sys.argv[1]) if len(sys.argv) > 1 else 8765) as radio:
    print("Set RADIO_NETWORKS=127.0.0.0/8, and add one of these as a host:", flush=True)
    for path in radio.paths:
        print(f"  {radio.url(path)}", flush=True)
    while True:
        time.sleep(3600)
