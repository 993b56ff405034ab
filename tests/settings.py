"""The real settings, with a secret for tests and a database that several threads can use."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Runs beside each other, in one Redis, do not hear each other.
os.environ["SECRET_KEY"] = f"only-for-tests-{os.getpid()}"
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="beatsync-tests-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from beatsync.settings import *
from beatsync.settings import DATA_DIR, DATABASES

if not os.environ.get("DATABASE_URL"):
    # A file, not memory: the tests of threads and servers need what an installation has.
    DATABASES["default"]["TEST"] = {"NAME": Path(DATA_DIR) / "test.sqlite3"}
else:
    # Several runs may go on beside each other on one server.
    DATABASES["default"]["TEST"] = {"NAME": f"test_beatsync_{os.getpid()}"}
    # Tests of many threads at once are about locks, not about waiting for a connection.
    DATABASES["default"].setdefault("OPTIONS", {}).pop("pool", None)

# Hashed names need collected files; tests of pages need pages.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(exist_ok=True)
CONDUCTOR = "worker"
# Nothing outside is asked; tests of suggestions have fakes.
LISTENBRAINZ = False
