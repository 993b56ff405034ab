"""Spotify through the API: who finds what, who adds how much, and what it costs."""

from typing import Any

import pytest
from django.core.cache import cache

from music.actions.playback import play
from music.actions.queue import add_track
from music.actions.sources import THERE
from music.models import QueueItem, Track
from music.sources import registry
from music.sources.spotify import quota
from music.sources.spotify.models import Account
from music.sources.spotify.outputs import keep_right, note_if_live
from rooms import actions, clock, limits
from rooms.models import Member, Receipt, Room
from rooms.roles import Role
from tests.conftest import make_track
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.player import Device
from tests.http import NOTHING, ask, refusal
from tests.spotify import source

pytestmark = pytest.mark.django_db


def path(room: Room, rest: str) -> str:
    return f"/api/rooms/{room.code}{rest}"


def found(member: Member, query: str = "rain", **more: str) -> Any:
    rest = "".join(f"&{name}={value}" for name, value in more.items())
    answer = ask(member, "GET", path(member.room, f"/search?source=spotify&q={query}{rest}"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def uri(spotify: FakeSpotify, name: str) -> str:
    return spotify.catalogue.track(name).uri


def add(member: Member, uri: str) -> Any:
    return ask(member, "POST", path(member.room, "/queue"), {"uri": uri})


def add_many(member: Member, *uris: str, **headers: str) -> Any:
    return ask(member, "POST", path(member.room, "/queue/many"), {"uris": uris}, **headers)


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["outcome"] for each in answer.json()["items"]]


# --- Finding --------------------------------------------------------------------------------------


def test_a_listener_finds_tracks_of_spotify_ten_at_a_time(guest: Member, account: Account) -> None:
    page = found(guest, "e")
    assert (len(page["items"]), page["next"], page["stale_since_ms"]) == (10, "10", None)
    track = page["items"][0]
    assert (track["source"], track["audio"], track["waiting_item"]) == ("spotify", None, None)
    assert track["link"].startswith("https://open.spotify.com/track/")
    assert track["cover"].endswith("-300.png")
    assert {each["uri"] for each in found(guest, "e", cursor="10")["items"]} & {
        track["uri"]
    } == set()


def test_what_cannot_be_queued_is_counted_in_the_answer(guest: Member, account: Account) -> None:
    page = found(guest, "goats")
    assert page["skipped"] == {"market": 1, "product": 1, "unplayable": 1}
    assert len(page["items"]) == 2


def test_a_search_saves_nothing_and_takes_a_fixed_number_of_queries(
    guest: Member, account: Account, django_assert_max_num_queries: Any
) -> None:
    found(guest, "e")
    with django_assert_max_num_queries(10):
        found(guest, "e")
    assert not Track.objects.exists()


def test_a_search_names_what_waits_and_what_is_refused_without_any_being_saved(
    host: Member, guest: Member, account: Account, spotify: FakeSpotify
) -> None:
    add_track(member=guest, track=registry.resolve(uri(spotify, "Applause"), host.room))
    note_if_live(host.room_id, THERE)
    play(by=host)
    waiting = add(guest, uri(spotify, "Umbrella Weather")).json()
    items = {each["title"]: each for each in found(guest)["items"]}
    assert items["Applause"]["refusal"]["code"] == "rests"
    assert items["Umbrella Weather"]["waiting_item"] == waiting["id"]
    assert items["Rain Is Only Applause"]["refusal"] is None
    assert Track.objects.count() == 2


def test_a_recording_of_the_library_and_of_spotify_is_one_entry(
    guest: Member, account: Account, spotify: FakeSpotify, music_folder: Any
) -> None:
    track = make_track(1, music_folder)
    track.title, track.artists = "Applause (Remastered)", ["Tin Umbrella Society"]
    track.save()
    item, _ = add_track(member=guest, track=track)
    items = {each["title"]: each for each in found(guest)["items"]}
    assert items["Applause"]["waiting_item"] == str(item.pk)
    answer = add(guest, uri(spotify, "Applause"))
    assert (answer.status_code, answer.json()["id"]) == (200, str(item.pk))
    assert Track.objects.count() == 1


def test_without_an_account_spotify_is_not_there(guest: Member, spotify: FakeSpotify) -> None:
    for rest in ("/search?source=spotify&q=rain", "/playlists?source=spotify"):
        answer = ask(guest, "GET", path(guest.room, rest))
        assert refusal(answer) == (409, "spotify_not_connected")
    assert refusal(add(guest, uri(spotify, "Applause"))) == (409, "spotify_not_connected")


def test_trouble_that_a_search_meets_is_told_to_the_room_and_heals(
    spotify: FakeSpotify, guest: Member, account: Account, kitchen: Device
) -> None:
    until: list[int | None] = []
    cases: list[tuple[str, str, Any]] = [
        ("degraded", "spotify_limited", {"status": 429, "retry_after": 900}),
        ("degraded", "spotify_away", {"status": 503}),
        ("degraded", "spotify_operator", {"status": 403, "body": "text", "message": "premium"}),
        ("degraded", "spotify_unsure", {"status": 401}),
        ("away", "spotify_not_listed", {"status": 403, "message": "User not registered"}),
    ]
    for n, (state, cause, fault) in enumerate(cases):
        with spotify.fail("search", **fault):
            ask(guest, "GET", path(guest.room, f"/search?source=spotify&q=rain{n}"))
        told = source(guest)
        assert (told.state, told.cause) == (state, cause), cause
        until.append(told.until_ms)
        quota.forget()
        cache.clear()
        assert found(guest, f"rain{n}")["items"] == []
        assert source(guest).state == "available", cause
    assert None not in until


def test_a_limit_that_a_search_has_met_is_over_at_its_moment(
    spotify: FakeSpotify, guest: Member, account: Account, kitchen: Device
) -> None:
    with spotify.fail("search", status=429, retry_after=900):
        ask(guest, "GET", path(guest.room, "/search?source=spotify&q=rain"))
    with clock.shifted(901_000):
        keep_right()
        assert source(guest).state == "available"


def test_an_outage_is_told_as_one(guest: Member, account: Account, spotify: FakeSpotify) -> None:
    spotify.fail("search", status=429, retry_after=900)
    answer = ask(guest, "GET", path(guest.room, "/search?source=spotify&q=rain"))
    assert refusal(answer) == (503, "spotify_limited")
    assert int(answer["Retry-After"]) > 890
    assert answer.json()["error"]["until_ms"] > clock.now_ms() + 890_000
    spotify.fail("catalogue", status=503)
    assert refusal(add(guest, uri(spotify, "Applause"))) == (503, "spotify_away")


@pytest.mark.parametrize("rest", ["/search?q=rain&", "/playlists?", "/playlists/liked?"])
def test_an_ended_room_asks_nothing_through_its_hosts_account(
    host: Member, account: Account, spotify: FakeSpotify, rest: str
) -> None:
    actions.end_room(by=host)
    assert not Account.objects.of_room(Room.objects.get()).exists()
    answer = ask(host, "GET", path(host.room, rest + "source=spotify"))
    assert refusal(answer) == (409, "room_ended")
    assert refusal(add(host, uri(spotify, "Applause"))) == (409, "room_ended")
    devices = ask(host, "GET", path(host.room, "/spotify/devices"))
    assert refusal(devices) == (409, "room_ended")
    assert spotify.calls == []


# --- Adding ---------------------------------------------------------------------------------------


def test_a_found_track_is_saved_once_and_without_a_call_when_it_is_added(
    guest: Member, other: Member, account: Account, spotify: FakeSpotify
) -> None:
    track = found(guest)["items"][0]
    spotify.forget_calls()
    answer = add(guest, track["uri"])
    assert answer.status_code == 201
    assert add(other, track["uri"]).json()["up"] == 2
    assert spotify.calls == []
    saved = Track.objects.get()
    assert (saved.uri, saved.title, saved.source) == (track["uri"], track["title"], "spotify")
    assert (len(saved.isrc), bool(saved.recording), saved.audio) == (12, True, "")


def test_a_track_that_is_added_again_has_what_spotify_says_now(
    guest: Member, outsider: Member, account: Account, spotify: FakeSpotify
) -> None:
    Track.objects.create(uri=uri(spotify, "Applause"), source="spotify", title="Old", duration_ms=1)
    assert add(guest, uri(spotify, "Applause")).json()["track"]["title"] == "Applause"
    assert Track.objects.get().recording == "tinumbrellasociety\tapplause"


def test_a_refused_track_is_not_saved(
    host: Member, guest: Member, account: Account, spotify: FakeSpotify
) -> None:
    ask(host, "PATCH", path(host.room, ""), {"rules": {"explicit": False}})
    assert refusal(add(guest, uri(spotify, "Gutterball Hymn"))) == (409, "explicit_off")
    assert not Track.objects.exists()


def test_several_tracks_are_added_each_by_the_rules(
    host: Member, account: Account, spotify: FakeSpotify
) -> None:
    ask(host, "PATCH", path(host.room, ""), {"rules": {"explicit": False}})
    add(host, uri(spotify, "Applause"))
    names = ("Curtains", "Applause", "Gutterball Hymn")
    answer = add_many(host, *(uri(spotify, name) for name in names), "spotify:track:no", "tape:1")
    assert outcomes(answer) == ["added", "waiting", *["refused"] * 3]
    first, again, explicit, unknown, _ = answer.json()["items"]
    assert (first["item"]["my_vote"], first["error"]) == (1, None)
    assert again["item"]["track"]["title"] == "Applause"
    assert (explicit["item"], explicit["error"]["code"]) == (None, "explicit_off")
    assert unknown["error"]["code"] == "unknown_track"
    assert QueueItem.objects.waiting().count() == 2


def test_several_tracks_count_as_many_against_the_limit(
    guest: Member, account: Account, spotify: FakeSpotify, settings: Any, host: Member
) -> None:
    settings.LIMITS = settings.LIMITS | {"ADDS": "2/60"}
    ask(host, "PATCH", path(host.room, ""), {"rules": {"open_requests": None}})
    names = ("Curtains", "Applause", "Snøfnugg")
    answer = add_many(guest, *(uri(spotify, name) for name in names))
    assert outcomes(answer) == ["added", "added", "refused"]
    assert answer.json()["items"][2]["error"]["code"] == "rate_limited"
    assert len(spotify.calls_to("/v1/tracks/*")) == 2


def test_several_tracks_of_an_opened_playlist_take_no_call(
    host: Member, account: Account, spotify: FakeSpotify
) -> None:
    lists = ask(host, "GET", path(host.room, "/playlists?source=spotify")).json()["items"]
    id = next(each["id"] for each in lists if each["name"] == "Friday kitchen")
    tracks = ask(host, "GET", path(host.room, f"/playlists/{id}?source=spotify")).json()["items"]
    spotify.forget_calls()
    assert outcomes(add_many(host, *(track["uri"] for track in tracks))) == ["added"] * 12
    assert spotify.calls == []


def test_a_source_that_is_away_for_one_is_not_asked_for_the_others(
    host: Member, account: Account, spotify: FakeSpotify, music_folder: Any
) -> None:
    library = make_track(1, music_folder)
    spotify.fail("catalogue", status=429, retry_after=60)
    names = ("Curtains", "Applause", "Snøfnugg")
    answer = add_many(host, *(uri(spotify, name) for name in names), library.uri)
    assert outcomes(answer) == ["refused"] * 3 + ["added"]
    assert len(spotify.calls_to("/v1/tracks/*")) == 1


def test_a_repeat_with_the_same_key_adds_nothing(
    host: Member, account: Account, spotify: FakeSpotify
) -> None:
    uris = [uri(spotify, name) for name in ("Curtains", "Applause")]
    first = add_many(host, *uris, Idempotency_Key="once")
    spotify.forget_calls()
    again = add_many(host, *uris, Idempotency_Key="once")
    assert outcomes(again) == ["added", "added"]
    assert again.json() == first.json()
    assert spotify.calls == []


def test_a_repeat_of_what_was_cut_off_adds_only_the_rest(
    host: Member, account: Account, spotify: FakeSpotify
) -> None:
    uris = [uri(spotify, name) for name in ("Curtains", "Applause")]
    add_many(host, *uris, Idempotency_Key="once")
    # As if the process had been killed after the first of them, which has been played since.
    Receipt.objects.exclude(pk=Receipt.objects.earliest("pk").pk).delete()
    QueueItem.objects.all().delete()
    assert outcomes(add_many(host, *uris, Idempotency_Key="once")) == ["added", "added"]
    assert [item.track.title for item in QueueItem.objects.all()] == ["Applause"]


def test_a_repeat_tries_again_what_was_put_off(
    host: Member, account: Account, spotify: FakeSpotify, settings: Any
) -> None:
    uris = [uri(spotify, name) for name in ("Curtains", "Applause")]
    settings.LIMITS = settings.LIMITS | {"HOST_ADDS": "1/60"}
    assert outcomes(add_many(host, *uris, Idempotency_Key="once")) == ["added", "refused"]
    limits.forget()  # a minute later
    assert outcomes(add_many(host, *uris, Idempotency_Key="once")) == ["added", "added"]
    assert QueueItem.objects.count() == 2


def test_several_tracks_at_once_count_as_a_change_besides(guest: Member, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"CHANGES": "2/60"}
    answers = [add_many(guest, "library:no", Idempotency_Key=f"key {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize("uris", [[], ["library:x"] * 51, "library:x", [1], None])
def test_a_list_of_none_or_too_many_is_invalid(host: Member, uris: Any) -> None:
    answer = ask(host, "POST", path(host.room, "/queue/many"), {"uris": uris})
    assert refusal(answer) == (422, "invalid")


def test_who_may_not_add_is_refused_whole(host: Member, guest: Member) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    assert refusal(add_many(guest, "library:test1")) == (403, "muted")


def test_spotify_is_asked_nothing_for_who_may_not_add(
    host: Member, guest: Member, account: Account, spotify: FakeSpotify
) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    assert refusal(add(guest, uri(spotify, "Applause"))) == (403, "muted")
    assert spotify.calls == []


# --- Limits ---------------------------------------------------------------------------------------


def test_searches_of_spotify_have_a_limit_of_their_own(
    guest: Member, other: Member, account: Account, settings: Any
) -> None:
    settings.LIMITS = settings.LIMITS | {"SPOTIFY_SEARCHES": "1/60"}
    search = path(guest.room, "/search?q=rain&source=")
    found(guest)
    assert refusal(ask(guest, "GET", search + "spotify")) == (429, "rate_limited")
    assert ask(guest, "GET", search + "library").status_code == 200
    found(other)


def test_a_room_has_a_ceiling_for_searches_of_spotify(
    host: Member, guest: Member, other: Member, account: Account, settings: Any
) -> None:
    settings.LIMITS = settings.LIMITS | {"ROOM_SPOTIFY_SEARCHES": "2/60"}
    found(guest, "rain")
    found(other, "goats")
    answer = ask(host, "GET", path(host.room, "/search?q=harbour&source=spotify"))
    assert refusal(answer) == (429, "rate_limited")
    assert "in this room" in answer.json()["error"]["message"]


def test_words_that_were_searched_lately_lock_no_search_of_the_room(
    guest: Member, other: Member, account: Account, settings: Any
) -> None:
    settings.LIMITS = settings.LIMITS | {"ROOM_SPOTIFY_SEARCHES": "2/60"}
    for _ in range(5):
        found(guest, "rain")
    found(other, "goats")
    found(other, "rain")


def test_tracks_that_spotify_is_asked_for_count_against_the_ceiling_of_the_room(
    guest: Member, host: Member, account: Account, spotify: FakeSpotify, settings: Any
) -> None:
    settings.LIMITS = settings.LIMITS | {"ROOM_SPOTIFY_SEARCHES": "2/60"}
    known = found(guest)["items"][0]["uri"]
    assert add(guest, uri(spotify, "Curtains")).status_code == 201
    assert refusal(add(host, uri(spotify, "Snøfnugg"))) == (429, "rate_limited")
    assert add(host, known).status_code == 201
    assert len(spotify.calls_to("/v1/tracks/*")) == 1


def test_a_room_that_may_not_ask_does_with_what_is_known(
    guest: Member, account: Account, spotify: FakeSpotify, settings: Any
) -> None:
    settings.LIMITS = settings.LIMITS | {"ROOM_SPOTIFY_SEARCHES": "1/7200"}
    first = found(guest)
    Track.objects.create(uri=uri(spotify, "Curtains"), source="spotify", title="C", duration_ms=1)
    assert add(guest, uri(spotify, "Curtains")).status_code == 201
    with clock.shifted(3_600_000):
        later = found(guest)
    assert later["items"][1] == first["items"][1]
    assert later["stale_since_ms"] is not None


# --- Playlists ------------------------------------------------------------------------------------


def test_the_hosts_playlists_are_for_host_and_co_hosts(
    host: Member, guest: Member, other: Member, account: Account
) -> None:
    actions.set_role(by=host, member_id=other.pk, role=Role.COHOST)
    for rest in ("/playlists?source=spotify", "/playlists/liked?source=spotify"):
        for member in (host, other):
            assert ask(member, "GET", path(host.room, rest)).status_code == 200
        assert refusal(ask(guest, "GET", path(host.room, rest))) == (403, "not_allowed")


def test_a_list_of_playlists_says_what_each_is(host: Member, account: Account) -> None:
    answer = ask(host, "GET", path(host.room, "/playlists?source=spotify")).json()
    assert set(answer) == {"items", "next", "skipped", "stale_since_ms"}
    items = {each["name"]: each for each in answer["items"]}
    liked, shared = items["Liked songs"], items["Made by somebody else (ann)"]
    assert (liked["id"], liked["tracks"], liked["cover"], liked["link"]) == ("liked", *[None] * 3)
    assert (shared["owner"], shared["tracks"], shared["readable"]) == ("Vera", 25, False)
    assert shared["why_not"]
    assert items["Friday kitchen"]["link"].startswith("https://open.spotify.com/playlist/")
    assert items["Odds and ends"]["cover"] is None


def test_tracks_of_a_playlist_are_told_as_those_of_a_search(host: Member, account: Account) -> None:
    first = ask(host, "GET", path(host.room, "/playlists/liked?source=spotify")).json()
    waiting = add(host, first["items"][0]["uri"]).json()
    page = ask(host, "GET", path(host.room, "/playlists/liked?source=spotify")).json()
    assert page["items"][0]["waiting_item"] == waiting["id"]
    assert set(page["items"][0]) == set(found(host)["items"][0])


@pytest.mark.usefixtures("tracks")
def test_shelves_are_the_playlists_of_the_library(guest: Member) -> None:
    answer = ask(guest, "GET", path(guest.room, "/playlists"), NOTHING).json()
    key = next(each["id"] for each in answer["items"] if each["tracks"] == 5)
    page = ask(guest, "GET", path(guest.room, f"/playlists/{key}")).json()
    assert [each["title"] for each in page["items"]] == [f"Track {n}" for n in range(1, 6)]
    unknown = ask(guest, "GET", path(guest.room, "/playlists/nothing"))
    assert refusal(unknown) == (404, "unknown_playlist")


def test_a_playlist_that_spotify_does_not_show_is_refused_with_the_reason(
    host: Member, account: Account
) -> None:
    lists = ask(host, "GET", path(host.room, "/playlists?source=spotify")).json()["items"]
    closed = next(each for each in lists if not each["readable"])
    answer = ask(host, "GET", path(host.room, f"/playlists/{closed['id']}?source=spotify"))
    assert refusal(answer) == (403, "spotify_not_readable")
    assert answer.json()["error"]["message"] == closed["why_not"]
