"""Logging in to look after the site: passwords, limits, a second factor, the first admin."""

import re
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from beatsync.accounts import first_admin_path
from rooms.models import Member
from rooms.vault import encrypt
from tests.conftest import browser_of

PASSWORD = "a long enough secret"

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return User.objects.create_superuser("mara", password=PASSWORD)


def log_in(client: Client, name: str = "mara", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": password, **more})


def test_guests_have_no_session_and_nobody_looks_for_their_login(guest: Member) -> None:
    browser = browser_of(guest)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for path in ("/", f"/r/{guest.room.code}", f"/api/rooms/{guest.room.code}"):
            assert browser.get(path).status_code == 200
    said = " ".join(query["sql"] for query in asked.captured_queries)
    assert "django_session" not in said
    assert "auth_user" not in said
    assert "login" not in browser.cookies


def test_staff_log_in_by_name_and_password_and_come_to_the_admin(admin: User) -> None:
    browser = Client()
    asked = browser.get("/admin/", follow=True)
    assert asked.redirect_chain[-1] == ("/accounts/login/?next=%2Fadmin%2F", 302)
    assert log_in(browser, next="/admin/").headers["Location"] == "/admin/"
    assert "mara" in browser.get("/admin/").content.decode()


def test_an_account_that_is_no_staff_sees_nothing_of_the_admin() -> None:
    User.objects.create_user("paul", password=PASSWORD)
    browser = Client()
    log_in(browser, "paul")
    assert browser.get("/admin/", follow=True).status_code == 403


def test_after_five_wrong_passwords_the_right_one_has_to_wait(admin: User) -> None:
    browser = Client()
    for _ in range(5):
        log_in(browser, password="wrong")
    refused = log_in(browser)
    assert refused.status_code == 200
    assert "too many" in refused.content.decode().lower()
    assert browser.get("/admin/").status_code == 302


def test_while_the_cache_is_away_nobody_can_guess_passwords(admin: User, settings: Any) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    nowhere = {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"default": nowhere}
    answer = log_in(Client())
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_logging_out_takes_a_form(admin: User) -> None:
    browser = Client()
    log_in(browser)
    assert browser.get("/admin/logout/").status_code == 405
    browser.post("/admin/logout/")
    assert browser.get("/admin/").status_code == 302


def test_the_first_admin_is_made_by_the_link_that_the_start_prints() -> None:
    out = StringIO()
    call_command("prepare", stdout=out)
    [path] = re.findall(r"http://[^/]+(/accounts/first/\S+)", out.getvalue())
    browser = Client()
    made = browser.post(path, {"username": "mara", "password1": PASSWORD, "password2": PASSWORD})
    assert made.headers["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200
    assert User.objects.get().is_superuser


def test_with_an_admin_there_is_no_link_for_a_first_one(admin: User) -> None:
    out = StringIO()
    call_command("prepare", stdout=out)
    assert "first" not in out.getvalue()
    assert Client().get(first_admin_path()).status_code == 404


def test_a_link_for_the_first_admin_cannot_be_made_up() -> None:
    assert Client().get("/accounts/first/first:1tabcd:abcdef/").status_code == 404


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def with_second_factor(browser: Client) -> str:
    """Turn the second factor on, which asks for the password again; returns its secret."""
    browser.post("/accounts/again/", {"password": PASSWORD})
    path = "/accounts/second-factor/totp/activate/"
    secret = str(browser.get(path).context["form"].secret)
    assert browser.post(path, {"code": code_of(secret)}).status_code == 302
    return secret


def test_with_a_second_factor_a_password_alone_opens_nothing(admin: User) -> None:
    browser = Client()
    log_in(browser)
    with_second_factor(browser)
    other = Client()
    asked = log_in(other, next="/admin/")
    assert asked.headers["Location"].startswith("/accounts/second-factor/authenticate/")
    assert other.get("/admin/").status_code == 302
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    other.post("/accounts/second-factor/authenticate/", {"code": codes[0]})
    assert other.get("/admin/").status_code == 200


@pytest.mark.parametrize(("unused", "said"), [(1, "1 of 10 is left."), (9, "9 of 10 are left.")])
def test_recovery_codes_that_are_left_are_counted(unused: int, said: str) -> None:
    context = {"unused_codes": ["12345678"] * unused, "total_count": 10}
    page = render_to_string("mfa/recovery_codes/index.html", context)
    assert said in " ".join(page.split())


def test_no_account_is_changed_by_the_form_of_djangos_own_login(admin: User) -> None:
    User.objects.create_user("paul", password=PASSWORD, is_staff=True)
    browser = Client()
    log_in(browser, "paul")
    browser.post("/admin/login/", {"username": "mara", "password": PASSWORD})
    assert "paul" in browser.get("/admin/").content.decode()
    assert browser.session["_auth_user_id"] != str(admin.pk)


def test_the_secret_of_a_second_factor_is_not_readable_in_the_database(admin: User) -> None:
    browser = Client()
    log_in(browser)
    secret = with_second_factor(browser)
    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_where_no_key_fits_any_more_no_code_passes_the_second_factor(
    admin: User, settings: Any
) -> None:
    log_in(browser := Client())
    with_second_factor(browser)
    settings.TOKEN_KEYS = ["another key, of another installation"]
    log_in(other := Client(), next="/admin/")
    codes = Authenticator.objects.get(type="recovery_codes").wrap()
    of_nothing = [code_of(""), *_recovery_codes_of(seed="")]
    for code in of_nothing:
        other.post("/accounts/second-factor/authenticate/", {"code": code})
        assert other.get("/admin/").status_code == 302
    assert not set(codes.generate_codes()) & set(of_nothing)


def _recovery_codes_of(*, seed: str) -> list[str]:
    """The codes that a seed gives to whoever knows it."""
    unsaved = Authenticator(data={"seed": encrypt(seed), "used_mask": 0})
    return list(RecoveryCodes(unsaved).generate_codes())
