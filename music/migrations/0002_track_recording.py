"""Tracks learn which recording they are, so that a queue holds each once."""

from django.db import migrations, models

# Imported, not copied: a key is worth something only if it equals the keys that the running code
# computes, so an old database must be filled by the code of today. The functions are pure and on
# the standard library alone; whoever changes their answers fills the columns anew in a migration.
from music.recordings import artist_key, recording_key

BATCH = 500


def fill_keys(apps, schema_editor):
    Track = apps.get_model('music', 'Track')
    last = 0
    while tracks := list(
        Track.objects.filter(pk__gt=last).order_by('pk').only('title', 'artists')[:BATCH]
    ):
        for track in tracks:
            track.recording = recording_key(track.artists, track.title)
            track.artist = artist_key(track.artists)
        Track.objects.bulk_update(tracks, ['recording', 'artist'])
        last = tracks[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('music', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='track',
            name='recording',
            field=models.CharField(blank=True, db_index=True, help_text='artist and title, normalised', max_length=300),
        ),
        migrations.AddField(
            model_name='track',
            name='artist',
            field=models.CharField(blank=True, help_text='the first artist, normalised', max_length=300),
        ),
        migrations.AddField(
            model_name='track',
            name='isrc',
            field=models.CharField(blank=True, db_index=True, max_length=12),
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
    ]
