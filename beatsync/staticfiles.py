"""Static files under names that carry their content's hash, so that browsers keep them for ever."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from beatsync import bundling, stylesheet, word_catalogue
from music.ranges import RangedFile

try:
    import brotli
except ImportError:  # there is no wheel for this platform
    brotli = None

logger = logging.getLogger(__name__)

# The scripts that templates name: a module for each page, and what runs before the first paint.
PAGES = "js/pages/"
CLASSIC = {
    "js/browser/theme.js",
    "js/browser/open-first-socket.js",
    "js/browser/capture-early-votes.js",
}
STYLESHEET = "css/beatsync.css"
# The part of it that stands inside the page of a room: without what only other pages use.
ROOM_STYLE = "css/room-page.css"
OF_OTHER_PAGES = ("home.css", "source.css", "prose.css", "account.css")
# Named by the pages of the admin, too, which have Django's styles and not the rest of ours.
TOKENS = "css/tokens.css"
# Larger is what developers alone load, such as the page of the API; the best takes 2 s a MB.
BEST_BELOW_BYTES = 256 * 1024


class QuickCompressor(Compressor):
    """Compresses files; the large ones less well, in a tenth of the time."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        compressed: bytes = brotli.compress(data, quality=11 if len(data) < BEST_BELOW_BYTES else 5)
        return compressed


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Collects bundles and one stylesheet in place of their sources.

    The sources are copied as they are, too: under names without a hash, which no page asks for.
    Where modules are served natively, `import` between them is followed, or they would be served
    stale. A module's name changes with those that it imports, one level per pass, so there must be
    at least as many passes as levels, and no circles (`tests/test_architecture.py`).
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 20
    served: bundling.Served | None = None

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Hash and compress all collected files."""
        if dry_run:
            return
        self.served = _build(Path(self.location), set(paths))
        others = {name: path for name, path in paths.items() if name not in self.served.replaced}
        yield from super().post_process(others, **options)
        for made, compressed in self.compress_files(self.served.files):
            yield made, compressed, True

    def create_compressor(self, **options: Any) -> QuickCompressor:
        return QuickCompressor(**options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages ask for: files with a hash in their name, and no source maps."""
        asked = {*self.hashed_files.values(), *(self.served.files if self.served else ())}
        yield from super().compress_files(
            path for path in paths if path in asked and not path.endswith(".map")
        )

    def save_manifest(self) -> None:
        """Write the names of all files down, and how they are served."""
        if self.served is not None:
            self.hashed_files.update(self.served.names)
            if self.served.reason or not self.served.asked:
                imports = {
                    page: [self.hashed_files[name] for name in names]
                    for page, names in self.served.imports.items()
                }
                self.served = replace(self.served, imports=imports)
            self.served.write(Path(self.location))
        super().save_manifest()


def _build(folder: Path, sources: set[str]) -> bundling.Served:
    """Make what is served of the collected scripts and styles, in the same folder."""
    scripts = {name for name in sources if name.startswith("js/")}
    pages = sorted(name for name in scripts if name.startswith(PAGES))
    served = bundling.Served(asked=settings.BUNDLE, bundler=bundling.bundler_version())
    if f"js/{word_catalogue.OF_REFUSALS}" in scripts:
        word_catalogue.leave_out_words_of_server(folder / "js")
    if settings.BUNDLE:
        try:
            served = bundling.build_scripts(folder, pages, sorted(scripts & CLASSIC))
            served = replace(served, replaced=tuple(scripts))
        except bundling.NoBundler as missing:
            served = replace(served, reason=str(missing))
    if not served.names:
        imports = {page: bundling.find_imports(folder, page) for page in pages}
        served = replace(served, imports=imports)
    if STYLESHEET not in sources:
        return served
    source = folder / STYLESHEET
    made = stylesheet.write_stylesheet(source, folder, STYLESHEET)
    of_room = stylesheet.write_stylesheet(source, folder, ROOM_STYLE, without=OF_OTHER_PAGES)
    return replace(
        served,
        names=served.names | {STYLESHEET: made, ROOM_STYLE: of_room},
        files=(*served.files, made, of_room),
        replaced=(
            *served.replaced,
            *(name for name in sources if name.startswith("css/") and name != TOKENS),
        ),
    )


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, with byte ranges as RFC 9110 has them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._hashed: frozenset[str] | None = None
        served = bundling.read_served(Path(settings.STATIC_ROOT))
        if served is not None and served.reason:
            logger.warning(
                "Scripts are served as single modules, slower on a first visit: %s.", served.reason
            )
        super().__init__(*args, **options)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether a file has a hash of its content in its name; parts of bundles have, too."""
        if self._hashed is None:
            served = bundling.read_served(Path(settings.STATIC_ROOT))
            names = getattr(staticfiles_storage, "hashed_files", {}).values()
            self._hashed = frozenset((*names, *(served.files if served else ())))
        return url.removeprefix(self.static_prefix) in self._hashed

    def get_static_file(self, *args: Any, **options: Any) -> RangedFile:
        file = super().get_static_file(*args, **options)
        file.__class__ = RangedFile  # WhiteNoise offers no choice of the class
        assert isinstance(file, RangedFile)
        return file
