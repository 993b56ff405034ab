"""`manage.py prepare` and `manage.py doctor`: an installation made ready, and looked at."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.utils.functional import empty

from beatsync.management.commands import prepare
from music.sources.library import reach
from tests.audio import make


@pytest.fixture
def collected(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder of collected static files: of a source folder with one file."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "beatsync.staticfiles.HashedStorage"}
    }
    _use_these_settings()
    call_command("prepare", stdout=StringIO())
    yield settings.STATIC_ROOT
    _use_these_settings()


def _use_these_settings() -> None:
    staticfiles_storage._wrapped = empty  # type: ignore[attr-defined]
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]


def is_collected() -> bool:
    return prepare.are_files_collected()


def test_collected_files_are_not_collected_again(collected: Path) -> None:
    assert is_collected()


@pytest.mark.parametrize("manifest", ["", "{", "[]", '{"paths": {}}', '{"paths": null}'])
def test_a_manifest_that_is_torn_or_names_too_little_is_made_anew(
    collected: Path, manifest: str
) -> None:
    (collected / "staticfiles.json").write_text(manifest)
    assert not is_collected()
    call_command("prepare", stdout=StringIO())
    assert is_collected()


def test_a_collected_file_that_is_gone_is_made_anew(collected: Path) -> None:
    next(collected.glob("page.*.css")).unlink()
    assert not is_collected()
    call_command("prepare", stdout=StringIO())
    assert len(list(collected.glob("page.*.css"))) == 1


def test_a_start_says_where_phones_find_it_or_that_there_is_no_network(
    collected: Path, settings: Any
) -> None:
    settings.LISTENS_EVERYWHERE, settings.PORT = True, 8000
    for address, expected in {
        "192.168.1.7": "http://192.168.1.7:8000 for phones",
        "": "This machine is in no network.",
    }.items():
        settings.NETWORK_ADDRESS = address
        said = StringIO()
        call_command("prepare", stdout=said)
        assert expected in said.getvalue()


def test_the_doctor_finds_a_working_installation_in_order(db: None, music_folder: Path) -> None:
    said = StringIO()
    call_command("doctor", stdout=said)
    assert "NOT OK" not in said.getvalue()
    assert "Run make scan" in said.getvalue()


def test_the_doctor_counts_the_files_that_cannot_be_played(db: None, music_folder: Path) -> None:
    (music_folder / "broken.mp3").write_bytes(b"nothing like music " * 99)
    call_command("scan_library", "--quiet", stderr=StringIO())
    said = StringIO()
    call_command("doctor", stdout=said)
    assert "files known: 1, unreadable: 1." in said.getvalue()


def test_the_doctor_names_a_folder_that_is_not_there_and_what_to_do(
    db: None, settings: Any, tmp_path: Path
) -> None:
    settings.MUSIC_DIRS = [tmp_path / "none"]
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=said)
    assert f"NOT OK  Music in {tmp_path / 'none'}" in said.getvalue()
    assert "change MUSIC_DIRS" in said.getvalue()


def test_the_doctor_names_a_folder_whose_disk_is_not_mounted_or_hangs(
    db: None, settings: Any, music_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MUSIC_DIRS = [music_folder]
    make(music_folder / "1.wav", title="One")
    call_command("scan_library", "--quiet", stderr=StringIO())
    (music_folder / "1.wav").unlink()
    answers, right = threading.Event(), os.scandir

    def hanging(path: Any) -> Any:
        answers.wait()
        return right(path)

    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=said)
    monkeypatch.setattr(reach, "PATIENCE_S", 0.05)
    monkeypatch.setattr(os, "scandir", hanging)
    try:
        with pytest.raises(SystemExit):
            call_command("doctor", stdout=said)
    finally:
        answers.set()
    assert "it is empty; files known: 1." in said.getvalue()
    assert "it cannot be listed." in said.getvalue()


# --- make -----------------------------------------------------------------------------------------


def test_an_environment_whose_python_was_replaced_is_filled_again(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[1] / "Makefile", tmp_path)
    (tmp_path / ".venv").mkdir()
    for made in ("requirements.txt", ".env", ".venv/ready"):
        (tmp_path / made).touch()
    told = subprocess.run(
        ["make", "--dry-run", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "-m venv .venv" in told.stdout
    assert "pip install" in told.stdout
