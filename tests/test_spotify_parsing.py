"""Spotify's JSON as it may come: nothing about it is taken for granted."""

from typing import Any

import pytest

from music.sources.spotify import parsing
from music.sources.spotify.errors import Away
from music.sources.spotify.parsing import Skipped

ID = "4uLU6hMCjMI75M1A2tKUQC"
TRACK: dict[str, Any] = {
    "id": ID,
    "uri": f"spotify:track:{ID}",
    "name": "Harbour",
    "type": "track",
    "duration_ms": 201_337,
    "explicit": True,
    "is_local": False,
    "is_playable": True,
    "external_ids": {"isrc": "GBAYE0601498"},
    "external_urls": {"spotify": f"https://open.spotify.com/track/{ID}"},
    "artists": [{"name": "Ada"}, {"name": "Ben"}],
    "album": {
        "name": "Low Tide",
        "release_date": "1981-12-05",
        "images": [
            {"url": "https://i.scdn.co/640", "width": 640},
            {"url": "https://i.scdn.co/300", "width": 300},
            {"url": "https://i.scdn.co/64", "width": 64},
        ],
    },
}


def album(**facts: Any) -> dict[str, Any]:
    return TRACK | {"album": TRACK["album"] | facts}


def test_a_track_tells_all_we_show() -> None:
    song = parsing.song(TRACK)
    assert (song.uri, song.title, song.artists) == (TRACK["uri"], "Harbour", ("Ada", "Ben"))
    assert (song.album, song.duration_ms, song.explicit) == ("Low Tide", 201_337, True)
    assert (song.isrc, song.cover, song.year) == ("GBAYE0601498", "https://i.scdn.co/300", 1981)
    track = song.as_track()
    assert track._state.adding
    assert (track.source, track.audio) == ("spotify", "")
    assert track.recording == "ada\tharbour"
    assert track.link == TRACK["external_urls"]["spotify"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (None, "gone"),
        (TRACK | {"is_local": True, "id": None}, "local"),
        ({"type": "episode", "id": ID, "name": "On lifts", "duration_ms": 5}, "episode"),
        (TRACK | {"is_playable": False}, "unplayable"),
        (TRACK | {"restrictions": {"reason": "market"}}, "market"),
        (TRACK | {"restrictions": {"reason": "product"}, "is_playable": False}, "product"),
        (TRACK | {"restrictions": {"reason": "explicit"}}, "explicit"),
        (TRACK | {"restrictions": {"reason": "moon phase"}}, "restricted"),
        (TRACK | {"restrictions": {"reason": ["odd"]}}, "restricted"),
        (TRACK | {"id": None}, "broken"),
        (TRACK | {"id": "../me"}, "broken"),
        (TRACK | {"name": ""}, "broken"),
        (TRACK | {"name": None}, "broken"),
        (TRACK | {"duration_ms": 0}, "broken"),
        (TRACK | {"duration_ms": None}, "broken"),
        (TRACK | {"duration_ms": 2**40}, "broken"),
        (TRACK | {"duration_ms": float("inf")}, "broken"),
        ("a text", "broken"),
        ([], "broken"),
        ({}, "broken"),
    ],
)
def test_what_cannot_be_queued_is_skipped_with_its_reason(data: Any, why: str) -> None:
    with pytest.raises(Skipped) as skipped:
        parsing.song(data)
    assert skipped.value.why == why


@pytest.mark.parametrize("missing", ["is_playable", "restrictions", "external_ids", "is_local"])
def test_what_is_not_said_stands_against_nothing(missing: str) -> None:
    assert parsing.song({key: value for key, value in TRACK.items() if key != missing})


@pytest.mark.parametrize("artists", [None, [], [None], [{}], [{"name": None}], "Ada"])
def test_a_track_without_artists_is_a_track(artists: Any) -> None:
    assert parsing.song(TRACK | {"artists": artists}).artists == ()


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("1981", 1981),
        ("1981-12", 1981),
        ("1981-12-05", 1981),
        ("0000", None),
        (None, None),
        (5, None),
    ],
)
def test_a_date_has_three_precisions_or_none(date: Any, year: int | None) -> None:
    assert parsing.song(album(release_date=date)).year == year


@pytest.mark.parametrize(
    ("images", "cover"),
    [
        (None, ""),
        ([], ""),
        ([None, {}, {"url": None}], ""),
        ([{"url": "https://i.scdn.co/640", "width": 640}], "https://i.scdn.co/640"),
        ([{"url": f"https://i.scdn.co/{n}", "width": None} for n in (1, 2)], "https://i.scdn.co/1"),
        (
            [{"url": "https://i.scdn.co/" + "x" * 200}, {"url": "https://i.scdn.co/s"}],
            "https://i.scdn.co/s",
        ),
        ([{"url": "http://elsewhere.example/1"}, {"url": "javascript:alert(1)"}], ""),
        ([{"url": "https://[i.scdn.co/1"}, {"url": "https://i.scdn.co/s"}], "https://i.scdn.co/s"),
    ],
)
def test_a_cover_is_one_that_fits_and_a_page_may_show(images: Any, cover: str) -> None:
    assert parsing.song(album(images=images)).cover == cover


def test_a_link_that_is_none_is_not_linked_to() -> None:
    for link in ("javascript:alert(1)", None, 7, "https://open.spotify.com/" + "x" * 200):
        assert parsing.song(TRACK | {"external_urls": {"spotify": link}}).link == ""


def test_texts_fit_their_columns_and_any_database() -> None:
    song = parsing.song(TRACK | {"name": "\0x\ud800" * 400} | {"artists": [{"name": "y" * 999}]})
    assert song.title == "x" * 300
    assert song.artists == ("y" * 300,)


def test_a_name_does_not_turn_the_words_around_it() -> None:
    assert parsing.text("\u2067abc\u202ed\u2069ef", 300) == "abcdef"


def test_an_entry_has_its_track_under_either_name() -> None:
    assert parsing.entry({"item": TRACK}).title == "Harbour"
    assert parsing.entry({"track": TRACK}).title == "Harbour"
    assert parsing.entry({"item": None, "track": TRACK}).title == "Harbour"
    assert parsing.entry({"item": TRACK, "track": TRACK | {"name": "Older"}}).title == "Harbour"
    for entry, why in ((None, "gone"), ({}, "gone"), ({"is_local": True, "item": TRACK}, "local")):
        with pytest.raises(Skipped, match=why):
            parsing.entry(entry)


def test_a_sheet_counts_what_it_skips() -> None:
    entries = [{"item": TRACK}, {"item": None}, None, {"item": TRACK | {"is_local": True}}]
    sheet = parsing.sheet({"items": entries, "next": None}, parsing.entry)
    assert len(sheet.items) == 1
    assert sheet.skipped == {"gone": 2, "local": 1}


def test_an_empty_sheet_that_promises_more_is_the_last() -> None:
    sheet = parsing.sheet({"items": [], "next": "https://api/x", "offset": 5}, parsing.entry)
    assert (sheet.next, sheet.following) == (None, None)


@pytest.mark.parametrize("data", [None, [], "", {}, {"items": None}, {"items": {}}])
def test_a_sheet_that_is_none_is_as_good_as_no_answer(data: Any) -> None:
    with pytest.raises(Away):
        parsing.sheet(data, parsing.entry)


@pytest.mark.parametrize("facts", [{"items": {"total": 3}}, {"tracks": {"total": 3}}])
def test_a_playlist_counts_its_tracks_under_either_name(facts: dict[str, Any]) -> None:
    listing = parsing.listing({"id": ID, "name": "Mix", "owner": {"id": "ann"}} | facts)
    assert (listing.tracks, listing.cover, listing.owner) == (3, "", "")
    assert listing.readable_by("ann")
    assert not listing.readable_by("ben")


def test_a_playlist_may_lack_all_but_its_id() -> None:
    assert parsing.listing({"id": ID}).name == "Without a name"
    for broken in ({}, {"id": None}, "text"):
        with pytest.raises(Skipped):
            parsing.listing(broken)


def test_a_person_may_lack_a_name_and_the_younger_id() -> None:
    person = parsing.person({"id": "ann", "display_name": None})
    assert (person.account_id, person.user_id, person.name) == ("ann", "ann", "")
    with pytest.raises(Away):
        parsing.person({"display_name": "Ann"})


def test_devices_and_the_player_are_read_with_their_gaps() -> None:
    [device] = parsing.devices({"devices": [None, {"id": None, "volume_percent": None}]})
    assert (device.id, device.name, device.volume, device.has_volume) == (
        None,
        "A device",
        None,
        True,
    )
    told = {"is_playing": True, "item": None, "actions": {"disallows": {"seeking": True}}}
    player = parsing.player(told | {"currently_playing_type": "ad"}, at_ms=5)
    assert player is not None
    assert (player.kind, player.uri, player.device, player.position_ms) == ("ad", None, None, None)
    assert player.disallowed == {"seeking"}
    flat = parsing.player({"actions": {"pausing": True, "seeking": False}}, at_ms=5)
    assert flat is not None
    assert flat.disallowed == {"pausing"}
