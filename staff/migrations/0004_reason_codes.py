"""Reasons that were chosen from the staff's list are codes; they were English sentences."""

from importlib import import_module

from django.db import migrations

reasons = import_module("rooms.migrations.0013_reason_codes")


def fill_codes(apps, schema_editor):
    """Give audit entries, bans from the site and warnings their codes."""
    for name in ("AuditEntry", "SiteBan"):
        rows = apps.get_model("staff", name).objects
        for row in rows.filter(reasons.from_list()).iterator():
            rows.filter(pk=row.pk).update(why=reasons.code_of(row.why))
    notices = apps.get_model("staff", "Notice").objects
    for notice in notices.exclude(code="").iterator():
        if why := notice.values.get("why"):
            values = {**notice.values, "why": reasons.code_of(why)}
            notices.filter(pk=notice.pk).update(values=values)


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_warning_codes"),
        ("rooms", "0013_reason_codes"),
    ]

    operations = [
        migrations.RunPython(fill_codes, migrations.RunPython.noop),
    ]
