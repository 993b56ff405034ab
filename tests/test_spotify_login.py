"""Connecting a Spotify account to a browser, and disconnecting it: the whole way, over HTTP."""

import logging
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from music.sources.spotify import memory, pages
from music.sources.spotify.errors import Away
from music.sources.spotify.login import SCOPES, Profile, Purpose, disconnect
from music.sources.spotify.models import Account, Connection
from music.sources.spotify.tokens import access_token
from rooms import access, clock
from rooms.models import Member, Room
from tests.fakes.spotify import FakeSpotify
from tests.http import ask, text_of
from tests.spotify import (
    HERE,
    TOKEN,
    asked_of,
    begin,
    browser_at_home,
    come_back,
    connected,
    end_of,
    let_expire,
    listening,
    log_in,
)
from tests.test_pages import token_of

PUBLIC = "https://party.example"


@pytest.fixture
def browser(host: Member, spotify: FakeSpotify) -> Client:
    """The host's; at Spotify, Ann is signed in there."""
    spotify.signed_in = "ann"
    return browser_at_home(host)


def rows() -> dict[str, int]:
    """How much every table holds."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


# --- There and back -----------------------------------------------------------------------------


def test_a_login_connects_the_account_to_the_browser_and_leads_back(
    browser: Client, host: Member
) -> None:
    page = f"/r/{host.room.code}/spotify"
    back = log_in(browser, next=page)
    assert (back.status_code, back["Location"]) == (303, f"{page}?said=connected")
    account = Account.objects.get()
    assert (account.user_id, account.name) == ("ann", "Ann")
    assert account.account_id != account.user_id
    assert {*account.scopes.split()} == {*SCOPES[Purpose.HOST]}
    assert account.connections.get().guest == host.guest
    assert "Connected." in text_of(browser.get(back["Location"]))


def test_a_login_gives_tokens_that_work_and_can_be_renewed(
    browser: Client, spotify: FakeSpotify
) -> None:
    log_in(browser)
    account = Account.objects.get()
    assert spotify.tokens.access(access_token(account))
    assert len(spotify.calls_to(TOKEN)) == 1
    let_expire(account)
    assert access_token(account) != account.access_token


def test_a_login_makes_no_user_and_leaves_no_session(browser: Client) -> None:
    before = rows()
    log_in(browser)
    after = rows()
    assert {label for label in after if after[label] != before[label]} == {
        "spotify.Account",
        "spotify.Connection",
        "music.RoomSource",
    }
    assert browser.cookies["login"].value == ""


def test_somebody_without_a_name_or_an_account_id_can_log_in(
    browser: Client, spotify: FakeSpotify
) -> None:
    spotify.signed_in = "eli"
    log_in(browser)
    account = Account.objects.get()
    assert (account.name, str(account)) == ("", account.account_id)


def test_a_name_is_kept_without_what_a_database_or_a_page_would_break_at() -> None:
    name = "\0Ann\ud800\x1b of\nthe\x85 Hill " + "x" * 300
    profile = Profile.read({"id": "ann", "display_name": name})
    assert profile.name == ("Ann of the Hill " + "x" * 300)[:200]
    for broken in ("\0", "an\ud800n", "", None, "x" * 201):
        with pytest.raises(Away):
            Profile.read({"id": broken})


def test_logging_in_again_renews_the_account_and_ends_its_trouble(browser: Client) -> None:
    log_in(browser)
    Account.objects.update(trouble="spotify_reconnect", access_token="", authorised_at_ms=1)
    log_in(browser)
    account = Account.objects.get()
    assert (account.trouble, bool(account.access_token)) == ("", True)
    assert account.authorised_at_ms > clock.now_ms() - 60_000


def test_another_account_takes_the_place_of_the_first_one(
    browser: Client, spotify: FakeSpotify
) -> None:
    log_in(browser)
    spotify.signed_in = "finn"
    log_in(browser)
    assert [account.user_id for account in Account.objects.all()] == ["finn"]


def test_one_account_can_be_used_in_two_browsers(browser: Client, guest: Member) -> None:
    for each in (browser, browser_at_home(guest), browser):
        log_in(each)
    assert (Account.objects.count(), Connection.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("trouble", "then"),
    [
        ("", ""),
        ("spotify_premium", "spotify_premium"),
        ("spotify_not_listed", ""),
        ("spotify_reconnect", "spotify_reconnect"),
    ],
)
def test_listening_along_in_a_second_browser_takes_nothing_from_the_host(
    host: Member, guest: Member, spotify: FakeSpotify, trouble: str, then: str
) -> None:
    before = connected(spotify, "ann", host)
    Account.objects.update(trouble=trouble)
    now = listening(spotify, "ann", guest)
    assert (now.refresh_token, now.scopes) == (before.refresh_token, before.scopes)
    assert (now.connections.count(), now.trouble) == (2, then)


def test_an_account_that_nobody_hosts_with_any_more_permits_no_more_than_to_listen_along(
    host: Member, guest: Member, spotify: FakeSpotify
) -> None:
    connected(spotify, "ann", host)
    listening(spotify, "ann", guest)
    connected(spotify, "finn", host)
    account = listening(spotify, "ann", guest)
    assert {*account.scopes.split()} == {*SCOPES[Purpose.ALONG]}


def test_a_login_to_listen_along_that_does_not_do_for_the_host_is_asked_for_once_more(
    host: Member, guest: Member, spotify: FakeSpotify, settings: Any
) -> None:
    settings.SPOTIFY_LISTEN_ALONG, spotify.signed_in = True, "ann"
    connected(spotify, "ann", host)
    Account.objects.update(trouble="spotify_reconnect", refresh_token="")
    browser, page = browser_at_home(guest), "/r/ABCDEF/spotify"
    ways = [log_in(browser, next=page, purpose="along")["Location"] for _ in range(2)]
    assert ways == [f"{page}?said=more", f"{page}?said=connected"]
    account = Account.objects.get()
    assert ({*account.scopes.split()}, account.trouble) == ({*SCOPES[Purpose.HOST]}, "")


def test_a_stranger_who_logs_in_is_a_guest_from_then_on(db: None, spotify: FakeSpotify) -> None:
    spotify.signed_in = "ann"
    browser = browser_at_home()
    log_in(browser)
    guest = access.guest_in({access.COOKIE: browser.cookies[access.COOKIE].value})
    assert Connection.objects.get().guest == guest


# --- What is asked of Spotify -------------------------------------------------------------------


def test_spotify_is_asked_with_a_state_and_a_challenge(
    browser: Client, spotify: FakeSpotify
) -> None:
    asked = asked_of(begin(browser))
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/accounts/spotify/login/callback/"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (len(asked["code_challenge"]), len(asked["state"])) == (43, 16)
    assert "show_dialog" not in asked
    assert spotify.client_secret not in str(asked)


def test_listening_along_asks_for_less_than_hosting(browser: Client, settings: Any) -> None:
    settings.SPOTIFY_LISTEN_ALONG = True
    host, along = (
        set(asked_of(begin(browser, purpose=purpose))["scope"].split())
        for purpose in (Purpose.HOST, Purpose.ALONG)
    )
    assert (host, along) == ({*SCOPES[Purpose.HOST]}, {*SCOPES[Purpose.ALONG]})
    assert along < host
    assert "playlist-read-private" not in along


def test_who_logs_in_again_to_listen_along_keeps_what_their_room_needs(
    browser: Client, settings: Any
) -> None:
    settings.SPOTIFY_LISTEN_ALONG = True
    log_in(browser)
    assert set(asked_of(begin(browser, purpose="along"))["scope"].split()) == {
        *SCOPES[Purpose.HOST]
    }


def test_listening_along_is_nothing_to_log_in_for_unless_the_operator_says_so(
    browser: Client,
) -> None:
    assert begin(browser, purpose="along").status_code == 404


def test_who_tries_again_to_listen_along_is_asked_for_no_more_than_before(
    browser: Client, spotify: FakeSpotify, settings: Any
) -> None:
    settings.SPOTIFY_LISTEN_ALONG = True
    spotify.signed_in = "cleo"
    page = end_of(browser, log_in(browser, purpose="along"))
    assert "purpose=along" in page.content.decode()


def test_an_address_cannot_add_scopes_or_parameters(browser: Client) -> None:
    asked = asked_of(begin(browser, scope="ugc-image-upload", auth_params="client_id=evil"))
    assert "ugc-image-upload" not in asked["scope"]
    assert asked["client_id"] != "evil"


def test_another_account_is_asked_for_at_spotify_itself(browser: Client) -> None:
    assert asked_of(begin(browser, other="1"))["show_dialog"] == "true"


def test_the_way_back_is_the_public_address(host: Member, settings: Any, browser: Client) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = PUBLIC, ["party.example"]
    away = Client(headers={"Host": "party.example"})
    answer = away.post("/accounts/spotify/login/", secure=True, headers={"Host": "party.example"})
    assert asked_of(answer)["redirect_uri"].startswith(f"{PUBLIC}/accounts/spotify/")


def test_a_public_address_that_spotify_refuses_does_not_stand_in_the_way(
    browser: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "http://192.168.1.5:8000"
    assert asked_of(begin(browser))["redirect_uri"].startswith("http://127.0.0.1:8000/")


@pytest.mark.parametrize(
    ("at", "public", "says"),
    [
        ("localhost:8000", "", "open http://127.0.0.1:8000"),
        ("192.168.1.5:8000", "", "open http://127.0.0.1:8000"),
        ("127.0.0.1:8000", PUBLIC, f"Open BeatSync at {PUBLIC}"),
    ],
)
def test_where_spotify_would_not_lead_back_to_nobody_is_sent_off(
    db: None, spotify: FakeSpotify, settings: Any, at: str, public: str, says: str
) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = public, ["*"]
    page = Client().post("/accounts/spotify/login/", headers={"Host": at})
    assert page.status_code == 409
    assert says in text_of(page)


# --- What must not happen -----------------------------------------------------------------------


def test_a_login_begins_with_a_form_of_ours(host: Member, spotify: FakeSpotify) -> None:
    browser = browser_at_home(host, enforce_csrf_checks=True)
    assert begin(browser).status_code == 403
    shown = browser.get("/accounts/spotify/login/?next=/privacy")
    assert "Go to Spotify" in text_of(shown)
    assert shown.status_code == 200
    pressed = browser.post(
        "/accounts/spotify/login/?next=/privacy", {"csrfmiddlewaretoken": token_of(shown)}
    )
    assert pressed["Location"].startswith(spotify.url)
    assert browser.head("/accounts/spotify/login/").status_code == 405


def test_looking_at_the_login_leaves_no_row_of_a_stranger(db: None, spotify: FakeSpotify) -> None:
    for path in ("login/", "login/callback/?state=x&code=y"):
        Client().get(f"/accounts/spotify/{path}")
    assert not Session.objects.exists()


ELSEWHERE = ("https://evil.example/", "//evil.example", "/\\evil.example", "/\t//evil.example")


@pytest.mark.parametrize("next", [*ELSEWHERE, "javascript:1", ""])
def test_a_login_never_leads_to_another_site(browser: Client, next: str) -> None:
    assert log_in(browser, next=next)["Location"] == "/?said=connected"


def agreed(browser: Client, spotify: FakeSpotify, **changed: str) -> str:
    """Where Spotify leads, for an authorise address of which something was changed."""
    begun = begin(browser)["Location"]
    for name, value in changed.items():
        begun = begun.replace(asked_of({"Location": begun})[name], value)  # type: ignore[arg-type]
    return spotify.authorise(begun, spotify.people["ann"])


def test_a_wrong_state_is_refused(browser: Client, spotify: FakeSpotify) -> None:
    page = end_of(browser, come_back(browser, agreed(browser, spotify, state="0123456789abcdef")))
    assert "This login is over" in text_of(page)
    assert (Account.objects.count(), spotify.calls_to(TOKEN)) == (0, [])


def test_a_login_of_another_browser_is_refused(
    browser: Client, guest: Member, spotify: FakeSpotify
) -> None:
    other = browser_at_home(guest)
    page = end_of(other, come_back(other, agreed(browser, spotify)))
    assert "This login is over" in text_of(page)
    assert not Account.objects.exists()


def test_a_login_counts_once(browser: Client, spotify: FakeSpotify) -> None:
    address = agreed(browser, spotify)
    ways = [come_back(browser, address)["Location"] for _ in range(2)]
    assert ways == ["/?said=connected", "/spotify/not-connected?why=old"]
    assert len(spotify.calls_to(TOKEN)) == 1


def test_a_login_that_took_more_than_ten_minutes_is_over(
    browser: Client, spotify: FakeSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = agreed(browser, spotify)
    monkeypatch.setattr("allauth.socialaccount.internal.statekit.STATE_TTL", -1)
    assert "This login is over" in text_of(end_of(browser, come_back(browser, address)))


def test_a_code_for_another_challenge_is_refused(browser: Client, spotify: FakeSpotify) -> None:
    page = end_of(browser, come_back(browser, agreed(browser, spotify, code_challenge="x" * 43)))
    assert "did not confirm" in text_of(page)
    assert not Account.objects.exists()


def test_who_cancels_is_back_with_a_sentence(
    browser: Client, host: Member, spotify: FakeSpotify
) -> None:
    begun = begin(browser, next=f"/r/{host.room.code}/spotify")
    back = come_back(browser, spotify.authorise(begun["Location"], None))
    assert back.status_code == 303
    assert "was cancelled" in text_of(browser.get(back["Location"]))
    assert not Account.objects.exists()


@pytest.mark.parametrize("who", ["cleo", "dora"], ids=["json", "text"])
def test_who_is_not_on_the_list_reads_what_to_do_and_nothing_is_stored(
    browser: Client, spotify: FakeSpotify, who: str
) -> None:
    spotify.signed_in = who
    before = rows()
    page = end_of(browser, log_in(browser, next="/privacy"))
    assert "User Management" in text_of(page)
    assert 'href="/privacy"' in page.content.decode()
    assert rows() == before
    assert len(spotify.calls_to("/v1/me")) == 1


@pytest.mark.parametrize(
    ("where", "how"),
    [
        (TOKEN, {"status": 503, "body": "html"}),
        (TOKEN, {"dropped": True}),
        ("/v1/me", {"status": 502, "body": "html"}),
        ("/v1/me", {"status": 200, "body": "text"}),
        ("/v1/me", {"status": 200, "body": "json"}),
        ("/v1/me", {"dropped": True}),
        ("/v1/me", {"status": 429, "retry_after": 9}),
    ],
    ids=str,
)
def test_an_outage_during_a_login_is_a_page_and_stores_nothing(
    browser: Client, spotify: FakeSpotify, where: str, how: dict[str, Any]
) -> None:
    with spotify.fail(where, **how):
        page = end_of(browser, log_in(browser))
    assert "does not answer" in text_of(page)
    assert not Account.objects.exists()


def test_a_login_while_the_operator_has_no_premium_does_not_blame_the_account(
    browser: Client, spotify: FakeSpotify
) -> None:
    spotify.faults.change(owner_has_premium=False)
    page = text_of(end_of(browser, log_in(browser)))
    assert "your account is fine" in page
    assert "User Management" not in page


def test_a_refusal_without_a_known_reason_is_not_taken_for_the_list(
    browser: Client, spotify: FakeSpotify
) -> None:
    with spotify.fail("/v1/me", status=403, body="html"):
        assert "does not answer" in text_of(end_of(browser, log_in(browser)))


def test_a_login_at_spotify_begins_while_the_cache_is_away(browser: Client, settings: Any) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    nowhere = {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"default": nowhere}
    assert begin(browser).status_code == 302


def test_an_error_of_spotify_that_is_no_refusal_can_be_tried_again(
    browser: Client, spotify: FakeSpotify
) -> None:
    state = asked_of(begin(browser))["state"]
    back = browser.get(f"/accounts/spotify/login/callback/?error=server_error&state={state}")
    assert "Try again" in text_of(end_of(browser, back))


def test_a_page_about_a_failed_login_leads_nowhere_else_and_knows_its_reasons(
    browser: Client,
) -> None:
    page = "/spotify/not-connected?why="
    shown = browser.get(f"{page}failed&next=//evil.example").content.decode()
    assert "evil" not in shown
    assert browser.get(f"{page}<script>").status_code == 404


def test_logins_of_one_address_are_limited(browser: Client, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"LOGINS": "2/60"}
    answers = [begin(browser) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert f"{answers[2]['Retry-After']} s" in text_of(answers[2])


@pytest.mark.parametrize(
    "path",
    [
        *("signup/", "email/", "password/reset/", "password/set/", "password/change/"),
        *("confirm-email/", "3rdparty/", "3rdparty/signup/", "3rdparty/login/cancelled/"),
        *("3rdparty/login/error/", "social/signup/", "spotify/"),
    ],
)
def test_nobody_makes_an_account_or_asks_for_mail_by_themselves(browser: Client, path: str) -> None:
    assert browser.get(f"/accounts/{path}").status_code == 404


def test_without_a_client_id_there_is_nothing_to_log_in_to(db: None) -> None:
    browser = Client(headers=HERE)
    for path in ("login/", "login/callback/?code=1&state=2"):
        assert browser.get(f"/accounts/spotify/{path}").status_code == 404
    assert begin(browser).status_code == 404


def test_only_logins_pass_through_what_looks_for_sessions(browser: Client, room: Room) -> None:
    for path, logins in ((f"/r/{room.code}", False), ("/accounts/spotify/login/", True)):
        request = browser.get(path).wsgi_request
        assert (hasattr(request, "session"), hasattr(request, "allauth")) == (logins, logins)


# --- Letting go ---------------------------------------------------------------------------------


def test_disconnecting_leaves_nothing_of_the_account_in_any_table(
    browser: Client, host: Member, guest: Member
) -> None:
    before = rows()
    for each in (browser, browser_at_home(guest)):
        log_in(each)
    page = f"/r/{host.room.code}/spotify"
    gone = browser.post(f"/spotify/disconnect?next={page}")
    assert (gone.status_code, gone["Location"]) == (303, f"{page}?said=disconnected")
    assert rows() == before
    assert "are deleted here" in text_of(browser.get(gone["Location"]))


def test_disconnecting_drops_what_spotify_had_said_to_the_account(browser: Client) -> None:
    log_in(browser)
    account = Account.objects.get()
    filed = memory.personal(account)
    assert memory.personal(account) == filed
    browser.post("/spotify/disconnect")
    assert memory.personal(account) != filed


def test_an_account_that_another_one_replaces_is_told_of_too(
    browser: Client, spotify: FakeSpotify
) -> None:
    log_in(browser)
    account = Account.objects.get()
    filed = memory.personal(account)
    spotify.signed_in = "finn"
    log_in(browser)
    assert memory.personal(account) != filed


def test_who_kept_something_of_an_account_is_told_with_its_live_rooms(
    browser: Client, host: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, list[str]]] = []
    tell = lambda account, rooms: told.append((str(account), [one.code for one in rooms]))  # noqa: E731
    monkeypatch.setattr(pages, "TOLD", (tell,))
    log_in(browser)
    browser.post("/spotify/disconnect")
    assert told == [("Ann", [host.room.code])] * 2


def test_disconnecting_touches_no_other_account(
    host: Member, guest: Member, spotify: FakeSpotify
) -> None:
    other = connected(spotify, "finn", guest)
    connected(spotify, "ann", host)
    assert disconnect(host.guest)
    assert not disconnect(host.guest)
    assert not disconnect(uuid.uuid4())
    assert list(Account.objects.all()) == [other]


def test_disconnecting_takes_a_form_of_ours(host: Member, spotify: FakeSpotify) -> None:
    connected(spotify, "ann", host)
    browser = browser_at_home(host, enforce_csrf_checks=True)
    assert browser.post("/spotify/disconnect").status_code == 403
    assert browser.get("/spotify/disconnect").status_code == 405
    assert Account.objects.exists()


# --- Secrets ------------------------------------------------------------------------------------


def test_no_token_is_in_any_log_page_answer_or_error(
    browser: Client, host: Member, spotify: FakeSpotify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    begun = begin(browser)
    verifiers = str(browser.session["socialaccount_states"]).split("pkce_code_verifier': '")[1:]
    secrets = {spotify.client_secret, verifiers[0].split("'")[0]}
    said = [come_back(browser, spotify.authorise(begun["Location"], spotify.people["ann"]))]
    account = Account.objects.get()
    room = f"/r/{host.room.code}"
    said += [browser.get(page) for page in (room, f"{room}/spotify", f"{room}/rules", "/privacy")]
    said += [browser.post(f"{room}/spotify"), ask(host, "GET", f"/api/rooms/{host.room.code}")]
    let_expire(account)
    with spotify.fail(TOKEN, status=500, times=1), pytest.raises(Away) as away:
        access_token(account)
    with clock.shifted(60_000):
        access_token(account)
    renewed = Account.objects.get()
    for one in (account, renewed):
        secrets |= {one.access_token, one.refresh_token}
    assert len(secrets) == 6
    heard = [caplog.text, repr(away.value), repr(account), str(vars(away.value))]
    heard += [
        answer.content.decode() + str(answer.headers) + answer.cookies.output() for answer in said
    ]
    assert not {secret for secret in secrets for each in heard if secret in each}
