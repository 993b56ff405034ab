"""What is read from an audio file: how long it sounds, how loud it is, and what its tags mean."""

import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import mutagen
import pytest

from music.sources.library import audio_tags
from music.sources.library.file_facts import Tags
from music.sources.library.reader import FileReader, refusal_at_end
from music.sources.library.unreadable import UnreadableFile
from tests import odd_audio as odd
from tests.audio import make


@pytest.fixture(scope="module")
def reader() -> Iterator[FileReader]:
    with FileReader() as one:
        yield one


def read(reader: FileReader, path: Path, data: bytes) -> Tags:
    path.write_bytes(data)
    return reader.read(str(path))


def test_only_what_a_file_does_to_the_reading_process_is_the_fault_of_the_file() -> None:
    from_outside = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGBUS")  # the last: by the disk
    passing = {-signal.Signals[name]: True for name in from_outside}
    passing |= {-signal.SIGPROF: False, -signal.SIGSEGV: False, 1: False}
    assert {code: refusal_at_end(code).is_passing for code in passing} == passing


def test_a_disk_that_fails_under_a_parser_is_not_the_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "1.flac")

    # As all its parsers do.
    @mutagen._util.convert_error(OSError, mutagen.MutagenError)  # type: ignore[untyped-decorator]
    def parse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(mutagen, "File", parse)
    with pytest.raises(UnreadableFile, match="disk_refused: Input/output error") as refused:
        audio_tags.read(str(tmp_path / "1.flac"))
    assert refused.value.is_passing


SECOND = bytes(16_000)  # of WAV at 8 kHz, 16 bits
LOUD_THEN_SILENT = odd.mp3(4992, odd.LOUD_KBIT) + odd.mp3(15_000)
TABLED = odd.mp3_with_table(odd.mp3(15_000), frames=625)
OPUS_S = 48_000
LENGTHS: dict[str, tuple[bytes, int | str]] = {
    "loud start.mp3": (LOUD_THEN_SILENT, 19_992),
    "joined.mp3": (odd.mp3_with_table(odd.mp3(4992), frames=208) + TABLED, 20_016),
    "table of no frames.mp3": (odd.mp3_with_table(odd.mp3(15_000), frames=0), 15_000),
    "right table.mp3": (TABLED, 15_000),
    "cut behind its table.mp3": (TABLED[: len(TABLED) // 4], 3720),
    "damage in the middle.mp3": (odd.mp3(2400) + bytes(999) + odd.mp3(2400), 4800),
    "layer 2.mp3": (odd.mp3_of_layer_2(4800), "mpeg_layer"),
    "from a pipe.wav": (odd.wav(SECOND * 8, size=0xFFFFFFFF), 8000),
    "never finished.wav": (odd.wav(SECOND * 8, size=0), 8000),
    "cut.wav": (odd.wav(SECOND * 2, size=len(SECOND) * 60), 2000),
    "rf64.wav": (odd.rf64(SECOND * 4), 4000),
    "mp3 inside.wav": (odd.wav(odd.mp3(4080), code=0x55), 4080),
    "float32.wav": (odd.wav(SECOND * 4, code=3, bits=32), 2000),
    "float64.wav": (odd.wav(SECOND * 4, code=3, bits=64), "wav_64_bit"),
    "adpcm.wav": (odd.wav(SECOND, code=2, bits=16), "wav_of: ADPCM"),
    "nothing.wav": (odd.wav(b""), "no_sound"),
    "streamed.flac": (odd.flac(8, told_seconds=0), 8000),
    "cut.flac": (odd.flac(3, told_seconds=60), 3000),
    "fragmented.m4a": (odd.fragmented_m4a(8), 8000),
    "told otherwise.m4a": (odd.m4a_told(8, told_seconds=3600), 8000),
    "joined.opus": (odd.opus(OPUS_S, 5 * OPUS_S) + odd.opus(3 * OPUS_S, serial=2), 8000),
    "cut out of a broadcast.opus": (odd.opus(*(OPUS_S * s for s in range(900, 909))), 9000),
}  # fmt: skip


def test_lengths_are_those_of_the_sound_whatever_headers_say(
    reader: FileReader, tmp_path: Path
) -> None:
    measured: dict[str, int | str] = {}
    for name, (data, _) in LENGTHS.items():
        try:
            measured[name] = read(reader, tmp_path / name, data).duration_ms
        except UnreadableFile as error:
            measured[name] = str(error)
    assert measured == {name: right for name, (_, right) in LENGTHS.items()}


def test_gains_are_understood_however_they_are_written(tmp_path: Path, reader: FileReader) -> None:
    written = {
        "-6.50 dB": -6.5, "-6,50 dB": -6.5, "-6.50dB": -6.5, " +3 DB ": 3.0, "-7.25": -7.25,
        "nan dB": 0.0, "inf": 0.0, "loud": 0.0, "-999 dB": 0.0, "+40.00 dB": 12.0,
    }  # fmt: skip
    path = tmp_path / "a.flac"
    understood = {
        text: reader.read(str(make(path, gain=text, title=text))).gain_db for text in written
    }
    assert understood == written


def test_no_gain_lifts_the_loudest_sample_above_full_scale(
    tmp_path: Path, reader: FileReader
) -> None:
    gain, peak = b"\0replaygain_track_gain\0+40 dB", b"\0replaygain_track_peak\0%s"
    path = tmp_path / "a.mp3"
    lifted = {}
    for loudest in (b"0.5", b"1.000000", b"1.2", b"nan"):
        data = odd.id3((b"TXXX", gain), (b"TXXX", peak % loudest))
        lifted[loudest] = round(read(reader, path, data).gain_db, 1)
    assert lifted == {b"0.5": 6.0, b"1.000000": 0.0, b"1.2": 0.0, b"nan": 12.0}


def test_gains_in_rva2_and_in_an_ape_tag_are_read(tmp_path: Path, reader: FileReader) -> None:
    rva2 = b"track\0\x01" + (-6 * 512).to_bytes(2, "big", signed=True) + b"\x10\x40\x00"
    data = odd.id3((b"RVA2", rva2), version=4)
    assert read(reader, tmp_path / "rva2.mp3", data).gain_db == -6
    ape = odd.mp3(4800) + odd.ape_tag(
        Title="Ape title", Artist="Ape band", REPLAYGAIN_TRACK_GAIN="-7.5 dB"
    )
    tags = read(reader, tmp_path / "ape.mp3", ape)
    assert (tags.title, tags.artists, tags.gain_db) == ("Ape title", ["Ape band"], -7.5)
    assert tags.duration_ms == 4800


def test_artists_are_parted_where_tags_part_them_and_nowhere_else(
    tmp_path: Path, reader: FileReader
) -> None:
    parted = {
        "Stein;Tor": ["Stein;Tor"],
        "Ana; Ben": ["Ana", "Ben"],
        "Ana / Ben": ["Ana", "Ben"],
        "Ana\0Ben": ["Ana", "Ben"],
        "AC/DC": ["AC/DC"],
        "Tobias, the Maker": ["Tobias, the Maker"],
        "Salt &amp; Pepper": ["Salt & Pepper"],
        "AT&T; R&amp;B &#233;t&#xe9;": ["AT&T", "R&B été"],
        "&amp;lt;": ["&lt;"],
        "": [],
    }
    path = tmp_path / "a.flac"
    assert {
        text: reader.read(str(make(path, title="A", artists=(text,)))).artists for text in parted
    } == parted
    assert reader.read(str(make(path, title="A", artists=("Ana", "Ben")))).artists == ["Ana", "Ben"]
    assert reader.read(str(make(path, title="This &amp; That"))).title == "This & That"


def test_wrongly_declared_text_is_mended_where_that_is_certain(
    tmp_path: Path, reader: FileReader
) -> None:
    """By title and artist as they stand in the file, and what they were meant to be."""
    tags: dict[tuple[bytes, bytes], tuple[str, str]] = {
        ("Café del Marú".encode(), "Björn".encode()): ("Café del Marú", "Björn"),
        ("Привет".encode("cp1251"), "Кинотест".encode("cp1251")): ("Привет", "Кинотест"),
        ("Группа крови (Live 1989)".encode("cp1251"), "Кино".encode("cp1251")): (
            "Группа крови (Live 1989)",
            "Кино",
        ),
        ("ПРИВЕТ".encode(), "Привет".encode("cp1251")): ("ПРИВЕТ", "Привет"),
        # Rightly declared, or in doubt.
        ("Café del Marú".encode("latin-1"), b"Bj\xf6rn"): ("Café del Marú", "Björn"),
        (b"\xc5\xc4\xd6", b"\xc9t\xe9 \xe0 \xc9ze"): ("ÅÄÖ", "Été à Éze"),
        (b"\xe5\xe4\xf6 \xe5\xe4\xf6", b"Band"): ("åäö åäö", "Band"),
        ("Καλημέρα".encode("cp1253"), b"Band"): ("ÊáëçìÝñá", "Band"),
        ("привет".encode("koi8-r"), b"Band"): ("ÐÒÉ×ÅÔ", "Band"),
        ("да".encode("cp1251"), b"Band"): ("äà", "Band"),
    }
    path = tmp_path / "a.mp3"
    meant = {}
    for title, artist in tags:
        found = read(reader, path, odd.id3(*odd.texts(TIT2=title, TPE1=artist)))
        meant[title, artist] = (found.title, *found.artists)
    assert meant == tags


def test_text_that_is_rightly_declared_stays_whatever_it_looks_like(
    tmp_path: Path, reader: FileReader
) -> None:
    data = odd.id3(*odd.texts(TIT2="CafÃ©", TPE1="Ïðèâåò"))
    tags = read(reader, tmp_path / "a.mp3", data)
    assert (tags.title, tags.artists) == ("CafÃ©", ["Ïðèâåò"])
