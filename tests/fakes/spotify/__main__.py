"""The fake by hand: `python -m tests.fakes.spotify --port 8901`."""

import argparse
import signal
import threading

from tests.fakes.spotify.fake import FakeSpotify
from tests.fakes.spotify.world import REDIRECT_URIS


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=8901)
    asked.add_argument(
        "--redirect", action="append", default=[], help="one more redirect URI that is registered"
    )
    asked.add_argument(
        "--short", type=float, metavar="SECONDS", help="let no track be longer than this"
    )
    given = asked.parse_args()
    with FakeSpotify(given.port, redirect_uris=[*REDIRECT_URIS, *given.redirect]) as spotify:
        if given.short:
            spotify.catalogue.shorten(given.short)
        print("In .env:\n")
        for name, value in spotify.environment().items():
            print(f"{name}={value}")
        print(f"\nSwitches, people and calls: {spotify.url}/\nPeople:")
        for person in spotify.people.values():
            print(f"  {person.id}: {', '.join(spotify.describe(person))}")
        print(flush=True)
        ended = threading.Event()
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, lambda *_: ended.set())
        ended.wait()


if __name__ == "__main__":
    main()
