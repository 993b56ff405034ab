"""Static files under names that carry their content's hash, so that browsers keep them for ever."""

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from music.ranges import RangedFile


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Also follows `import` between JavaScript modules, or those would be served stale.

    A module's name changes with those that it imports, one level per pass, so there must be at
    least as many passes as levels, and no circles (`tests/test_architecture.py`).
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 20


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, with byte ranges as RFC 9110 has them."""

    def get_static_file(self, *args: Any, **options: Any) -> RangedFile:
        file = super().get_static_file(*args, **options)
        file.__class__ = RangedFile  # WhiteNoise offers no choice of the class
        assert isinstance(file, RangedFile)
        return file
