"""Serve BeatSync: `python -m beatsync`, where HOST and PORT say, or with options of daphne's."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")

from django.conf import settings

from beatsync.server import CommandLine

if __name__ == "__main__":
    CommandLine().run(sys.argv[1:] or ["-b", settings.HOST, "-p", str(settings.PORT)])
