"""Finding one's rooms again by an account: binding, logging in elsewhere, attacks, unbinding."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from music.sources.spotify.models import Account, Connection
from rooms import actions
from rooms.access import COOKIE, guest_in
from rooms.errors import AlreadyBound
from rooms.models import IdentityBinding, Member
from rooms.personal_data import data_of_guest
from tests.conftest import arrived, browser_of
from tests.fakes.spotify import FakeSpotify
from tests.http import text_of
from tests.spotify import asked_of, begin, browser_at_home, log_in

PASSWORD = "a long enough secret"
FIND = {"next": "/me", "purpose": "find"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _local_accounts(settings: Any) -> None:
    settings.LOCAL_ACCOUNTS = True


def sign_up(browser: Client, name: str = "mika") -> Any:
    form = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    return browser.post("/accounts/signup/", form)


def sign_in(browser: Client, name: str = "mika", password: str = PASSWORD) -> Any:
    return browser.post("/accounts/login/", {"login": name, "password": password})


def identity_of(browser: Client) -> uuid.UUID | None:
    return guest_in({COOKIE: browser.cookies[COOKIE].value} if COOKIE in browser.cookies else {})


def bound_host(host: Member) -> Client:
    """The host's browser, with an account that finds its rooms."""
    browser = browser_of(host)
    sign_up(browser)
    assert browser.post("/accounts/bind/").status_code == 303
    return browser


# --- By a local account ---------------------------------------------------------------------------


def test_a_person_whose_rooms_are_all_erased_can_still_erase_themselves(host: Member) -> None:
    browser = bound_host(host)
    host.room.delete()
    page = text_of(browser.get("/me"))
    assert "<span>Erase me</span>" in page
    assert "0 rooms" not in page


def test_a_login_on_another_device_finds_the_rooms_and_hosts_them(host: Member) -> None:
    bound_host(host)
    other = Client()
    sign_in(other)
    assert "Friday at Mika's" in text_of(other.get("/accounts/"))
    answer = other.post("/accounts/go-on/")
    assert (answer.status_code, answer["Location"]) == (303, "/")
    [room] = other.get("/").context["back_rooms"]
    assert room["code"] == host.room.code
    renamed = other.patch(
        f"/api/rooms/{host.room.code}", {"name": "Ours"}, content_type="application/json"
    )
    assert renamed.status_code == 200


def test_signing_up_asks_for_no_mail_and_binds_nothing_by_itself(host: Member) -> None:
    browser = browser_of(host)
    assert "mail" not in browser.get("/accounts/signup/").context["form"].fields
    assert sign_up(browser)["Location"] == "/accounts/"
    assert User.objects.get().email == ""
    assert not IdentityBinding.objects.exists()
    assert "Friday at Mika's" in text_of(browser.get("/accounts/"))


def test_a_login_alone_makes_nobody_another_person(host: Member, guest: Member) -> None:
    bound_host(host)
    browser = browser_of(guest)
    sign_in(browser)
    assert "You lose it on this device" in text_of(browser.get("/accounts/"))
    assert identity_of(browser) == guest.guest


def test_who_has_found_their_rooms_is_left_without_a_session(host: Member) -> None:
    bound_host(host)
    other = Client()
    sign_in(other)
    before = Session.objects.count()
    other.post("/accounts/go-on/")
    assert (identity_of(other), other.cookies["login"].value) == (host.guest, "")
    assert Session.objects.count() == before - 1


def test_forms_of_other_sites_neither_log_in_nor_bind_nor_go_on(host: Member) -> None:
    bound_host(host)
    victim = browser_of(host, enforce_csrf_checks=True)
    assert sign_in(victim).status_code == 403
    for path in ("accounts/signup", "accounts/bind", "accounts/go-on", "accounts/unbind"):
        assert victim.post(f"/{path}/").status_code == 403
    for path in ("unbind", "sign-out"):
        assert victim.post(f"/me/{path}").status_code == 403


@pytest.mark.parametrize("path", ["bind", "unbind", "go-on"])
def test_only_who_is_logged_in_changes_an_account(host: Member, path: str) -> None:
    bound_host(host)
    answer = browser_of(host).post(f"/accounts/{path}/")
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert IdentityBinding.objects.get().guest == host.guest
    assert Client().get(f"/accounts/{path}/").status_code == 405


def test_a_session_from_before_the_login_is_worth_nothing_after_it(host: Member) -> None:
    bound_host(host)
    victim = Client()
    victim.cookies["login"] = "a-session-that-an-attacker-knows"
    sign_in(victim)
    attacker = Client()
    attacker.cookies["login"] = "a-session-that-an-attacker-knows"
    assert attacker.post("/accounts/go-on/")["Location"] == "/accounts/login/"


def test_an_account_finds_one_person_and_says_who_it_is_not(host: Member, outsider: Member) -> None:
    bound_host(host)
    browser = browser_of(outsider)
    sign_in(browser)
    refused = browser.post("/accounts/bind/")
    assert refused.status_code == 409
    assert "finds the rooms of another person" in text_of(refused)
    assert IdentityBinding.objects.get().guest == host.guest


def test_a_person_has_one_account_of_a_provider(host: Member) -> None:
    browser = bound_host(host)
    sign_up(browser, "somebody-else")
    refused = browser.post("/accounts/bind/")
    assert refused.status_code == 409
    assert "bound to another account" in text_of(refused)
    assert IdentityBinding.objects.count() == 1


def test_binding_the_same_again_changes_nothing(host: Member) -> None:
    for _ in range(2):
        actions.bind_identity(guest=host.guest, provider="local", account="1")
    assert IdentityBinding.objects.count() == 1
    with pytest.raises(AlreadyBound):
        actions.bind_identity(guest=uuid.uuid4(), provider="local", account="1")


def test_passwords_cannot_be_guessed(host: Member) -> None:
    bound_host(host)
    attacker = Client()
    for _ in range(5):
        sign_in(attacker, password="wrong")
    assert "too many" in text_of(sign_in(attacker)).lower()
    assert attacker.post("/accounts/go-on/")["Location"] == "/accounts/login/"


def test_binding_and_unbinding_have_a_limit(host: Member, settings: Any) -> None:
    settings.LIMITS = {"LINKS": "2/600"}
    browser = browser_of(host)
    sign_up(browser)
    answers = [browser.post("/accounts/bind/")]
    sign_in(browser)
    answers += [browser.post(f"/accounts/{path}/") for path in ("unbind", "bind")]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert answers[-1]["Retry-After"]


def test_a_closed_account_finds_nothing(host: Member) -> None:
    bound_host(host)
    User.objects.update(is_active=False)
    other = Client()
    sign_in(other)
    assert other.post("/accounts/go-on/")["Location"] == "/accounts/login/"


def test_unbinding_on_the_page_of_a_person(host: Member) -> None:
    browser = bound_host(host)
    assert "<bdi>mika</bdi> finds your rooms" in text_of(browser.get("/me"))
    answer = browser.post("/me/unbind", {"provider": "local"})
    assert "Unbound." in text_of(browser.get(answer["Location"]))
    other = Client()
    sign_in(other)
    assert other.post("/accounts/go-on/").status_code == 409


def test_unbinding_in_the_account_needs_no_browser_of_that_person(host: Member) -> None:
    bound_host(host)
    other = Client()
    sign_in(other)
    other.post("/accounts/unbind/")
    assert not IdentityBinding.objects.exists()
    assert User.objects.exists()


def test_nobody_unbinds_another_person(host: Member, guest: Member) -> None:
    bound_host(host)
    browser_of(guest).post("/me/unbind", {"provider": "local"})
    assert IdentityBinding.objects.get().guest == host.guest


def test_signing_out_makes_this_browser_new_and_keeps_the_rooms(host: Member) -> None:
    browser = bound_host(host)
    browser.post("/me/sign-out")
    assert identity_of(browser) not in (None, host.guest)
    assert IdentityBinding.objects.get().guest == host.guest


def test_after_signing_out_on_a_device_the_accounts_page_there_asks_for_the_password(
    host: Member,
) -> None:
    browser = bound_host(host)
    sign_in(browser)
    copied = Client()
    copied.cookies["login"] = browser.cookies["login"].value
    browser.post("/me/sign-out")
    for each in (browser, copied):
        assert each.get("/accounts/")["Location"] == "/accounts/login/"
    assert (browser.cookies["login"].value, Session.objects.count()) == ("", 0)


def test_binding_leaves_a_host_without_a_session_and_staff_with_it(
    host: Member, guest: Member
) -> None:
    assert bound_host(host).get("/accounts/")["Location"] == "/accounts/login/"
    browser = browser_of(guest)
    sign_up(browser, "mara")
    User.objects.filter(username="mara").update(is_staff=True)
    assert browser.post("/accounts/bind/")["Location"] == "/accounts/"
    assert browser.get("/accounts/").status_code == 200


def test_whom_a_browser_erases_is_logged_out_there(guest: Member) -> None:
    browser = bound_host(guest)
    User.objects.update(is_staff=True)
    sign_in(browser)
    browser.post("/me/erase")
    assert browser.get("/accounts/")["Location"] == "/accounts/login/"


def test_nobody_signs_out_whom_no_account_would_find_again(guest: Member) -> None:
    browser = browser_of(guest)
    assert browser.post("/me/sign-out").status_code == 409
    assert identity_of(browser) == guest.guest


def test_a_banned_person_is_banned_where_they_log_in_too(host: Member, guest: Member) -> None:
    bound_host(guest)
    actions.set_banned(by=host, member_id=guest.pk, banned=True)
    other = Client()
    sign_in(other)
    other.post("/accounts/go-on/")
    assert other.get(f"/r/{host.room.code}").status_code == 403


def test_erasing_deletes_the_account_and_what_it_finds(guest: Member) -> None:
    browser = bound_host(guest)
    assert "Your account <bdi>mika</bdi> is deleted, too." in text_of(browser.get("/me"))
    browser.post("/me/erase")
    assert not User.objects.exists()
    assert not IdentityBinding.objects.exists()


def test_erasing_a_person_of_staff_leaves_their_account_unbound(guest: Member) -> None:
    bound_host(guest)
    User.objects.update(is_staff=True)
    browser_of(guest).post("/me/erase")
    assert User.objects.exists()
    assert not IdentityBinding.objects.exists()


def test_my_data_names_the_account_and_since_when(host: Member) -> None:
    bound_host(host)
    kept = data_of_guest(host.guest)
    assert kept["account"]["name"] == "mika"
    assert [each["provider"] for each in kept["bound_to"]] == ["local"]
    assert PASSWORD not in str(kept)
    assert "pbkdf2" not in str(kept)


def test_where_the_operator_allows_none_there_are_no_accounts(host: Member, settings: Any) -> None:
    settings.LOCAL_ACCOUNTS = False
    browser = browser_of(host)
    assert browser.get("/accounts/signup/").status_code == 404
    assert sign_up(browser).status_code == 404
    User.objects.create_user("paul", password=PASSWORD)
    sign_in(browser, "paul")
    assert "Bind these rooms" not in text_of(browser.get("/accounts/"))
    for path in ("bind", "unbind", "go-on"):
        assert browser.post(f"/accounts/{path}/").status_code == 404
    assert "Make an account" not in text_of(Client().get("/accounts/login/"))
    assert "on any device" not in text_of(browser.get("/me"))


# --- By a Spotify account -------------------------------------------------------------------------


@pytest.fixture
def spotify_host(host: Member, spotify: FakeSpotify) -> Client:
    """The host's browser, connected to Ann's account, which finds its rooms."""
    spotify.signed_in = "ann"
    browser = browser_at_home(host)
    log_in(browser)
    assert "Bind to this Spotify account" in text_of(browser.get("/me"))
    assert browser.post("/spotify/bind")["Location"] == "/me?said=bound"
    return browser


def test_a_login_at_spotify_elsewhere_finds_the_rooms(spotify_host: Client, host: Member) -> None:
    other = browser_at_home()
    back = log_in(other, **FIND)
    assert "Go on here?" in text_of(other.get(back["Location"]))
    assert identity_of(other) != host.guest
    other.post(back["Location"])
    assert identity_of(other) == host.guest
    [room] = other.get("/").context["back_rooms"]
    assert room["code"] == host.room.code


def test_a_login_that_finds_asks_for_nothing_and_keeps_nothing(
    spotify_host: Client, guest: Member
) -> None:
    before = Account.objects.values().get()
    other = browser_at_home(guest)
    assert asked_of(begin(other, **FIND)).get("scope", "") == ""
    log_in(other, **FIND)
    assert Account.objects.values().get() == before
    assert Connection.objects.count() == 1
    assert (other.cookies["login"].value, Session.objects.count()) == ("", 0)


def test_an_account_that_nobody_bound_finds_nobody(
    spotify_host: Client, guest: Member, spotify: FakeSpotify
) -> None:
    spotify.signed_in = "finn"
    other = browser_at_home(guest)
    back = log_in(other, **FIND)
    assert "No rooms are bound to this account" in text_of(other.get(back["Location"]))
    assert identity_of(other) == guest.guest
    assert Account.objects.count() == 1


def test_a_way_back_from_spotify_is_good_only_where_it_began(
    spotify_host: Client, spotify: FakeSpotify
) -> None:
    begun = begin(browser_at_home(), **FIND)
    victim = browser_at_home()
    state = asked_of(begun)["state"]
    answer = victim.get(f"/accounts/spotify/login/callback/?code=of-the-attacker&state={state}")
    assert answer["Location"].startswith("/spotify/not-connected")


def test_only_who_hosts_with_an_account_binds_it(guest: Member, spotify: FakeSpotify) -> None:
    assert browser_at_home(guest).post("/spotify/bind").status_code == 409
    assert browser_at_home().post("/spotify/bind").status_code == 401


def test_an_account_to_listen_along_on_finds_nobody(
    guest: Member, spotify: FakeSpotify, settings: Any
) -> None:
    settings.SPOTIFY_LISTEN_ALONG = True
    spotify.signed_in = "ann"
    browser = browser_at_home(guest)
    log_in(browser, purpose="along")
    assert "Bind to this Spotify" not in text_of(browser.get("/me"))
    assert browser.post("/spotify/bind").status_code == 409


def test_two_people_who_host_with_one_account_are_not_mixed(
    spotify_host: Client, host: Member, outsider: Member
) -> None:
    other = browser_at_home(outsider)
    log_in(other)
    refused = other.post("/spotify/bind")
    assert refused.status_code == 409
    assert IdentityBinding.objects.get().guest == host.guest


def test_disconnecting_spotify_unbinds_it(spotify_host: Client) -> None:
    spotify_host.post("/spotify/disconnect?next=/me")
    assert not IdentityBinding.objects.exists()


def test_a_person_may_be_bound_to_both(spotify_host: Client, host: Member) -> None:
    sign_up(spotify_host)
    spotify_host.post("/accounts/bind/")
    assert {each["provider"] for each in data_of_guest(host.guest)["bound_to"]} == {
        "local",
        "spotify",
    }
    spotify_host.post("/me/unbind", {"provider": "spotify"})
    assert [each.provider for each in IdentityBinding.objects.all()] == ["local"]


def test_erasing_leaves_no_binding_to_spotify(spotify_host: Client, host: Member) -> None:
    heir = arrived(host.room, name="Heir")
    actions.hand_over(by=host, member_id=heir.pk)
    spotify_host.post("/me/erase")
    assert not IdentityBinding.objects.exists()
