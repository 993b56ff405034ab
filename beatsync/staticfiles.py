"""Static files under names that carry their content's hash, so that browsers keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Also follows `import` between JavaScript modules, or those would be served stale.

    A module's name changes with those that it imports, one level per pass, so there must be at
    least as many passes as levels, and no circles (`tests/test_architecture.py`).
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 20
