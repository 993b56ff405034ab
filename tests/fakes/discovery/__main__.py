"""The fakes by hand: `python -m tests.fakes.discovery --port 8902`.

What is odd or wrong is switched by lines on the standard input, such as `lastfm error 29` or
`labs status 503`; `show` lists the switches, `calls` what was asked.
"""

import argparse
import sys
from dataclasses import asdict

from tests.fakes.discovery.fake import FakeDiscovery
from tests.fakes.discovery.knowledge import Knowledge
from tests.fakes.discovery.switches import LabsSwitches, LastfmSwitches


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=8902)
    with FakeDiscovery(asked.parse_args().port, knowledge=Knowledge.of_the_house()) as fakes:
        print("In .env:\n")
        for name, value in fakes.environment().items():
            print(f"{name}={value}")
        print("\nSwitches: lastfm NAME VALUE, labs NAME VALUE, show, calls", flush=True)
        for line in sys.stdin:
            print(_switched(fakes, line.split()), flush=True)
        fakes.ending.wait()


def _switched(fakes: FakeDiscovery, words: list[str]) -> str:
    switches: dict[str, LastfmSwitches | LabsSwitches] = {
        "lastfm": fakes.lastfm,
        "labs": fakes.labs,
    }
    match words:
        case ["show"]:
            return str({name: asdict(each) for name, each in switches.items()})
        case ["calls"]:
            return "\n".join(f"{call.path} {call.query} → {call.status}" for call in fakes.calls)
        case [("lastfm" | "labs") as which, name, value] if hasattr(switches[which], name):
            before = getattr(switches[which], name)
            kind = type(before)
            meant = value == "true" if kind is bool else value if before is None else kind(value)
            setattr(switches[which], name, meant)
            return f"{which} {name} = {meant}"
    return "That is no switch. `show` lists them."


if __name__ == "__main__":
    main()
