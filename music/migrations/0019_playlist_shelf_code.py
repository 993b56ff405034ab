"""The title of a playlist that we have named has a code; its text in English stays."""

from django.db import migrations, models

# By source: which English titles are ours, and their codes.
OWN_TITLES = {
    "spotify": {"Liked songs": "liked", "Top tracks": "top", "A playlist": "playlist"},
    "radio": {"Stations": "stations"},
    "library": {"House dozen": "house"},
}


def fill_codes(apps, schema_editor):
    """Give the rows that are there their code."""
    shelves = apps.get_model("music", "PlaylistShelf").objects
    for source, codes in OWN_TITLES.items():
        for title, code in codes.items():
            shelves.filter(source=source, title=title, code="").update(code=code)


class Migration(migrations.Migration):
    dependencies = [
        ("music", "0018_incident_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="playlistshelf",
            name="code",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.RunPython(fill_codes, migrations.RunPython.noop),
    ]
