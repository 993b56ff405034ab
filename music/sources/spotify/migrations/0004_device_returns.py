"""What it takes to find a device again and to judge it; and an account sounds in one room only."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_one_output_of_each_account(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """The device of the youngest room stays; the others can be chosen again."""
    outputs = apps.get_model("spotify", "Output").objects.using(editor.connection.alias)
    seen: set[int] = set()
    for pk, account_id in outputs.order_by("-pk").values_list("pk", "account_id"):
        if account_id in seen:
            outputs.filter(pk=pk).update(leaving=True)
        seen.add(account_id)


class Migration(migrations.Migration):
    dependencies = [("spotify", "0003_suspicions")]

    operations = [
        migrations.AddField(
            model_name="output",
            name="device_type",
            field=models.CharField(blank=True, help_text="as Spotify names it", max_length=40),
        ),
        migrations.AddField(
            model_name="output",
            name="search_at_ms",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="output",
            name="searches",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="output",
            name="refused_uri",
            field=models.CharField(
                blank=True, help_text="the track that would not play there last", max_length=200
            ),
        ),
        migrations.AddField(
            model_name="output",
            name="refusals",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="tracks in a row that would not play there"
            ),
        ),
        migrations.RunPython(keep_one_output_of_each_account, migrations.RunPython.noop),
    ]
