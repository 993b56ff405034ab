"""Music keeps the turns of members itself; those that members have had are copied.

One statement copies them, so 100,000 members take about a second. A member without a turn gets no
row. The way back copies them into the columns of `rooms_member` again.
"""

import django.db.models.deletion
from django.db import migrations, models

COPY_TURNS = """
    INSERT INTO music_turns (member_id, plays, played_at_ms, finish_ms)
    SELECT id, plays, played_at_ms, finish_ms FROM rooms_member
    WHERE plays > 0 OR played_at_ms IS NOT NULL OR finish_ms IS NOT NULL
"""
COPY_TURNS_BACK = """
    UPDATE rooms_member SET (plays, played_at_ms, finish_ms) = (
        SELECT turns.plays, turns.played_at_ms, turns.finish_ms FROM music_turns AS turns
        WHERE turns.member_id = rooms_member.id
    ) WHERE id IN (SELECT member_id FROM music_turns)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("music", "0012_along_by_device"),
        ("rooms", "0005_part_revisions"),
    ]
    # Drops the columns that this reads.
    run_before = [("rooms", "0006_drop_turns")]

    operations = [
        migrations.CreateModel(
            name="Turns",
            fields=[
                ("member", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="turns", serialize=False, to="rooms.member")),
                ("plays", models.PositiveIntegerField(help_text="tracks of theirs that have started")),
                ("played_at_ms", models.BigIntegerField(blank=True, help_text="when the last of them started", null=True)),
                ("finish_ms", models.BigIntegerField(blank=True, help_text="virtual finish of the last of them (music.ordering)", null=True)),
            ],
        ),
        migrations.RunSQL(COPY_TURNS, COPY_TURNS_BACK),
        # Has no column, so the database does not change.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="queueitem",
                    name="requester_turns",
                    field=models.ForeignObject(editable=False, from_fields=["added_by"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="music.turns", to_fields=["member"]),
                ),
            ],
        ),
    ]
