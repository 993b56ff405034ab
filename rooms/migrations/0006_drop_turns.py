from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rooms", "0005_part_revisions")]

    operations = [
        migrations.RemoveField(model_name="member", name="plays"),
        migrations.RemoveField(model_name="member", name="played_at_ms"),
        migrations.RemoveField(model_name="member", name="finish_ms"),
    ]
