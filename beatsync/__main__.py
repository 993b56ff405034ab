"""Serve BeatSync: `python -m beatsync -b 127.0.0.1 -p 8000`. Options are those of daphne."""

from beatsync.server import CommandLine

if __name__ == "__main__":
    CommandLine.entrypoint()
