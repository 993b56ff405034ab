"""How ready Spotify is: the host's page and the operator's doctor; and what everybody may read."""

import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from music.actions.queue import add_track
from music.actions.tracks import forget_unused_tracks
from music.models import RoomSource, Track
from music.sources.spotify import quota, readiness
from music.sources.spotify.errors import Away, Limited, OperatorPremium, Unsure
from music.sources.spotify.models import PERMISSION_MS, WARN_AHEAD_MS, Account, Trouble
from music.sources.spotify.outputs import account_is_back
from music.sources.spotify.quota import Bucket
from music.sources.spotify.readiness import Check, Findings, State
from rooms import actions, clock
from rooms.models import Member, Room
from rooms.roles import Role
from tests.answers import Answer
from tests.conftest import browser_of
from tests.fakes.spotify import FakeSpotify, Person
from tests.http import OPERATIONS, ask, refusal, text_of
from tests.spotify import browser_at_home, connected, listening

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def cohost(host: Member, guest: Member) -> Member:
    return actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)


def page_of(member: Member | None, room: Room, path: str = "/spotify") -> Answer:
    page: Answer = browser_at_home(member).get(f"/r/{room.code}{path}")
    return page


def found(account: Account | None, findings: Findings | None = None) -> dict[str, Check]:
    """All checks by their names."""
    if account is not None:
        account.refresh_from_db()
    checks = readiness.checks(origin=HERE, account=account, findings=findings)
    return {check.name: check for check in checks}


def states(checks: dict[str, Check]) -> dict[str, State]:
    return {name: check.state for name, check in checks.items()}


# --- The checks ---------------------------------------------------------------------------------


def test_before_a_login_nothing_is_wrong_and_the_next_steps_are_said(
    db: None, spotify: FakeSpotify
) -> None:
    checks = found(None)
    assert {*states(checks).values()} == {State.UNKNOWN}
    assert f"{HERE}/accounts/spotify/login/callback/" in checks["redirect"].sentence
    assert "registers exactly this address" in checks["redirect"].next_step


def test_a_connected_account_is_right_but_for_what_only_playing_shows(account: Account) -> None:
    checks = states(found(account))
    unknown = {"premium", "quota", "device"}
    assert {name for name, state in checks.items() if state == State.UNKNOWN} == unknown
    assert State.WRONG not in checks.values()


@pytest.mark.parametrize(
    ("fields", "name", "says"),
    [
        ({"trouble": "spotify_reconnect"}, "account", "ended the permission"),
        ({"trouble": "spotify_not_listed"}, "listed", "not in the list"),
        ({"trouble": "spotify_scope"}, "scopes", "may not do all"),
        ({"scopes": "playlist-read-private"}, "scopes", "may not yet play here"),
        ({"trouble": "spotify_premium"}, "premium", "no Premium"),
        ({"premium": False}, "premium", "no Premium"),
        ({"authorised_at_ms": 1}, "permission", "was given until"),
    ],
)
def test_what_is_wrong_with_an_account_is_named_with_a_next_step(
    account: Account, fields: dict[str, Any], name: str, says: str
) -> None:
    Account.objects.update(**fields)
    checks = found(account)
    assert {one for one, state in states(checks).items() if state == State.WRONG} == {name}
    assert says in checks[name].sentence
    assert checks[name].next_step


def test_the_end_of_a_permission_is_announced_a_month_ahead(account: Account) -> None:
    warned_at_ms = account.authorised_at_ms + PERMISSION_MS - WARN_AHEAD_MS
    with clock.held(warned_at_ms - 1000):
        assert found(account)["permission"].state == State.OK
    with clock.held(warned_at_ms + 1):
        permission = found(account)["permission"]
    assert permission.state == State.WRONG
    assert "ends on" in permission.sentence


@pytest.mark.parametrize(
    ("findings", "name", "state", "says"),
    [
        (Findings(devices=2), "quota", State.OK, "answers"),
        (Findings(devices=2), "device", State.OK, "2 devices"),
        (Findings(devices=0), "device", State.WRONG, "No device"),
        (Findings(error=Away()), "quota", State.UNKNOWN, "did not answer"),
        (Findings(error=Unsure()), "quota", State.UNKNOWN, "refuses for now"),
        (Findings(error=OperatorPremium()), "owner", State.WRONG, "owner of the app"),
        (Findings(error=Limited()), "quota", State.WRONG, "after a while"),
    ],
    ids=str,
)
def test_what_spotify_answers_just_now_is_said(
    account: Account, findings: Findings, name: str, state: State, says: str
) -> None:
    check = found(account, findings)[name]
    assert check.state == state
    assert says in check.sentence


def test_all_groups_that_spotify_has_closed_are_told_each_with_its_end(account: Account) -> None:
    ends = [quota.limited(each, 600).until_ms or 0 for each in (Bucket.PLAYER, Bucket.SEARCH)]
    playing, search = (f"{datetime.fromtimestamp(each / 1000, UTC):%H:%M} UTC" for each in ends)
    check = found(account, Findings(devices=2))["quota"]
    assert check.state == State.WRONG
    assert check.sentence == f"Search: until {search}. Playing: until {playing}."
    with clock.shifted(601_000):
        assert found(account, Findings(devices=2))["quota"].state == State.OK


@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://192.168.1.5:8000"])
def test_an_address_that_spotify_refuses_is_red(
    spotify: FakeSpotify, db: None, origin: str
) -> None:
    (check,) = (one for one in readiness.checks(origin=origin) if one.name == "redirect")
    assert check.state == State.WRONG
    assert "http://127.0.0.1:8000" in check.next_step


# --- The page -----------------------------------------------------------------------------------


def test_the_host_sees_every_check_with_its_state_in_words(
    account: Account, host: Member, room: Room
) -> None:
    page = page_of(host, room)
    assert len(page.context["checks"]) == 9
    for check in page.context["checks"]:
        assert check.title in text_of(page)
        assert check.sentence in text_of(page)
    assert {"Ready", "Not known yet"} <= {*re.findall(r"<span>([^<]+)</span> </p>", text_of(page))}
    assert "Premium." in text_of(page)


def test_before_a_login_the_page_promises_only_what_there_is(
    spotify: FakeSpotify, host: Member, room: Room
) -> None:
    page = text_of(page_of(host, room))
    assert "add from your playlists and liked songs" in page
    assert "shel" not in page.lower()


def test_only_the_host_can_do_something_about_it(
    account: Account, host: Member, cohost: Member, other: Member, room: Room
) -> None:
    assert "<form" in text_of(page_of(host, room))
    assert "<form" not in text_of(page_of(cohost, room))
    assert "Ann" not in text_of(page_of(cohost, room))
    assert page_of(other, room).status_code == 403
    assert page_of(None, room)["Location"] == f"/r/{room.code}"
    assert browser_at_home(cohost).post(f"/r/{room.code}/spotify").status_code == 403


def test_the_host_is_asked_to_connect_again_when_that_helps(
    account: Account, host: Member, room: Room
) -> None:
    assert "Connect again" not in text_of(page_of(host, room))
    Account.objects.update(trouble="spotify_reconnect", access_token="", refresh_token="")
    assert "Connect again" in text_of(page_of(host, room))


@pytest.mark.parametrize("trouble", ["spotify_not_listed", "spotify_premium"])
def test_what_was_mended_at_spotify_is_mended_here_by_connecting_again(
    account: Account, host: Member, room: Room, spotify: FakeSpotify, trouble: str
) -> None:
    Account.objects.update(trouble=trouble)
    assert "Connect again" in text_of(page_of(host, room))
    connected(spotify, "ann", host)
    assert "Connect again" not in text_of(page_of(host, room))


def test_rooms_go_on_once_asking_shows_that_the_account_is_in_the_list(
    account: Account, host: Member, room: Room
) -> None:
    Account.objects.update(trouble="spotify_not_listed")
    account.refresh_from_db()
    account_is_back(account)
    assert RoomSource.objects.get(room=room).cause == "spotify_not_listed"
    browser_at_home(host).post(f"/r/{room.code}/spotify")
    assert Account.objects.get().trouble == ""
    assert RoomSource.objects.get(room=room).cause == "spotify_no_device"


def test_tokens_that_cannot_be_read_any_more_break_no_page(
    account: Account, host: Member, room: Room, settings: Any
) -> None:
    settings.TOKEN_KEYS = ["another"]
    assert page_of(host, room).status_code == 200
    assert browser_at_home(host).post(f"/r/{room.code}/spotify").status_code == 200


def test_spotify_is_asked_when_the_host_wants_that_and_not_for_reading_the_page(
    account: Account, host: Member, room: Room, spotify: FakeSpotify
) -> None:
    page_of(host, room)
    assert spotify.calls == []
    asked = browser_at_home(host).post(f"/r/{room.code}/spotify")
    assert "devices can be reached" in text_of(asked)
    assert "Spotify answers." in text_of(asked)
    assert [call.path for call in spotify.calls] == ["/v1/me", "/v1/me/player/devices"]


def test_what_spotify_refuses_when_asked_is_kept_until_it_is_mended(
    host: Member, room: Room, spotify: FakeSpotify
) -> None:
    account = connected(spotify, "cleo", host)
    asked = browser_at_home(host).post(f"/r/{room.code}/spotify")
    assert "not in the list" in text_of(asked)
    assert found(account)["listed"].state == State.WRONG


def test_a_limit_of_spotify_is_told_with_its_end(
    account: Account, host: Member, room: Room, spotify: FakeSpotify
) -> None:
    with spotify.fail("/v1/me*", status=429, retry_after=600):
        asked = browser_at_home(host).post(f"/r/{room.code}/spotify")
    assert "Tracks: until " in text_of(asked)


def test_checking_again_and_again_has_a_limit(
    account: Account, host: Member, room: Room, spotify: FakeSpotify, settings: Any
) -> None:
    settings.LIMITS = settings.LIMITS | {"SPOTIFY_CALLS": "1/60"}
    browser = browser_at_home(host)
    answers = [browser.post(f"/r/{room.code}/spotify").status_code for _ in range(2)]
    assert answers == [200, 429]
    assert len(spotify.calls_to("/v1/me")) == 1


def test_the_rules_lead_hosts_and_cohosts_there(
    account: Account, host: Member, cohost: Member, other: Member, room: Room
) -> None:
    address = f"/r/{room.code}/spotify"
    assert "Spotify: connected as Ann" in text_of(page_of(host, room, "/rules"))
    assert "Spotify: connected<" in text_of(page_of(cohost, room, "/rules"))
    assert address not in text_of(page_of(other, room, "/rules"))
    Account.objects.update(trouble="spotify_premium")
    assert "Spotify: needs the host" in text_of(page_of(host, room, "/rules"))


def test_an_ended_room_has_no_such_page(account: Account, host: Member, room: Room) -> None:
    actions.end_room(by=host)
    assert page_of(host, room).status_code == 410


def test_nothing_of_spotify_is_there_without_a_client_id(host: Member, room: Room) -> None:
    for path in ("/", f"/r/{room.code}", f"/r/{room.code}/rules", "/privacy"):
        page = browser_of(host).get(path)
        assert page.status_code == 200
        assert "spotify" not in page.content.decode().lower()
        assert "scdn" not in page["Content-Security-Policy"]
    assert page_of(host, room).status_code == 404
    added = ask(host, "POST", f"/api/rooms/{room.code}/queue", {"uri": "spotify:track:1"})
    assert refusal(added) == (404, "unknown_track")
    for operation in (each for each in OPERATIONS if "/spotify/" in each.path):
        path = operation.path.format(code=room.code)
        assert refusal(ask(host, operation.method, path, operation.body)) == (404, "unknown")


# --- Privacy ------------------------------------------------------------------------------------


def test_what_is_kept_can_be_read_by_everybody(client: Client, db: None, settings: Any) -> None:
    settings.ROOM_RETENTION_DAYS = 12
    assert 'href="/privacy"' in client.get("/").content.decode()
    page = client.get("/privacy")
    assert page.status_code == 200
    assert "12 days after it has ended" in text_of(page)


def test_what_is_kept_of_spotify_is_read_from_its_page(
    account: Account, host: Member, room: Room
) -> None:
    assert 'href="/privacy"' in page_of(host, room).content.decode()
    assert "Encrypted, until you disconnect" in text_of(browser_of(host).get("/privacy"))


def test_what_others_see_of_a_hosts_spotify_is_said(
    spotify: FakeSpotify, db: None, client: Client
) -> None:
    page = text_of(client.get("/privacy"))
    assert "Everybody in it sees that name." in page
    assert "Co-hosts see the list of your devices" in page
    assert "your playlists, liked songs and top tracks" in page


def test_a_track_of_spotify_goes_with_the_last_room_that_has_it(host: Member) -> None:
    for source in ("spotify", "library"):
        track = Track(uri=f"{source}:1", source=source, title=source, duration_ms=60_000)
        add_track(member=host, track=track)
    assert forget_unused_tracks(source="spotify") == 0
    actions.end_room(by=host)
    with clock.shifted(31 * 24 * 3600 * 1000):
        actions.erase_old(retention_days=30)
    assert forget_unused_tracks(source="spotify") == 1
    assert Track.objects.get().source == "library"


# --- The doctor ---------------------------------------------------------------------------------


def doctor() -> tuple[int, str]:
    """How `manage.py spotify_doctor` ends, and what it says."""
    said = StringIO()
    try:
        call_command("spotify_doctor", stdout=said, no_color=True)
    except SystemExit as end:
        return int(str(end.code)), said.getvalue()
    return 0, said.getvalue()


def test_the_doctor_says_what_to_do_first(db: None) -> None:
    code, said = doctor()
    assert code == 1
    assert "SPOTIFY_CLIENT_ID is not set" in said
    assert readiness.DASHBOARD in said
    assert "Redirect URI to register: http://127.0.0.1" in said
    assert "refuses localhost" in said


def test_the_doctor_finds_nothing_wrong_where_nothing_is(
    account: Account, spotify: FakeSpotify
) -> None:
    Account.objects.update(premium=True)
    code, said = doctor()
    assert (code, "NOT OK" in said) == (0, False)
    assert "Account of Ann" in said
    assert "Spotify knows the client id" in said


def test_the_doctor_names_an_account_without_premium(host: Member, spotify: FakeSpotify) -> None:
    connected(spotify, "ben", host)
    Account.objects.update(trouble="spotify_premium", premium=False)
    code, said = doctor()
    assert (code, "no Premium" in said) == (1, True)


def test_the_doctor_names_a_login_that_is_over(
    account: Account, ann: Person, spotify: FakeSpotify
) -> None:
    spotify.revoke(ann)
    Account.objects.update(trouble="spotify_reconnect", expires_at_ms=0)
    code, said = doctor()
    assert (code, "Connect again" in said) == (1, True)


def test_a_check_that_comes_out_well_ends_every_trouble(
    account: Account, host: Member, spotify: FakeSpotify
) -> None:
    for trouble in Trouble.values:
        Account.objects.update(trouble=trouble, premium=False, away_until_ms=clock.now_ms() + 10**9)
        code, said = doctor()
        account.refresh_from_db()
        assert (code, account.trouble, account.premium) == (0, "", None), (trouble, said)


def test_the_doctor_wants_no_more_of_an_account_than_to_listen_along(
    guest: Member, spotify: FakeSpotify
) -> None:
    listening(spotify, "finn", guest)
    code, said = doctor()
    assert (code, "NOT OK" in said) == (0, False)
    assert [call.path for call in spotify.calls_to("/v1/*")] == ["/v1/me"]


def test_the_doctor_asks_whether_an_account_is_in_the_list(
    host: Member, spotify: FakeSpotify
) -> None:
    connected(spotify, "cleo", host)
    code, said = doctor()
    assert code == 1
    assert "under User Management" in said


def test_the_doctor_notices_a_wrong_secret_and_shows_none(
    account: Account, settings: Any, spotify: FakeSpotify
) -> None:
    settings.SPOTIFY_CLIENT_SECRET = "not-the-one"
    code, said = doctor()
    assert code == 1
    assert "does not accept the client id" in said
    secrets = ("not-the-one", spotify.client_id, account.access_token, account.refresh_token)
    assert not [secret for secret in secrets if secret in said]


def test_the_doctor_names_the_public_address_to_register(
    db: None, spotify: FakeSpotify, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://party.example"
    address = "https://party.example/accounts/spotify/login/callback/"
    assert f"Redirect URI to register: {address}" in doctor()[1]


def test_an_outage_is_no_fault_of_the_operator(account: Account, spotify: FakeSpotify) -> None:
    spotify.stop()
    code, said = doctor()
    assert (code, "NOT OK" in said) == (0, False)
    assert "unknown Quota: Spotify did not answer." in said


def test_a_key_that_is_missing_while_the_doctor_looks_costs_no_login(
    account: Account, spotify: FakeSpotify, settings: Any
) -> None:
    keys, settings.TOKEN_KEYS = settings.TOKEN_KEYS, ["another"]
    code, said = doctor()
    assert (code, "not in TOKEN_KEYS" in said) == (1, True)
    settings.TOKEN_KEYS = keys
    assert doctor()[0] == 0


@pytest.mark.parametrize(
    "public",
    ["HTTPS://Party.Example", "https://party.example:443", "https://party.example/jukebox"],
)
def test_the_redirect_uri_is_as_browsers_write_the_public_address(
    db: None, spotify: FakeSpotify, settings: Any, public: str
) -> None:
    settings.PUBLIC_URL = public
    said = doctor()[1]
    address = "https://party.example/accounts/spotify/login/callback/"
    assert f"Redirect URI to register: {address}\n" in said
    assert "Open BeatSync at" not in said
