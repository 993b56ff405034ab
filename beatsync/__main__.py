"""Serve BeatSync: `python -m beatsync`, where HOST and PORT say, or with options of daphne's."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")

from django.conf import settings

from beatsync.environment import WrongSettings

if __name__ == "__main__":
    try:
        # Here, for what serves marks its words for translation, which asks the settings.
        from beatsync.server import CommandLine

        CommandLine().run(sys.argv[1:] or ["-b", settings.HOST, "-p", str(settings.PORT)])
    except WrongSettings as wrong:
        sys.exit(str(wrong))
