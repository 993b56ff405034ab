"""Reasons that the site's staff has chosen from its list are codes; they were English sentences."""

from django.db import migrations
from django.db.models import Q

CODES = {
    "Insults or hate": "hate",
    "Spam": "spam",
    "Sexual or violent content": "sexual",
    "Private data of others": "private_data",
    "Disturbs the room": "disturbing",
    "Asked for by the host": "host_asked",
}


def code_of(why):
    """The reason with its code in place of the sentence; what somebody wrote stays."""
    sentence, colon, words = why.partition(": ")
    return f"{CODES.get(sentence, sentence)}{colon}{words}"


def from_list(field="why"):
    """The rows whose reason begins with a sentence of the list."""
    found = Q()
    for sentence in CODES:
        found |= Q(**{field: sentence}) | Q(**{f"{field}__startswith": f"{sentence}: "})
    return found


def fill_codes(apps, schema_editor):
    """Give what the staff did in rooms its codes; what members wrote is left as they wrote it."""
    restrictions = apps.get_model("rooms", "Restriction").objects.filter(by_site=True)
    logged = apps.get_model("rooms", "LogEntry").objects.filter(by=None).exclude(by_name="")
    for rows in (restrictions, logged):
        for row in rows.filter(from_list()).iterator():
            rows.filter(pk=row.pk).update(why=code_of(row.why))


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0012_identity_bindings"),
    ]

    operations = [
        migrations.RunPython(fill_codes, migrations.RunPython.noop),
    ]
