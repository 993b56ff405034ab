"""Scanning music folders, and searching what was found."""

import json
import os
import threading
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from music.errors import UnknownTrack
from music.models import LibraryFile, Track
from music.sources import registry
from music.sources.library import covers, folders, startup_scan
from music.sources.library.folding import is_long_enough
from music.sources.library.paths import real, stored
from music.sources.library.reach import FileReach
from music.sources.library.reader import FileReader
from music.sources.library.scanner import ScanReport, scan
from music.sources.library.source import LibrarySource
from music.sources.library.unreadable_words import (
    UNREADABLE_SENTENCES,
    unreadable_in_english,
    unreadable_translated,
)
from rooms.errors import Invalid
from rooms.models import Room
from tests import odd_audio
from tests.audio import make, music_folder, png
from tests.translations import speak_german

pytestmark = pytest.mark.django_db
LETTERS = Path(__file__).with_name("search_letters.json")
FORMATS = [".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wav"]
# One process reads for all of these tests, instead of one for each scan.
READER = FileReader()


@pytest.fixture(autouse=True, scope="module")
def end_reader() -> Iterator[None]:
    yield
    READER.close()


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    return music_folder(settings, tmp_path)


def rescan() -> ScanReport:
    return scan(folders.roots(), reader=READER)


def titles(query: str) -> list[str]:
    return [track.title for track in LibrarySource().search(query).tracks]


def change(path: Path, **tags: Any) -> None:
    """Write the file anew, and let its time show it even on a coarse clock."""
    before = path.stat().st_mtime_ns
    make(path, **tags)
    os.utime(path, ns=(before + 10**9, before + 10**9))


# --- What a file says -----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_tells_its_tags_duration_cover_and_gain(folder: Path, suffix: str) -> None:
    gain = "-3072" if suffix == ".opus" else "-7.00 dB"  # -12 dB above R128's lower reference
    make(
        folder / f"a{suffix}",
        title="Größe",
        artists=("Ada", "Ben"),
        album="Late",
        gain=gain,
        picture=png(),
    )
    rescan()
    track = Track.objects.get()
    assert (track.title, track.artists, track.album) == ("Größe", ["Ada", "Ben"], "Late")
    assert track.duration_ms == pytest.approx(2000, abs=24)
    assert track.gain_db == -7.0
    assert track.cover.removeprefix("/media/covers/") == cover_names()[0]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_without_tags_is_called_by_its_name(folder: Path, suffix: str) -> None:
    make(folder / f"03-night_bus{suffix}")
    rescan()
    track = Track.objects.get()
    assert (track.title, track.artists, track.gain_db, track.cover) == ("night bus", [], 0, "")


@pytest.mark.parametrize(
    ("name", "title", "artists"),
    [
        ("01 Song", "Song", []),
        ("1-03 Song", "Song", []),
        ("99 Luftballons", "99 Luftballons", []),
        ("1979", "1979", []),
        ("02. Ada - Glass Harbour", "Glass Harbour", ["Ada"]),
    ],
)
def test_a_number_before_the_name_goes_and_a_year_stays(
    folder: Path, name: str, title: str, artists: list[str]
) -> None:
    make(folder / f"{name}.wav")
    rescan()
    track = Track.objects.get()
    assert (track.title, track.artists) == (title, artists)


def test_artists_in_one_field_are_parted_where_formats_part_them(folder: Path) -> None:
    make(folder / "a.mp3", title="A", artists=("AC/DC; Ben", "Cy / Ben"))
    rescan()
    assert Track.objects.get().artists == ["AC/DC", "Ben", "Cy"]


def test_a_title_keeps_neither_control_codes_nor_endless_length(folder: Path) -> None:
    make(folder / "a.flac", title="A\x1b[31m\u202eB\n" + "c" * 1000)
    rescan()
    title = Track.objects.get().title
    assert title.startswith("A [31m B c")
    assert len(title) == 300


# --- Covers ---------------------------------------------------------------------------------------


def test_a_picture_beside_the_files_is_their_cover_saved_once(folder: Path) -> None:
    for name in ("a.mp3", "b.wav"):
        make(folder / name)
    (folder / "Folder.PNG").write_bytes(png())
    rescan()
    [cover] = set(Track.objects.values_list("cover", flat=True))
    assert covers.kept() == {*cover_names()}
    assert cover.removeprefix("/media/covers/") == cover_names()[0]


def test_a_picture_that_came_later_is_found_although_the_file_is_unchanged(folder: Path) -> None:
    make(folder / "a.mp3")
    rescan()
    LibraryFile.objects.update(scanned_at_ms=1)  # long ago
    (folder / "cover.png").write_bytes(png())
    rescan()
    assert Track.objects.get().cover.removeprefix("/media/covers/") == cover_names()[0]


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"", png() + bytes(5 * 1024 * 1024)])
def test_what_is_no_picture_or_too_large_is_no_cover(folder: Path, data: bytes) -> None:
    make(folder / "a.mp3")
    (folder / "cover.jpg").write_bytes(data)
    rescan()
    assert Track.objects.get().cover == ""
    assert covers.kept() == set()


def test_a_lost_cover_is_saved_again(folder: Path) -> None:
    make(folder / "a.mp3", picture=png())
    rescan()
    for name in cover_names():
        (covers.folder() / name).unlink()
        rescan()
        assert covers.kept() == {*cover_names()}


def test_a_picture_that_was_saved_whole_becomes_a_cover_in_two_sizes(folder: Path) -> None:
    make(folder / "a.mp3", picture=png())
    rescan()
    whole = f"{'0' * 32}.png"
    (covers.folder() / whole).write_bytes(png())
    Track.objects.update(cover=f"/media/covers/{whole}")
    LibraryFile.objects.update(read_version=1)  # as the version before left it
    rescan()
    assert Track.objects.get().cover.removeprefix("/media/covers/") == cover_names()[0]
    assert covers.kept() == {*cover_names()}


def cover_names() -> tuple[str, str]:
    """The files of the one picture that these tests use, the large one first."""
    name = sha256(png()).hexdigest()[:32]
    return f"{name}-l.jpg", f"{name}-s.webp"


# --- Scanning again -------------------------------------------------------------------------------


def test_only_new_and_changed_files_are_opened(folder: Path) -> None:
    for name in ("a.mp3", "b.mp3"):
        make(folder / name, title=name)
    assert rescan().read == 2
    assert rescan().read == 0
    uri = Track.objects.get(title="a.mp3").uri
    change(folder / "a.mp3", title="Other")
    assert rescan().read == 1
    assert Track.objects.get(uri=uri).title == "Other"


def test_an_interrupted_scan_goes_on_where_it_stopped(folder: Path) -> None:
    for number in range(60):
        make(folder / f"{number:02}.wav")

    def interrupt(read: int, total: int) -> None:
        if read:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(folders.roots(), progress=interrupt, reader=READER)
    assert Track.objects.count() == 50
    assert rescan().read == 10
    assert Track.objects.count() == LibraryFile.objects.count() == 60


def test_a_scan_during_a_scan_makes_no_track_twice(folder: Path) -> None:
    make(folder / "a.wav")

    def scan_meanwhile(read: int, total: int) -> None:
        if not read:
            assert rescan().read == 1

    assert scan(folders.roots(), progress=scan_meanwhile, reader=READER).read == 1
    assert Track.objects.count() == LibraryFile.objects.count() == 1


def test_a_file_that_goes_and_returns_keeps_its_track(folder: Path, room: Room) -> None:
    path = make(folder / "a.mp3", title="A")
    rescan()
    uri = Track.objects.get().uri
    make(folder / "b.mp3")
    path.rename(folder.parent / "elsewhere.mp3")
    assert rescan().gone == 1
    with pytest.raises(UnknownTrack):
        registry.resolve(uri, room)
    (folder.parent / "elsewhere.mp3").rename(path)
    rescan()
    assert registry.reach(registry.resolve(uri, room)) == FileReach.THERE


def test_a_folder_that_is_no_longer_named_takes_its_tracks_away(
    folder: Path, settings: Any
) -> None:
    make(folder / "a.mp3")
    rescan()
    settings.MUSIC_DIRS = []
    rescan()
    assert not Track.objects.get().available
    settings.MUSIC_DIRS = [folder]
    rescan()
    assert Track.objects.get().available


def test_a_folder_named_twice_or_inside_another_is_scanned_once(
    folder: Path, settings: Any
) -> None:
    make(folder / "inner" / "a.mp3")
    settings.MUSIC_DIRS = [folder, folder / "inner", folder]
    assert rescan().files == 1
    assert LibraryFile.objects.get().root == str(folder / "inner")


# --- Files of no use ------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [*FORMATS, ".oga"])
@pytest.mark.parametrize("content", [b"", b"nothing like music " * 99, bytes(5000)])
def test_a_broken_file_is_reported_and_the_others_play(
    folder: Path, suffix: str, content: bytes
) -> None:
    (folder / f"broken{suffix}").write_bytes(content)
    make(folder / "fine.wav", title="Fine")
    report = rescan()
    assert [entry.path for entry in report.unreadable] == [str(folder / f"broken{suffix}")]
    assert LibraryFile.objects.get(track=None).error == report.unreadable[0].reason
    assert titles("") == ["Fine"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_cut_off_anywhere_never_stops_a_scan(folder: Path, suffix: str) -> None:
    whole = make(folder / f"a{suffix}", title="A", picture=png()).read_bytes()
    for length in range(1, len(whole), max(1, len(whole) // 40)):
        (folder / f"cut-{length}{suffix}").write_bytes(whole[:length])
    report = rescan()
    assert Track.objects.count() + len(report.unreadable) == report.files


def test_a_file_that_breaks_and_is_mended_keeps_its_track(folder: Path, room: Room) -> None:
    path = make(folder / "a.mp3", title="A")
    rescan()
    uri = Track.objects.get().uri
    path.write_bytes(b"")
    rescan()
    assert registry.reach(Track.objects.get()) == FileReach.GONE
    make(path, title="A")
    rescan()
    assert registry.resolve(uri, room).available


def test_a_file_that_could_not_be_read_for_a_moment_is_tried_again_as_it_is(folder: Path) -> None:
    path, elsewhere = make(folder / "a.mp3"), folder / "elsewhere"

    def leave_and_return(read: int, total: int) -> None:
        if read:
            elsewhere.rename(path)
        else:
            path.rename(elsewhere)

    [entry] = scan(folders.roots(), progress=leave_and_return, reader=READER).unreadable
    assert entry.reason == "not_there"
    assert rescan().unreadable == ()
    assert Track.objects.get().available


def test_a_file_whose_permission_has_gone_is_looked_at_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(folder / "a.mp3")
    rescan()
    # Removing the permission bits would not stop a test that runs as root.
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert rescan().read == 1


def test_a_broken_file_is_not_opened_again_until_it_changes(folder: Path) -> None:
    (folder / "a.mp3").write_bytes(b"nothing like music " * 99)
    [entry] = rescan().unreadable
    again = rescan()
    assert (again.read, again.unreadable) == (0, (entry,))
    LibraryFile.objects.update(read_version=99)  # another version of the server read it
    assert rescan().read == 1
    change(folder / "a.mp3", title="Mended")
    assert rescan().unreadable == ()


def test_files_that_would_take_all_memory_or_time_are_refused_and_the_others_play(
    folder: Path, reader_in_a_hurry: FileReader
) -> None:
    (folder / "a.mp3").write_bytes(odd_audio.picture_bomb(megabytes=1500))
    (folder / "b.mp3").write_bytes(odd_audio.tag_flood(frames=100_000))
    make(folder / "c.mp3", title="Fine")
    report = scan(folders.roots(), reader=reader_in_a_hurry)
    assert [entry.reason for entry in report.unreadable] == [
        "too_much_memory",
        "too_much_time",
    ]
    assert titles("") == ["Fine"]
    assert scan(folders.roots(), reader=reader_in_a_hurry).read == 0
    out = StringIO()
    call_command("scan_library", "--list", stdout=out)
    assert out.getvalue().splitlines() == [
        f"{folder / 'a.mp3'}: Its tags take more than 256 MB of memory.",
        f"{folder / 'b.mp3'}: It takes too much work to read: its tags are too many.",
    ]


@pytest.fixture
def reader_in_a_hurry() -> Iterator[FileReader]:
    with FileReader(cpu_seconds=1) as reader:
        yield reader


def test_links_out_of_the_folder_and_into_nowhere_are_not_followed(folder: Path) -> None:
    outside = make(folder.parent / "private" / "secret.mp3", title="Secret")
    (folder / "out.mp3").symlink_to(outside)
    (folder / "albums").symlink_to(outside.parent)
    (folder / "nowhere.mp3").symlink_to(folder / "missing.mp3")
    report = rescan()
    assert sorted(Path(entry.path).name for entry in report.unreadable) == [
        "albums",
        "nowhere.mp3",
        "out.mp3",
    ]
    assert not Track.objects.exists()


def test_links_inside_the_folder_neither_loop_nor_double(folder: Path) -> None:
    path = make(folder / "deep" / "a.mp3", title="A")
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "again.mp3").symlink_to(path)
    (folder / "self.mp3").symlink_to(folder / "self.mp3")
    report = rescan()
    assert [Path(entry.path).name for entry in report.unreadable] == ["self.mp3"]
    assert titles("") == ["A"]


def test_a_file_with_a_name_that_is_not_text_plays(folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9 \x1b[2J.wav")
    make(folder / name)
    make(folder / "łódź 😀.wav")
    rescan()
    track = Track.objects.get(title__startswith="caf")
    assert "\x1b" not in track.title
    assert registry.reach(track) == FileReach.THERE
    assert real(stored(name)) == name
    assert titles("lodz")


def test_a_path_too_long_for_the_database_is_reported(folder: Path) -> None:
    make(folder.joinpath(*["deep" * 60] * 9) / "a.wav")
    make(folder / "b.wav", title="B")
    assert [entry.reason for entry in rescan().unreadable] == ["path_too_long"]
    assert titles("") == ["B"]


def test_why_a_file_cannot_be_played_is_kept_as_a_code_and_said_in_words(
    folder: Path, settings: Any
) -> None:
    (folder / "a.mp3").write_bytes(b"")
    rescan()
    assert LibraryFile.objects.get().error == "empty"
    assert unreadable_translated("wav_of: ADPCM").startswith("It is WAV with ADPCM, which")
    speak_german(settings, folder / "words", {"The file is empty.": "Die Datei ist leer."})
    assert unreadable_translated("empty") == "Die Datei ist leer."
    assert unreadable_translated("It is new.") == "It is new."


def test_each_sentence_of_a_former_version_is_found_again_by_its_code(folder: Path) -> None:
    migration = import_module("music.migrations.0020_unreadable_codes")
    for code in UNREADABLE_SENTENCES.keys() & migration.PATTERNS.keys():
        reason = f"{code}: ADPCM" if code in ("wav_of", "disk_refused") else code
        LibraryFile.objects.create(
            path=code, root="", size=0, modified_ns=0, error=unreadable_in_english(reason)
        )
    migration.fill_codes(apps, None)
    kept = {file.path: file.error.partition(":")[0] for file in LibraryFile.objects.all()}
    assert kept == {code: code for code in migration.PATTERNS}


# --- The command and the scan beside the server ---------------------------------------------------


def test_the_command_lists_unreadable_files_and_still_succeeds(folder: Path) -> None:
    make(folder / "a.mp3")
    (folder / "b.mp3").write_bytes(b"")
    out, err = StringIO(), StringIO()
    call_command("scan_library", stdout=out, stderr=err)
    assert "2 files, 2 of them new or changed, 0 gone, 1 unreadable." in out.getvalue()
    assert err.getvalue() == f"{folder / 'b.mp3'}: The file is empty.\n"


def test_the_quiet_command_speaks_of_trouble_only(folder: Path) -> None:
    make(folder / "a.mp3")
    out, err = StringIO(), StringIO()
    call_command("scan_library", "--quiet", stdout=out, stderr=err)
    assert out.getvalue() == err.getvalue() == ""


def test_the_scan_beside_the_server_runs_once_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    scans = []
    go_on = threading.Event()

    def slow_scan(roots: list[Path], **options: Any) -> ScanReport:
        scans.append(roots)
        go_on.wait(5)
        return ScanReport(0, 0, 0, ())

    monkeypatch.setattr(startup_scan, "scan", slow_scan)
    first, second = startup_scan.start(), startup_scan.start()
    go_on.set()
    first.join(5)
    assert first is second
    assert first.daemon
    assert len(scans) == 1


# --- Search ---------------------------------------------------------------------------------------


@pytest.fixture
def songs(folder: Path) -> None:
    make(folder / "1.wav", title="Über den Wolken", artists=("Zoë",), album="Blue Hour")
    make(folder / "2.wav", title="Blue Monday", artists=("New Order",))
    make(folder / "3.wav", title="Don't Stop", artists=("The Blues",))
    make(folder / "4.wav", title="Trueblue", artists=("100% Ada",))
    rescan()


@pytest.mark.usefixtures("songs")
def test_titles_that_begin_so_come_first_then_words_then_parts() -> None:
    assert titles("blue") == ["Blue Monday", "Don't Stop", "Über den Wolken", "Trueblue"]


@pytest.mark.usefixtures("songs")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("UBER  wolken", ["Über den Wolken"]),
        ("zoe", ["Über den Wolken"]),
        ("new order monday", ["Blue Monday"]),
        ("dont stop", ["Don't Stop"]),
        ("don\u2019t", ["Don't Stop"]),
        ("100%", ["Trueblue"]),
        ("_", []),
        ("%", []),
        ("monday nowhere", []),
        ("\x00\ud800", ["Blue Monday", "Don't Stop", "Trueblue", "Über den Wolken"]),
    ],
)
def test_every_word_must_be_there_whatever_case_accents_or_signs(
    query: str, found: list[str]
) -> None:
    assert titles(query) == found


@pytest.mark.usefixtures("songs")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Blu Mondya", ["Blue Monday"]),
        ("new ordr", ["Blue Monday"]),
        ("truebleu", ["Trueblue"]),
        ("wolkeen zoe", ["Über den Wolken"]),
        ("bluemonday", ["Blue Monday"]),
        ("zoz", []),
        ("monday nowhere", []),
    ],
)
def test_where_nothing_fits_a_near_spelling_does(query: str, found: list[str]) -> None:
    page = LibrarySource().search(query)
    assert ([track.title for track in page.tracks], page.near) == (found, bool(found))


@pytest.mark.usefixtures("songs")
def test_what_fits_is_not_mixed_with_what_nearly_does() -> None:
    page = LibrarySource().search("blues")
    assert ([track.title for track in page.tracks], page.near) == (["Don't Stop"], False)


def test_a_single_letter_finds_whole_words_and_a_dense_script_any(folder: Path) -> None:
    for n, title in enumerate(["M", "Moth", "Room M", "月亮代表我的心"]):
        make(folder / f"{n}.wav", title=title, artists=("X",))
    rescan()
    assert titles("m") == ["M", "Room M"]
    assert titles("亮") == titles("月亮") == ["月亮代表我的心"]


@pytest.mark.parametrize(("query", "enough"), json.loads(LETTERS.read_text()).items())
def test_how_many_letters_are_enough_is_what_the_page_thinks_too(query: str, enough: bool) -> None:
    assert is_long_enough(query) is enough


def test_a_scan_is_heard_of_by_the_next_search(folder: Path) -> None:
    make(folder / "1.wav", title="One")
    rescan()
    assert titles("") == ["One"]
    make(folder / "2.wav", title="Two")
    change(folder / "1.wav", title="Uno")
    rescan()
    assert titles("") == ["Two", "Uno"]
    (folder / "2.wav").unlink()
    rescan()
    assert titles("") == ["Uno"]


@pytest.mark.usefixtures("songs")
@pytest.mark.parametrize("query", ["", "blue", "bleu"])
def test_pages_follow_each_other_without_gap_or_repeat(query: str) -> None:
    source = LibrarySource()
    everything = [track.pk for track in source.search(query).tracks]
    paged, cursor = [], None
    while True:
        page = source.search(query, cursor=cursor, limit=1)
        paged += [track.pk for track in page.tracks]
        if (cursor := page.next) is None:
            break
    assert paged == everything
    assert len(paged) == {"": 4, "blue": 4, "bleu": 2}[query]


@pytest.mark.usefixtures("songs")
@pytest.mark.parametrize(
    "cursor", ["", "x", "ä", "MC4w", "OS4x", "MC4wLi0x", "MC4wLjk5OTk5OTk", "Mi4wLjE", "A" * 99]
)
def test_a_cursor_that_nobody_gave_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        LibrarySource().search("", cursor=cursor)


@pytest.mark.usefixtures("songs")
def test_a_search_is_three_queries_and_gives_no_unavailable_track(
    django_assert_num_queries: Any,
) -> None:
    Track.objects.filter(title="Blue Monday").update(available=False)
    with django_assert_num_queries(3):
        assert titles("blue") == ["Don't Stop", "Über den Wolken", "Trueblue"]


@pytest.mark.parametrize("uri", ["library:none", "spotify:track:1", "", "library:\x00", "x" * 999])
def test_a_uri_of_nothing_is_an_unknown_track(uri: str, room: Room) -> None:
    with pytest.raises(UnknownTrack):
        registry.resolve(uri, room)


def test_the_registry_knows_the_library_and_nothing_else_by_its_name(room: Room) -> None:
    assert [source.name for source in registry.sources(room)] == ["library"]
    assert registry.source("library", room).name == "library"
    with pytest.raises(Invalid):
        registry.source("tape", room)
