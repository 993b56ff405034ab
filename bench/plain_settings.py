"""The settings with Django's own backend for SQLite, to compare with: no queue of writers."""

from beatsync.settings import *
from beatsync.settings import DATABASES

DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"
DATABASES["default"]["OPTIONS"]["timeout"] = 10
