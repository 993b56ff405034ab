"""Incidents have a code and values; their sentence is put together where it is shown.

Rows of former versions have their English sentence alone. Those that are known get code and values
here, the others are shown as they are, and so is what a process of the last release still notes.
"""

import re

from django.db import migrations, models

_DEVICE = r"(?:(?P<who>.+)’s|A) (?P<device>.+)"
_TITLE = r"(?P<title>.+)"
_THEN = {"": "", "_waits": ", so the music waits", "_goes_on": ", and the music goes on"}
PATTERNS = {
    **{f"speaker_silent{end}": rf"{_DEVICE} is not heard of any more{then}\." for end, then in _THEN.items()},
    **{f"speaker_barred{end}": rf"{_DEVICE} may not play the sound any more{then}\." for end, then in _THEN.items()},
    "speaker_back": rf"{_DEVICE} plays the sound now\.",
    "lags_behind": rf"{_DEVICE} lags behind in {_TITLE}\.",
    "waits_for_tap": rf"{_DEVICE} is silent: its browser waits for a tap\.",
    "stalls": rf"{_TITLE} stalls\.",
    "plays_on": rf"{_TITLE} plays on\.",
    "paused_on_device": r"(?P<source>.+) was paused on its device, so the music waits\. Press play to go on\.",
    "slept": rf"{_DEVICE} was asleep, and is back\.",
    "suspended": rf"The browser of {_DEVICE} held the sound back for a moment\.",
    "would_not_play_next_started": rf"{_TITLE} would not play, so the next one started\.",
    "would_not_play_next_waits": rf"{_TITLE} would not play, so the next one waits\.",
    "would_not_play_nothing_waits": rf"{_TITLE} would not play, and nothing else waits\.",
    "three_failed": r"Three tracks in a row would not play, so the music waits\. Look after the device, then press play\.",
    "device_failed_three": rf"{_DEVICE} could not play three tracks, so the music waits\. They are back in the queue\. Check the device, then press play\.",
    "device_silent": rf"{_DEVICE} plays no sound, so the music waits\. Check it, then press play\.",
    "folder_away": r"The folder (?P<folder>.+) cannot be reached\.",
    "folder_back": r"The folder (?P<folder>.+) is back\.",
    "file_unreadable": rf"{_TITLE} cannot be read now\. It keeps its votes and waits\.",
    "files_unreadable": rf"{_TITLE} and (?P<n>\d+) more cannot be read now\. They keep their votes and wait\.",
    "station_silent": r"(?P<station>.+) does not answer\.",
    "spotify": r"Spotify is out for the moment\. The library still works\.",
    "spotify_operator": r"Spotify waits for the operator's Premium\. The library still works\.",
    "spotify_key": r"Spotify waits for the operator\. The library still works\.",
    "spotify_unsure": r"Spotify refuses just now\. It is asked again soon\.",
    "spotify_limited": r"Spotify limits us for a while\. What is known already stays\.",
    "spotify_limited_for": r"Spotify limits us for (?P<minutes>\d+) min\. What is known already stays\.",
    "spotify_not_connected": r"No Spotify account is connected to this room\. Its host can connect one\.",
    "spotify_reconnect": r"Spotify has logged the host out\. Connecting again takes one tap\.",
    "spotify_not_listed": r"This Spotify account is not in the user list of the app that runs here\. .+",
    "spotify_scope": r"Spotify has not been asked for that permission yet\. Connect again\.",
    "spotify_premium": r"Spotify plays only for Premium accounts\.",
    "spotify_no_device": r"The Spotify device is not there\. Choose another, or open Spotify on it\.",
    "spotify_browser_cannot_play": r"The host's browser cannot play Spotify\. Choose another device, or another browser\.",
    "spotify_elsewhere": r"This Spotify account plays elsewhere\. Choose a device to go on\.",
    "spotify_in_use": r"Spotify plays in another room\. Choose again to move it here\.",
    "spotify_restricted": r"The Spotify device does not allow that now\.",
    "spotify_refuses_all": r"Spotify refuses track after track on that device\. Choose another one\.",
    "source_back": r"(?P<source>.+) is back\.",
}
COMPILED = {code: re.compile(pattern, re.DOTALL) for code, pattern in PATTERNS.items()}
WAITING = re.compile(r" (\d+) tracks? keeps? (?:its|their) votes and waits?\.\Z")
NUMBERS = {"n", "minutes"}
ROWS_AT_ONCE = 1_000


def code_and_values(says, cause=""):
    """What a sentence of a former version says, or ("", {}) for one that is not known."""
    waiting = WAITING.search(says)
    bare = says[: waiting.start()] if waiting else says
    for code, pattern in COMPILED.items():
        if found := pattern.fullmatch(bare):
            named = {name: text for name, text in found.groupdict().items() if text is not None}
            values = {name: int(text) if name in NUMBERS else text for name, text in named.items()}
            if code == "source_back" and cause == "station_away":
                code, values = "station_back", {"station": values["source"]}
            return code, values | ({"waiting": int(waiting[1])} if waiting else {})
    return "", {}


def fill_codes(apps, schema_editor):
    """Give the rows that are there their code and values."""
    incidents = apps.get_model("music", "Incident").objects
    last = 0
    while rows := list(incidents.filter(pk__gt=last, code="").order_by("pk")[:ROWS_AT_ONCE]):
        for row in rows:
            row.code, row.values = code_and_values(row.says, row.cause)
        incidents.bulk_update(rows, ["code", "values"], batch_size=200)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("music", "0017_playlist_shelf"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="code",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="incident",
            name="values",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.RunPython(fill_codes, migrations.RunPython.noop),
    ]
