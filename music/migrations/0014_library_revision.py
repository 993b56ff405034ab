"""The library gets a number that grows with each change of its tracks. Its row comes with the first."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('music', '0013_turns_of_members'),
    ]

    operations = [
        migrations.CreateModel(
            name='LibraryRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='library_has_one_revision')],
            },
        ),
    ]
