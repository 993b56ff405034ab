"""The tracks that ship with the product are complete, tagged and small enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import ID3
from mutagen.mp3 import MP3

HOUSE = Path(__file__).resolve().parents[1] / "music" / "house"
FILES = sorted(HOUSE.glob("*.mp3"))

each_track = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_there_are_twelve_tracks() -> None:
    assert [path.name[:3] for path in FILES] == [f"{number:02}-" for number in range(1, 13)]


def info_of(path: Path) -> Any:
    """What the header of a file says of its sound."""
    return MP3(path).info


@each_track
def test_each_track_lasts_between_45_and_90_seconds(path: Path) -> None:
    assert 45 <= info_of(path).length <= 90


@each_track
def test_each_track_is_stereo_at_44100_hertz(path: Path) -> None:
    info = info_of(path)
    assert (info.channels, info.sample_rate) == (2, 44_100)


def test_together_they_stay_under_twelve_megabytes() -> None:
    assert sum(path.stat().st_size for path in FILES) < 12_000_000


@each_track
def test_each_track_names_its_title_artist_album_and_number(path: Path) -> None:
    tags = ID3(path)
    assert tags.version == (2, 4, 0)
    for frame in ("TIT2", "TPE1", "TALB", "TRCK", "TDRC", "TCON"):
        assert str(tags[frame]).strip(), frame


@each_track
def test_each_track_has_a_front_cover_of_at_most_40_kilobytes(path: Path) -> None:
    (cover,) = ID3(path).getall("APIC")
    assert cover.type == 3
    assert cover.mime in ("image/png", "image/jpeg")
    assert 1_000 < len(cover.data) <= 40_000


@each_track
def test_each_track_carries_its_gain_and_the_cc0_licence(path: Path) -> None:
    tags = ID3(path)
    gain = float(str(tags["TXXX:replaygain_track_gain"]).removesuffix(" dB"))
    assert -2.5 <= gain <= -1.5
    assert "CC0" in str(tags["TCOP"])
    assert "publicdomain/zero" in tags.getall("WCOP")[0].url


def test_titles_are_distinct() -> None:
    assert len({str(ID3(path)["TIT2"]) for path in FILES}) == 12


def test_covers_are_distinct() -> None:
    assert len({ID3(path).getall("APIC")[0].data for path in FILES}) == 12
