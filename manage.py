#!/usr/bin/env python
"""Django's command line for BeatSync."""

import os
import sys

from beatsync.environment import WrongSettings

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except WrongSettings as wrong:
        sys.exit(str(wrong))
