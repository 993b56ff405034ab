"""Why a file cannot be played is a code; it was an English sentence.

What is not known here stays as it is, until the file changes and is read again.
"""

import re

from django.db import migrations

PATTERNS = {
    "no_sound": r"There is no sound in it\.",
    "damaged": r"It is damaged, or not the format its name says\.",
    "empty": r"The file is empty\.",
    "protected": r"It is copy-protected\.",
    "apple_lossless": r"It is Apple Lossless, which most browsers cannot play\.",
    "m4a_encoding": r"It is M4A with an unusual encoding, which browsers cannot play\.",
    "mpeg_layer": r"It is MPEG of layer I or II, which browsers cannot play\.",
    "wav_64_bit": r"It is WAV with 64-bit numbers, which browsers cannot play\.",
    "wav_encoding": r"It is WAV with an unusual encoding, which browsers cannot play\.",
    "wav_of": r"It is WAV with (.+), which browsers cannot play\.",
    "longer_than_a_day": r"It is longer than a day\.",
    "too_much_memory": r"Its tags take more than 256 MB of memory\.",
    "too_much_time": r"It takes too much work to read: its tags are too many\.",
    "reading_fails": r"Reading it fails: a part of it is damaged\.",
    "reading_ended": r"The system ended the reading of it; memory may be short\.",
    "disk_failed": r"The disk stopped giving it while it was read\.",
    "disk_too_slow": r"The disk takes more than 60 s to give it\.",
    "disk_refused": r"The disk refused to give it: (.+)\.",
    "no_permission": r"The server has no permission to read it\.",
    "not_there": r"It is not there\.",
    "no_folder": r"It is not a folder\.",
    "link_nowhere": r"The link leads nowhere\.",
    "link_outside": r"The link leads out of the music folder\.",
}
ROWS_AT_ONCE = 1_000


def code_of(error):
    """The code for a sentence of a former version, and its value; the sentence if none fits."""
    for code, pattern in PATTERNS.items():
        if found := re.fullmatch(pattern, error):
            return ": ".join([code, *found.groups()])
    return error


def fill_codes(apps, schema_editor):
    """Give the files that cannot be played their codes."""
    files = apps.get_model("music", "LibraryFile").objects
    last = 0
    while rows := list(files.filter(pk__gt=last).exclude(error="").order_by("pk")[:ROWS_AT_ONCE]):
        for row in rows:
            row.error = code_of(row.error)
        files.bulk_update(rows, ["error"], batch_size=200)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("music", "0019_playlist_shelf_code"),
    ]

    operations = [
        migrations.RunPython(fill_codes, migrations.RunPython.noop),
    ]
