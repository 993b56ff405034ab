"""What the stand-in for Spotify promises to those who test against it."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.fakes.spotify import SCOPES, FakeSpotify, Person
from tests.fakes.spotify.tokens import challenge_of

CALLBACK = "http://127.0.0.1:8000/accounts/spotify/login/callback/"
VERIFIER = "a-verifier-that-is-long-enough-to-be-taken-for-one"
PATIENCE_S = 5


@pytest.fixture
def spotify() -> Iterator[FakeSpotify]:
    with FakeSpotify() as spotify:
        yield spotify


@pytest.fixture
def ann(spotify: FakeSpotify) -> Person:
    return spotify.people["ann"]


class Account:
    """Somebody's line to the Web API."""

    def __init__(self, spotify: FakeSpotify, person: Person, scopes: str = SCOPES) -> None:
        self._session = requests.Session()
        self._url = spotify.url
        token = spotify.tokens_for(person, scopes)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        address = path if path.startswith("http") else f"{self._url}/v1{path}"
        return self._session.request(method, address, **{"timeout": PATIENCE_S} | more)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def whole(self, path: str, **query: Any) -> list[Any]:
        """All pages of a list."""
        page = self.get(path, **query)
        found: list[Any] = page["items"]
        while page["next"]:
            page = self.get(page["next"])
            found += page["items"]
        assert len(found) == page["total"]
        return found


@pytest.fixture
def account(spotify: FakeSpotify, ann: Person) -> Account:
    return Account(spotify, ann)


def refused(answer: requests.Response) -> tuple[int, str, str | None]:
    said = answer.json()["error"]
    assert said["status"] == answer.status_code
    return said["status"], said["message"], said.get("reason")


def authorise_address(spotify: FakeSpotify, **changed: str) -> str:
    asked = {
        "client_id": spotify.client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "user-read-private",
        "state": "xyz",
        "code_challenge_method": "S256",
        "code_challenge": challenge_of(VERIFIER),
    }
    return f"{spotify.settings()['SPOTIFY_ACCOUNTS_URL']}/authorize?{urlencode(asked | changed)}"


def token(spotify: FakeSpotify, **form: str) -> requests.Response:
    return requests.post(
        f"{spotify.settings()['SPOTIFY_ACCOUNTS_URL']}/api/token",
        data=form,
        auth=(spotify.client_id, spotify.client_secret),
        timeout=PATIENCE_S,
    )


def exchange(spotify: FakeSpotify, code: str, verifier: str = VERIFIER) -> requests.Response:
    return token(
        spotify,
        grant_type="authorization_code",
        code=code,
        redirect_uri=CALLBACK,
        code_verifier=verifier,
    )


def refresh(spotify: FakeSpotify, login: dict[str, Any]) -> requests.Response:
    return token(spotify, grant_type="refresh_token", refresh_token=login["refresh_token"])


# --- Logging in -----------------------------------------------------------------------------------


def test_who_agrees_on_the_page_comes_back_with_a_code_that_opens_their_account(
    spotify: FakeSpotify, ann: Person
) -> None:
    address = authorise_address(spotify)
    assert 'value="ann"' in requests.get(address, timeout=PATIENCE_S).text
    form = {"person": "ann", "answer": "agree"}
    answer = requests.post(address, form, allow_redirects=False, timeout=PATIENCE_S)
    came_back = answer.headers["Location"]
    assert came_back.startswith(CALLBACK)
    said = parse_qs(urlsplit(came_back).query)
    assert said["state"] == ["xyz"]
    login = exchange(spotify, said["code"][0]).json()
    assert login["scope"] == "user-read-private"
    bearer = {"Authorization": f"Bearer {login['access_token']}"}
    profile = requests.get(f"{spotify.url}/v1/me", headers=bearer, timeout=PATIENCE_S).json()
    assert profile["account_id"] == ann.account_id
    assert not profile.keys() & {"email", "country", "product"}


def test_who_cancels_comes_back_with_an_error(spotify: FakeSpotify) -> None:
    came_back = spotify.authorise(authorise_address(spotify), None)
    assert parse_qs(urlsplit(came_back).query) == {"error": ["access_denied"], "state": ["xyz"]}


def test_who_is_signed_in_is_asked_only_on_request(spotify: FakeSpotify) -> None:
    spotify.signed_in = "ann"
    address = authorise_address(spotify)
    straight = requests.get(address, allow_redirects=False, timeout=PATIENCE_S)
    asked = requests.get(f"{address}&show_dialog=true", timeout=PATIENCE_S)
    assert straight.headers["Location"].startswith(f"{CALLBACK}?code=")
    assert "<form" in asked.text


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:8000/accounts/spotify/login/callback/",
        "http://192.168.1.2:8000/accounts/spotify/login/callback/",
        "http://127.0.0.1:8000/accounts/spotify/login/callback",
        "https://elsewhere.example/accounts/spotify/login/callback/",
    ],
)
def test_an_address_that_is_not_registered_is_not_sent_to(
    spotify: FakeSpotify, address: str
) -> None:
    # Not even when the owner would have it so: Spotify takes no `localhost` and no plain HTTP.
    spotify.redirect_uris += [address] if "localhost" in address or "192." in address else []
    asked = authorise_address(spotify, redirect_uri=address)
    answer = requests.get(asked, allow_redirects=False, timeout=PATIENCE_S)
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)


def test_a_code_is_good_once_and_only_with_its_verifier(spotify: FakeSpotify, ann: Person) -> None:
    challenge = challenge_of(VERIFIER)
    code = spotify.code_for(ann, redirect_uri=CALLBACK, challenge=challenge)
    assert exchange(spotify, code).status_code == 200
    assert exchange(spotify, code).json()["error"] == "invalid_grant"
    other = spotify.code_for(ann, redirect_uri=CALLBACK, challenge=challenge)
    assert exchange(spotify, other, verifier="b" * 50).json()["error"] == "invalid_grant"


def test_the_token_endpoint_wants_a_form_and_the_right_secret(spotify: FakeSpotify) -> None:
    address = f"{spotify.settings()['SPOTIFY_ACCOUNTS_URL']}/api/token"
    form = {"grant_type": "client_credentials", "client_id": spotify.client_id}
    by_body = form | {"client_secret": spotify.client_secret}
    app = requests.post(address, by_body, timeout=PATIENCE_S)
    assert app.status_code == 200
    assert "refresh_token" not in app.json()
    assert requests.post(address, json=by_body, timeout=PATIENCE_S).status_code == 415
    wrong = requests.post(address, form | {"client_secret": "wrong"}, timeout=PATIENCE_S)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")


def test_a_rotated_refresh_token_is_good_once(spotify: FakeSpotify, ann: Person) -> None:
    first = spotify.tokens_for(ann)
    second = refresh(spotify, first).json()
    again = refresh(spotify, first)
    assert again.json()["error_description"] == "Refresh token revoked"
    assert refresh(spotify, second).status_code == 200


def test_a_refresh_may_leave_the_refresh_token_as_it_is(spotify: FakeSpotify, ann: Person) -> None:
    login = spotify.tokens_for(ann)
    with spotify.faults.being(refreshing="keeps"):
        assert "refresh_token" not in refresh(spotify, login).json()
        assert refresh(spotify, login).status_code == 200


def test_a_login_ends_six_months_after_it_began_however_often_it_was_refreshed(
    spotify: FakeSpotify, ann: Person
) -> None:
    login = spotify.tokens_for(ann)
    spotify.clock.advance(180 * 86_400)
    renewed = refresh(spotify, login).json()
    spotify.clock.advance(10 * 86_400)
    ended = refresh(spotify, renewed)
    assert (ended.status_code, ended.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(("how", "status"), [("unavailable", 503), ("invalid_client", 400)])
def test_a_refresh_can_fail_in_other_ways(
    spotify: FakeSpotify, ann: Person, how: str, status: int
) -> None:
    login = spotify.tokens_for(ann)
    with spotify.faults.being(refreshing=how):
        assert refresh(spotify, login).status_code == status
    assert refresh(spotify, login).status_code == 200


# --- Who may ask ----------------------------------------------------------------------------------


def test_an_access_token_expires(spotify: FakeSpotify, account: Account) -> None:
    assert account.ask("GET", "/me").status_code == 200
    spotify.expire_access_tokens()
    answer = account.ask("GET", "/me")
    assert refused(answer)[:2] == (401, "The access token expired")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_good_token_may_be_refused_now_and_then(spotify: FakeSpotify, account: Account) -> None:
    spotify.faults.false_401s = 1
    assert [account.ask("GET", "/me").status_code for _ in range(2)] == [401, 200]


def test_who_is_not_on_the_list_can_log_in_and_do_nothing(spotify: FakeSpotify) -> None:
    as_json = Account(spotify, spotify.people["cleo"]).ask("GET", "/me")
    as_text = Account(spotify, spotify.people["dora"]).ask("GET", "/me")
    assert refused(as_json)[:2] == (403, "User not registered in the Developer Dashboard")
    assert as_text.status_code == 403
    assert as_text.text.startswith("Check settings on developer.spotify.com/dashboard")


def test_a_scope_that_was_not_given_is_missed(spotify: FakeSpotify, ann: Person) -> None:
    narrow = Account(spotify, ann, "user-read-private")
    assert refused(narrow.ask("GET", "/me/tracks"))[:2] == (403, "Insufficient client scope")


@pytest.mark.parametrize("path", ["/tracks?ids=a", "/playlists/x/tracks", "/browse/new-releases"])
def test_what_was_taken_away_is_forbidden(account: Account, path: str) -> None:
    answer = account.ask("GET", path)
    assert (answer.status_code, answer.text) == (403, "Forbidden")


# --- What there is --------------------------------------------------------------------------------


def test_a_search_gives_at_most_ten(account: Account) -> None:
    found = account.get("/search", q="a", type="track")["tracks"]
    assert (found["limit"], len(found["items"])) == (5, 5)
    too_many = account.ask("GET", "/search?q=a&type=track&limit=11")
    assert refused(too_many)[:2] == (400, "Invalid limit")
    following = account.get(found["next"])["tracks"]
    assert following["items"][0] != found["items"][0]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("nordlys pa boks fjord", ["Fjord & Fever"]),
        ('artist:"Oblong Motel" year:2024 track:neon', ["Neon Psalm - Live"]),
        ("album:Copper year:1990-1999 bicycle", ["Bicycle, No Brakes"]),
        ("isrc:ZZFAK1900003", ["Lanterns, Second Shift"]),
        ("nobody sings of this", []),
    ],
)
def test_words_and_filters_find_what_they_mean(
    account: Account, query: str, names: list[str]
) -> None:
    found = account.get("/search", q=query, type="track")["tracks"]["items"]
    assert [track["name"] for track in found] == names


def test_without_any_market_nothing_can_be_played(spotify: FakeSpotify) -> None:
    login = token(spotify, grant_type="client_credentials").json()
    bearer = {"Authorization": f"Bearer {login['access_token']}"}
    address = f"{spotify.url}/v1/search?q=vacancy&type=track"
    nowhere = requests.get(address, headers=bearer, timeout=PATIENCE_S).json()
    somewhere = requests.get(f"{address}&market=AT", headers=bearer, timeout=PATIENCE_S).json()
    assert [each["tracks"]["items"][0]["is_playable"] for each in (nowhere, somewhere)] == [
        False,
        True,
    ]


def test_a_track_has_no_field_that_was_taken_away(spotify: FakeSpotify, account: Account) -> None:
    shown = account.get(f"/tracks/{spotify.catalogue.track('Cliffside Etiquette').id}")
    assert (shown["is_playable"], shown["restrictions"]) == (False, {"reason": "market"})
    assert shown["album"]["release_date_precision"] == "month"
    assert not shown.keys() & {"available_markets", "linked_from", "popularity"}
    assert refused(account.ask("GET", "/tracks/short"))[0] == 400
    assert refused(account.ask("GET", f"/tracks/{'0' * 22}"))[0] == 404


def test_the_items_of_a_playlist_are_for_those_who_take_part(account: Account) -> None:
    shown = account.whole("/me/playlists", limit=3)
    assert None in shown
    playlists = {each["name"]: each for each in shown if each}
    big, followed, shared = (
        next(each for name, each in playlists.items() if name.startswith(beginning))
        for beginning in ("Everything", "Made by", "We all")
    )
    assert len(account.whole(f"/playlists/{big['id']}/items", limit=50)) == 230
    assert account.get(f"/playlists/{shared['id']}")["items"]["total"] == 8
    assert "items" not in account.get(f"/playlists/{followed['id']}")
    assert refused(account.ask("GET", f"/playlists/{followed['id']}/items"))[0] == 403


def test_a_playlist_has_everything_that_one_may_stumble_over(account: Account) -> None:
    odd = next(each for each in account.whole("/me/playlists") if each and not each["images"])
    path = f"/playlists/{odd['id']}/items"
    items = [
        entry["item"] for entry in account.get(path, additional_types="track,episode")["items"]
    ]
    assert None in items
    there = [item for item in items if item]
    assert {item["type"] for item in there} == {"track", "episode"}
    assert [item["uri"] for item in there if item.get("is_local")] == [
        "spotify:local:My+Old+Band:Garage+Tapes:Take+Two:184"
    ]
    assert {item.get("is_playable") for item in there} == {True, False, None}


def test_a_playlist_of_ones_own_can_be_made_and_changed(
    spotify: FakeSpotify, account: Account
) -> None:
    made = account.ask("POST", "/me/playlists", json={"name": "Tonight", "public": False})
    assert made.status_code == 201
    path = f"/playlists/{made.json()['id']}/items"
    first, second, third = (track.uri for track in spotify.catalogue.tracks[:3])
    added = account.ask("POST", path, json={"uris": [first, second, third]})
    assert added.status_code == 201
    assert added.json()["snapshot_id"] != made.json()["snapshot_id"]
    account.ask("PUT", path, json={"range_start": 0, "insert_before": 3})
    account.ask("DELETE", path, json={"items": [{"uri": second}]})
    assert [entry["item"]["uri"] for entry in account.get(path)["items"]] == [third, first]


def test_the_library_is_read_and_changed_by_address(spotify: FakeSpotify, account: Account) -> None:
    one, other = spotify.catalogue.tracks[0].uri, spotify.catalogue.track("Sugo").uri
    account.ask("DELETE", "/me/library", params={"uris": one})
    account.ask("PUT", "/me/library", params={"uris": other})
    assert account.get("/me/library/contains", uris=f"{one},{other}") == [False, True]
    assert account.get("/me/tracks", limit=1)["items"][0]["track"]["uri"] == other
    assert len(account.whole("/me/top/tracks", time_range="long_term", limit=7)) > 20
    assert account.get("/me/player/recently-played", limit=2)["cursors"]["before"]


# --- What plays -----------------------------------------------------------------------------------


def test_a_new_device_is_not_found_until_it_has_appeared(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    device = spotify.device(ann, appears_after_s=0.2)
    path = f"/me/player/play?device_id={device.id}"
    body = {"uris": [spotify.catalogue.track("Sugo").uri], "position_ms": 60_000}
    assert refused(account.ask("PUT", path, json=body)) == (404, "Device not found", None)
    deadline = time.monotonic() + PATIENCE_S
    while account.ask("PUT", path, json=body).status_code != 204:
        assert time.monotonic() < deadline
    shown = account.get("/me/player")
    assert (shown["is_playing"], shown["item"]["name"]) == (True, "Sugo")
    assert 60_000 <= shown["progress_ms"] < 65_000
    assert shown["device"]["id"] == device.id


def test_a_track_that_was_sent_alone_ends_in_silence(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    track = spotify.catalogue.track("Ground Floor")
    device = spotify.device(ann)
    body = {"uris": [track.uri], "position_ms": track.duration_ms - 50}
    account.ask("PUT", f"/me/player/play?device_id={device.id}", json=body)
    deadline = time.monotonic() + PATIENCE_S
    while account.get("/me/player")["is_playing"]:
        assert time.monotonic() < deadline
    shown = account.get("/me/player")
    assert (shown["progress_ms"], shown["item"]["uri"]) == (0, track.uri)


def test_a_command_that_does_not_fit_says_why(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    assert refused(account.ask("PUT", "/me/player/pause"))[2] == "NO_ACTIVE_DEVICE"
    assert account.ask("GET", "/me/player").status_code == 204
    named = {each["name"]: each["id"] for each in account.get("/me/player/devices")["devices"]}
    account.ask("PUT", "/me/player", json={"device_ids": [named["Bathroom radio"]]})
    assert refused(account.ask("PUT", "/me/player/pause"))[2] == "ALREADY_PAUSED"
    too_loud = account.ask("PUT", "/me/player/volume?volume_percent=100")
    assert refused(too_loud)[2] == "VOLUME_CONTROL_DISALLOW"
    office = account.ask("PUT", f"/me/player/play?device_id={named['Office']}")
    assert refused(office)[1] == "Player command failed: Restriction violated"
    ben = Account(spotify, spotify.people["ben"])
    assert refused(ben.ask("PUT", "/me/player/pause"))[2] == "PREMIUM_REQUIRED"


def test_two_commands_may_be_done_in_the_wrong_order(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    path = f"/me/player/play?device_id={spotify.device(ann).id}"
    with spotify.faults.being(commands_swap=True, commands_wait_s=PATIENCE_S, player_answers=202):
        for name in ("Sugo", "Curtains"):
            body = {"uris": [spotify.catalogue.track(name).uri]}
            answer = account.ask("PUT", path, json=body)
            assert answer.status_code == 202
            assert not answer.text.startswith("{")
    assert account.get("/me/player")["item"]["name"] == "Sugo"


def test_another_recording_may_sound_than_was_asked_for(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    path = f"/me/player/play?device_id={spotify.device(ann).id}"
    asked = spotify.catalogue.track("Room 9")
    account.ask("PUT", path, json={"uris": [asked.uri]})
    shown = account.get("/me/player")["item"]
    assert (shown["name"], shown["uri"] != asked.uri) == ("Room 9 (2024 Mix)", True)
    assert "linked_from" not in shown


# --- What fails -----------------------------------------------------------------------------------


def test_a_fault_strikes_where_and_as_often_as_it_should(
    spotify: FakeSpotify, account: Account
) -> None:
    spotify.fail("search", status=429, retry_after=3, times=1)
    assert account.ask("GET", "/me").status_code == 200
    limited = account.ask("GET", "/search?q=a&type=track")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "3")
    assert account.ask("GET", "/search?q=a&type=track").status_code == 200
    with spotify.fail("search", reason="QUOTA_EXCEEDED"):
        spent = account.ask("GET", "/search?q=a&type=track")
        assert refused(spent)[2] == "QUOTA_EXCEEDED"
        assert "Retry-After" not in spent.headers


@pytest.mark.parametrize(
    ("how", "kind", "beginning"),
    [
        ({"status": 502, "body": "html"}, "text/html; charset=utf-8", "<html>"),
        ({"status": 500, "body": "text"}, "text/plain; charset=utf-8", "Server error."),
        ({"status": 503, "body": "empty"}, None, ""),
    ],
)
def test_an_outage_has_many_faces(
    spotify: FakeSpotify, account: Account, how: dict[str, Any], kind: str, beginning: str
) -> None:
    with spotify.fail("api", **how):
        answer = account.ask("GET", "/me")
    assert (answer.status_code, answer.headers.get("Content-Type")) == (how["status"], kind)
    assert answer.text.startswith(beginning)


def test_the_accounts_service_fails_in_its_own_shape(spotify: FakeSpotify, ann: Person) -> None:
    with spotify.fail("token", status=400, message="invalid_grant"):
        answer = refresh(spotify, spotify.tokens_for(ann))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_a_fault_that_means_nothing_is_refused(spotify: FakeSpotify) -> None:
    with pytest.raises(LookupError, match="search"):
        spotify.fail("serach", status=500)
    with pytest.raises(LookupError, match="refreshing"):
        spotify.faults.change(refresing="keeps")
    with pytest.raises(ValueError, match="rotates"):
        spotify.faults.change(refreshing="rotate")


def test_an_answer_can_be_late_or_never_come(spotify: FakeSpotify, account: Account) -> None:
    with spotify.fail("/v1/me", slow_s=30), pytest.raises(requests.ReadTimeout):
        account.ask("GET", "/me", timeout=0.1)
    with spotify.fail("/v1/me", dropped=True), pytest.raises(requests.ConnectionError):
        account.ask("GET", "/me")


def test_a_command_may_have_been_done_though_its_answer_failed(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    path = f"/me/player/play?device_id={spotify.device(ann).id}"
    with spotify.fail("player", status=502, body="html", done_anyway=True, times=1):
        body = {"uris": [spotify.catalogue.track("Sugo").uri]}
        assert account.ask("PUT", path, json=body).status_code == 502
    assert account.get("/me/player")["is_playing"]


def test_too_many_calls_in_half_a_minute_are_refused(
    spotify: FakeSpotify, account: Account
) -> None:
    spotify.faults.calls_per_30_s = 2
    answers = [account.ask("GET", "/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 31


# --- How it is held -------------------------------------------------------------------------------


def test_every_call_from_outside_is_counted(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    account.get("/search", q="vacancy", type="track")
    refresh(spotify, spotify.tokens_for(ann))
    requests.get(f"{spotify.url}/_fake/state", timeout=PATIENCE_S)
    assert [call.path for call in spotify.calls] == ["/v1/search", "/accounts/api/token"]
    (searched,) = spotify.calls_to("/v1/search")
    assert (searched.query["q"], searched.status, searched.account) == ("vacancy", 200, "ann")
    spotify.forget_calls()
    assert spotify.calls == []


def test_another_process_can_turn_the_switches(spotify: FakeSpotify, account: Account) -> None:
    def turn(path: str, **said: Any) -> Any:
        address = f"{spotify.url}/_fake/{path}"
        answer = requests.post(address, json=said, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text
        return answer.json()

    turn("faults", player_answers=202)
    turn("sign-in", person="ann")
    turn("fail", where="search", status=429, times=1)
    assert (spotify.faults.player_answers, spotify.signed_in) == (202, "ann")
    assert account.ask("GET", "/search?q=a&type=track").status_code == 429
    turn("people", name="Gus", premium=False)
    assert turn("tokens", person="gus")["token_type"] == "Bearer"
    assert not spotify.people["gus"].premium
    turn("expire")
    assert account.ask("GET", "/me").status_code == 401
    page = requests.get(spotify.url, timeout=PATIENCE_S).text
    assert "Gus" in page
    assert "selected>202" in page


def test_an_account_can_be_refused_as_it_is_in_the_wild(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    login = spotify.tokens_for(ann)
    kitchen = account.get("/me/player/devices")["devices"][0]["id"]
    pause, me = ("PUT", f"/me/player/pause?device_id={kitchen}"), ("GET", "/me")
    # A condition, a call that meets it, and its answer. Then all is well again.
    cases: list[tuple[dict[str, Any], tuple[str, str], str]] = [
        ({"owner_has_premium": False}, me, "403 Active premium subscription required"),
        ({"owner_has_premium": False}, pause, "403 Active premium subscription required"),
        ({"false_premium_403s": 1}, pause, "PREMIUM_REQUIRED"),
        ({"false_401s": 1}, me, "401 {"),
    ]
    for faults, call, told in cases:
        requests.post(f"{spotify.url}/_fake/faults", json=faults, timeout=PATIENCE_S)
        answer = account.ask(*call)
        assert told in f"{answer.status_code} {answer.text}", faults
        requests.delete(f"{spotify.url}/_fake/faults", timeout=PATIENCE_S)
        assert account.ask("GET", "/me").status_code == 200
    spotify.faults.change(refreshing="expired")
    assert refresh(spotify, login).json()["error"] == "invalid_grant"
    spotify.faults.change(refreshing="keeps")
    assert refresh(spotify, login).status_code == 200


@pytest.mark.parametrize(
    ("faults", "seen"),
    [
        ({"player_is_hidden": True}, "204"),
        ({"item_shown": "ad"}, "ad None"),
        ({"progress": "zero"}, "Kitchen at 0 s"),
        ({"progress": "behind"}, "Kitchen at 4 s"),
        ({"relinks": "without_isrc"}, "Kitchen at 10 s, another without ISRC"),
        ({"answers_are_old_s": 60}, "204"),
        ({"commands_lost": 1}, "nothing"),
        ({}, "Kitchen at 10 s"),
    ],
    ids=str,
)
def test_what_plays_can_be_shown_as_it_is_seen_in_the_wild(
    spotify: FakeSpotify, account: Account, faults: dict[str, Any], seen: str
) -> None:
    requests.post(f"{spotify.url}/_fake/faults", json=faults, timeout=PATIENCE_S)
    uri = next(each.uri for each in spotify.catalogue.tracks if each.can_be_played)
    body = {"uris": [uri], "position_ms": 10_000}
    kitchen = account.get("/me/player/devices")["devices"][0]["id"]
    assert account.ask("PUT", f"/me/player/play?device_id={kitchen}", json=body).ok
    answer = account.ask("GET", "/me/player")
    assert seen_in(answer, uri) == (seen if seen != "nothing" else "204")


def seen_in(answer: requests.Response, uri: str) -> str:
    """What an answer of the player shows, in a few words."""
    if answer.status_code == 204:
        return "204"
    told = answer.json()
    if told["item"] is None:
        return f"{told['currently_playing_type']} None"
    another = "" if told["item"]["uri"] == uri else ", another"
    without = "" if told["item"]["external_ids"] else " without ISRC"
    return f"{told['device']['name']} at {told['progress_ms'] // 1000} s{another}{without}"


def test_a_device_can_sleep_go_and_come_back_under_another_id(
    spotify: FakeSpotify, account: Account
) -> None:
    def turn(**said: Any) -> Any:
        said |= {"person": "ann", "name": "Garden"}
        address = f"{spotify.url}/_fake/devices"
        return requests.post(address, json=said, timeout=PATIENCE_S).json()["id"]

    def listed() -> list[str]:
        return [each["name"] for each in account.get("/me/player/devices")["devices"]]

    garden = turn(sleeps=True)
    assert "Garden" not in listed()
    assert account.ask("PUT", f"/me/player/pause?device_id={garden}").status_code == 404
    assert account.ask("PUT", "/me/player", json={"device_ids": [garden]}).ok
    assert "Garden" in listed()
    turn(gone=True)
    assert "Garden" not in listed()
    assert turn(gone=False, new_id=True) != garden
    assert "Garden" in listed()


def test_a_player_object_of_the_sdk_can_be_stale(
    spotify: FakeSpotify, ann: Person, account: Account
) -> None:
    spotify.faults.change(stale_sdk_players=1, devices_appear_after_s=0)
    token = spotify.tokens_for(ann)["access_token"]
    said = {"token": token, "name": "Page", "volume": 1}
    known = []
    for player in ("first", "first", "second"):
        connect = f"{spotify.url}/sdk/connect"
        answer = requests.post(connect, json=said | {"player": player}, timeout=PATIENCE_S)
        devices = account.get("/me/player/devices")["devices"]
        known.append(answer.json()["device_id"] in [each["id"] for each in devices])
    assert known == [False, False, True]


def test_somebody_can_use_the_account_in_an_app_of_spotify(
    spotify: FakeSpotify, account: Account
) -> None:
    plays = f"{spotify.url}/_fake/plays"
    requests.post(plays, json={"person": "ann", "name": "Phone"}, timeout=PATIENCE_S)
    assert account.get("/me/player")["device"]["name"] == "Phone"
    requests.post(plays, json={"person": "ann", "paused": True}, timeout=PATIENCE_S)
    assert account.get("/me/player")["is_playing"] is False


def test_it_can_be_away_and_come_back_with_all_that_it_knew(
    spotify: FakeSpotify, account: Account
) -> None:
    account.get("/me")
    spotify.stop()
    with pytest.raises(requests.ConnectionError):
        account.ask("GET", "/me")
    spotify.start()
    assert account.get("/me")["id"] == "ann"
