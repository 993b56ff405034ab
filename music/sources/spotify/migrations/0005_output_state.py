"""What a device was told: a state and a moment of the playback, instead of both in one text."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STATES = {"": "new", "silence": "silent", "again": "again"}


def read_told(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """"7.3" was the third cue of the seventh play. What cannot be read is told once more."""
    outputs = apps.get_model("spotify", "Output").objects.using(editor.connection.alias)
    for output in outputs.all():
        play_id, _, cue = output.told.partition(".")
        output.state = STATES.get(output.told, "again")
        if play_id.isdecimal() and cue.isdecimal():
            output.state, output.play_id, output.cue = "playing", int(play_id), int(cue)
        output.save(update_fields=["state", "play_id", "cue"])


def write_told(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """The text again, for the version before."""
    outputs = apps.get_model("spotify", "Output").objects.using(editor.connection.alias)
    texts = {state: told for told, state in STATES.items()}
    for output in outputs.all():
        output.told = texts.get(output.state, f"{output.play_id}.{output.cue}")
        output.save(update_fields=["told"])


class Migration(migrations.Migration):
    dependencies = [("spotify", "0004_device_returns")]

    operations = [
        migrations.AddField(
            model_name="output",
            name="state",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("playing", "Playing"),
                    ("again", "Again"),
                    ("silent", "Silent"),
                ],
                db_default="new",
                default="new",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="output",
            name="play_id",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="output",
            name="cue",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.RunPython(read_told, write_told),
    ]
