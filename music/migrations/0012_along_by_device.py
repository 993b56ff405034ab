"""Whether a member listens along is told by their devices alone from now on.

A member who had left listened along no more, while their device's row still said so.
"""

from typing import Any

from django.db import migrations


def end_listening_of_who_has_gone(apps: Any, schema_editor: Any) -> None:
    devices = apps.get_model("music", "Device").objects.filter(along=True, member__along=False)
    devices.update(along=False)


class Migration(migrations.Migration):
    dependencies = [("music", "0011_track_folder"), ("rooms", "0004_clock_offset")]
    # Drops the column that this reads.
    run_before = [("rooms", "0005_part_revisions")]

    operations = [migrations.RunPython(end_listening_of_who_has_gone, migrations.RunPython.noop)]
