"""Tokens of Spotify accounts: always a good one, and one call for it however many need it."""

import json
import subprocess
import sys
import threading
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from music.sources.spotify import tokens, troubles
from music.sources.spotify.client import Client
from music.sources.spotify.errors import (
    Away,
    NotConnected,
    PremiumRequired,
    Reconnect,
    SpotifyError,
    UnknownKey,
    Unsure,
)
from music.sources.spotify.login import Profile, Purpose, connect
from music.sources.spotify.models import PERMISSION_MS, Account, Trouble
from music.sources.spotify.tokens import Grant, access_token
from music.sources.spotify.troubles import PROOFS
from rooms import clock
from rooms.models import Member, Room
from tests.fakes.spotify import FakeSpotify
from tests.servers import ROOT, installation
from tests.spotify import HOUR_MS, TOKEN, connected, let_expire
from tests.test_concurrency import at_once


@pytest.fixture
def account(account: Account) -> Account:
    """Ann's, with an access token that has just run out."""
    let_expire(account)
    account.refresh_from_db()
    return account


def now(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


def works(spotify: FakeSpotify, token: str) -> bool:
    found = spotify.tokens.access(token)
    return found is not None and spotify.tokens.is_live(found)


def calls(spotify: FakeSpotify) -> int:
    return len(spotify.calls_to(TOKEN))


# --- One caller ---------------------------------------------------------------------------------


def test_a_token_that_ran_out_is_replaced_and_the_new_one_serves_from_then_on(
    account: Account, spotify: FakeSpotify
) -> None:
    token = access_token(account)
    assert works(spotify, token)
    assert now(account).access_token == token
    assert [access_token(account), calls(spotify)] == [token, 1]


@pytest.mark.parametrize(("left_s", "asks"), [(59, 1), (61, 0)])
def test_a_token_is_replaced_a_minute_before_it_runs_out(
    account: Account, spotify: FakeSpotify, left_s: int, asks: int
) -> None:
    Account.objects.update(expires_at_ms=clock.now_ms() + left_s * 1000)
    access_token(account)
    assert calls(spotify) == asks


def test_a_token_that_spotify_has_refused_is_replaced_and_one_refused_earlier_is_not(
    account: Account, spotify: FakeSpotify
) -> None:
    first = access_token(account)
    second = access_token(account, refused=first)
    assert second != first
    assert access_token(account, refused=first) == second
    assert calls(spotify) == 2


@pytest.mark.parametrize(("refreshing", "same"), [("keeps", True), ("rotates", False)])
def test_the_refresh_token_is_kept_until_another_one_comes(
    account: Account, spotify: FakeSpotify, refreshing: str, same: bool
) -> None:
    before = account.refresh_token
    with spotify.faults.being(refreshing=refreshing):
        first = access_token(account)
        assert (now(account).refresh_token == before) is same
        assert works(spotify, access_token(account, refused=first))


@pytest.mark.parametrize("refreshing", ["revoked", "expired"])
def test_a_refused_login_is_believed_after_hours_and_its_tokens_stay(
    account: Account, spotify: FakeSpotify, refreshing: str
) -> None:
    shift_ms, told = 0, []
    with spotify.faults.being(refreshing=refreshing):
        while shift_ms <= PROOFS[Reconnect.code].over_ms:
            with clock.shifted(shift_ms), pytest.raises(SpotifyError) as refused:
                access_token(account)
            told.append(refused.value.code)
            shift_ms += 20 * 60_000
    assert told == [*["spotify_unsure"] * 9, "spotify_reconnect"]
    left = now(account)
    assert left.trouble == Trouble.RECONNECT
    assert left.refresh_token == account.refresh_token


def test_a_refused_login_is_not_asked_for_again_for_half_a_minute(
    account: Account, spotify: FakeSpotify
) -> None:
    with spotify.faults.being(refreshing="revoked"):
        for _ in range(2):
            with pytest.raises(Unsure) as refused:
                access_token(account)
        assert (calls(spotify), refused.value.retry_after) == (1, 30)


def test_a_login_that_was_refused_in_an_outage_goes_on_after_it(
    account: Account, spotify: FakeSpotify
) -> None:
    Account.objects.update(trouble=Trouble.RECONNECT, trouble_at_ms=clock.now_ms())
    assert works(spotify, access_token(account))
    assert Client(account).me().name == "Ann"
    assert now(account).trouble == ""


def test_a_login_that_is_six_months_old_is_over_at_the_first_refusal(
    account: Account, spotify: FakeSpotify
) -> None:
    Account.objects.update(authorised_at_ms=clock.now_ms() - PERMISSION_MS)
    with spotify.faults.being(refreshing="expired"), pytest.raises(Reconnect):
        access_token(now(account))


def test_an_outage_keeps_everything_and_nobody_asks_again_for_a_few_seconds(
    account: Account, spotify: FakeSpotify
) -> None:
    with spotify.faults.being(refreshing="unavailable"):
        for _ in range(2):
            with pytest.raises(Away):
                access_token(account)
        assert calls(spotify) == 1
    assert now(account).refresh_token == account.refresh_token
    assert now(account).trouble == ""
    with clock.shifted(tokens.PAUSE_MS):
        assert works(spotify, access_token(account))


@pytest.mark.parametrize(
    "how",
    [
        {"dropped": True},
        {"status": 200, "body": "html"},
        {"status": 200, "body": "json"},
        {"status": 502, "body": "html"},
        {"status": 400, "body": "text"},
        {"status": 429, "retry_after": 30},
        {"status": 429, "retry_after": "9" * 5000},
    ],
    ids=lambda how: str(how)[:60],
)
def test_an_answer_that_is_none_costs_no_tokens(
    account: Account, spotify: FakeSpotify, how: dict[str, Any]
) -> None:
    with spotify.fail(TOKEN, **how), pytest.raises(Away):
        access_token(account)
    assert now(account).refresh_token == account.refresh_token
    assert now(account).refreshing_until_ms == 0


def test_spotify_may_wish_for_a_longer_pause(account: Account, spotify: FakeSpotify) -> None:
    with spotify.fail(TOKEN, status=429, retry_after=30, times=1), pytest.raises(Away):
        access_token(account)
    with clock.shifted(29_000), pytest.raises(Away) as refused:
        access_token(account)
    assert refused.value.retry_after == 1
    with clock.shifted(30_000):
        assert works(spotify, access_token(account))


def test_a_token_in_its_last_minute_still_serves_while_there_is_no_other(
    account: Account, spotify: FakeSpotify
) -> None:
    Account.objects.update(expires_at_ms=clock.now_ms() + 30_000)
    spotify.stop()
    assert [access_token(account) for _ in range(2)] == [account.access_token] * 2


def test_a_wrong_client_is_told_to_the_operator_and_to_people_as_an_outage(
    account: Account, spotify: FakeSpotify, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SPOTIFY_CLIENT_SECRET = "another-secret"
    with pytest.raises(Away):
        access_token(account)
    assert "SPOTIFY_CLIENT_SECRET" in caplog.text
    assert "another-secret" not in caplog.text
    assert now(account).trouble == ""


@pytest.mark.parametrize("outage_s", [0.6, 60.0], ids=["short", "longer than the lease"])
def test_a_rotated_refresh_token_outlives_an_outage_of_the_database(
    account: Account, spotify: FakeSpotify, monkeypatch: pytest.MonkeyPatch, outage_s: float
) -> None:
    monkeypatch.setattr(tokens, "LEASE_MS", 2_000)
    settle, until = tokens._settle, time.monotonic() + outage_s

    def when_it_is_back(*args: Any, **changes: Any) -> bool:
        if time.monotonic() < until:
            raise OperationalError
        return settle(*args, **changes)

    monkeypatch.setattr(tokens, "_settle", when_it_is_back)
    with spotify.faults.being(refreshing="rotates"):
        if outage_s > 2:
            with pytest.raises(OperationalError):
                access_token(account)
        until = time.monotonic() + min(outage_s, 0.6)
        with clock.shifted(2_000 if outage_s > 2 else 0):
            first = access_token(account)
        assert works(spotify, first)
        assert calls(spotify) == 1
        assert works(spotify, access_token(account, refused=first))
    assert tokens._unsaved == {}


def test_a_disconnected_account_has_no_token(account: Account) -> None:
    tokens.forget(account)
    with pytest.raises(NotConnected):
        access_token(account)


def test_the_account_of_a_room_is_that_of_its_hosts_browser(
    host: Member, guest: Member, room: Room, spotify: FakeSpotify
) -> None:
    connected(spotify, "ben", guest)
    assert not Account.objects.of_room(room).exists()
    own = connected(spotify, "ann", host)
    assert Account.objects.of_room(room).get() == own


# --- Many callers -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_however_many_threads_need_a_token_one_of_them_asks(
    account: Account, spotify: FakeSpotify
) -> None:
    got: list[str] = []
    with spotify.fail(TOKEN, slow_s=0.5):
        assert at_once(*[lambda: got.append(access_token(account))] * 12) == []
    assert len(got) == 12
    assert set(got) == {now(account).access_token}
    assert calls(spotify) == 1


@pytest.mark.django_db(transaction=True)
def test_while_somebody_asks_the_database_is_free(account: Account, spotify: FakeSpotify) -> None:
    with spotify.fail(TOKEN, slow_s=1.0), asking(account):
        before = time.monotonic()
        Account.objects.update(name="Somebody")
        assert time.monotonic() - before < 0.5
    assert now(account).name == "Somebody"


@pytest.mark.django_db(transaction=True)
def test_a_refusal_that_comes_after_a_new_login_does_not_end_that(
    account: Account, spotify: FakeSpotify
) -> None:
    ann = spotify.people["ann"]
    spotify.faults.change(refreshing="revoked")
    with spotify.fail(TOKEN, slow_s=0.8), asking(account) as got:
        given = spotify.tokens_for(ann)
        later = clock.now_ms() + HOUR_MS
        grant = Grant(given["access_token"], given["refresh_token"], given["scope"], later)
        profile = Profile(ann.account_id, ann.id, "Ann")
        guest = account.connections.get().guest
        connect(guest=guest, grant=grant, profile=profile, purpose=Purpose.HOST)
    assert got == [grant.access_token]
    assert now(account).trouble == ""


def test_a_refresher_that_died_holds_up_the_others_only_until_its_lease_ends(
    account: Account, spotify: FakeSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    Account.objects.update(refreshing_until_ms=clock.now_ms() + tokens.LEASE_MS)
    monkeypatch.setattr(tokens, "WAIT_S", 0.2)
    with pytest.raises(Away):
        access_token(account)
    assert calls(spotify) == 0
    with clock.shifted(tokens.LEASE_MS):
        assert works(spotify, access_token(account))


@pytest.mark.servers
def test_however_many_processes_need_a_token_one_of_them_asks(
    spotify: FakeSpotify, tmp_path: Path
) -> None:
    spotify.faults.change(refreshing="rotates")
    given = json.dumps(spotify.tokens_for(spotify.person("Ann")))
    with installation(tmp_path, **spotify.environment()) as environment:
        run(environment, CONNECT.format(given=given)).communicate()
        with spotify.fail(TOKEN, slow_s=1.0):
            at_ms = clock.now_ms() + 10_000
            racers = [run(environment, RACE.format(at_ms=at_ms)) for _ in range(2)]
            got = [racer.communicate(timeout=60)[0].split() for racer in racers]
    assert [len(each) for each in got] == [4, 4]
    assert len({token for each in got for token in each}) == 1
    assert calls(spotify) == 1


CONNECT = """
import uuid
from music.sources.spotify.login import Profile, Purpose, connect
from music.sources.spotify.tokens import Grant
given = {given}
grant = Grant(given["access_token"], given["refresh_token"], given["scope"], 0)
profile = Profile("ann", "ann", "Ann")
connect(guest=uuid.uuid4(), grant=grant, profile=profile, purpose=Purpose.HOST)
"""
RACE = """
import time
from concurrent.futures import ThreadPoolExecutor
from music.sources.spotify.models import Account
from music.sources.spotify.tokens import access_token
account = Account.objects.get()
time.sleep(max(0, {at_ms} / 1000 - time.time()))
with ThreadPoolExecutor(4) as pool:
    print(*pool.map(access_token, [account] * 4))
"""


def run(environment: dict[str, str], program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", program],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


class asking:
    """Somebody else asks for a token, for as long as the block; what they got."""

    def __init__(self, account: Account) -> None:
        self._got: list[str] = []
        self._thread = threading.Thread(target=self._ask, args=(account,))

    def _ask(self, account: Account) -> None:
        try:
            self._got.append(access_token(account))
        finally:
            connection.close()

    def __enter__(self) -> list[str]:
        self._thread.start()
        time.sleep(0.3)  # it is on its way to Spotify by now
        return self._got

    def __exit__(self, *_: object) -> None:
        self._thread.join()


# --- What is noted ------------------------------------------------------------------------------


def test_missing_premium_is_believed_when_it_is_told_again_a_minute_later(
    account: Account,
) -> None:
    for shift_ms, code in ((0, "unsure"), (59_000, "unsure"), (61_000, "premium")):
        with clock.shifted(shift_ms):
            assert troubles.note_and_judge(account, PremiumRequired()).code == f"spotify_{code}"
    assert (now(account).trouble, now(account).premium) == (Trouble.PREMIUM, False)
    troubles.note_premium(account)
    assert (now(account).trouble, now(account).premium) == ("", True)


def test_a_trouble_of_an_earlier_login_is_none_of_the_present_one(
    account: Account, host: Member, spotify: FakeSpotify
) -> None:
    with clock.shifted(1000):
        again = connected(spotify, "ann", host)
        troubles.note_and_judge(account, Reconnect())
        assert again == account
    assert (now(account).trouble, now(account).suspected) == ("", "")


# --- At rest ------------------------------------------------------------------------------------


def raw(account: Account) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token, refresh_token FROM spotify_account")
        return " ".join(cursor.fetchone())


def test_tokens_are_not_readable_in_the_database(account: Account) -> None:
    assert account.access_token not in raw(account)
    assert account.refresh_token not in raw(account)


def test_a_new_key_in_front_of_the_old_one_takes_over_as_tokens_are_renewed(
    account: Account, spotify: FakeSpotify, settings: Any
) -> None:
    settings.TOKEN_KEYS = ["new", *settings.TOKEN_KEYS]
    token = access_token(account)
    settings.TOKEN_KEYS = ["new"]
    assert access_token(account) == token
    assert calls(spotify) == 1


def test_a_key_that_is_missing_for_a_moment_costs_no_token(
    account: Account, host: Member, spotify: FakeSpotify, settings: Any
) -> None:
    before, keys = raw(account), settings.TOKEN_KEYS
    settings.TOKEN_KEYS = ["another"]
    with pytest.raises(UnknownKey):
        access_token(account)
    unreadable = now(account)
    unreadable.name = "Ann again"
    unreadable.save()
    assert (raw(account), now(account).trouble, calls(spotify)) == (before, "", 0)
    settings.TOKEN_KEYS = keys
    assert works(spotify, access_token(account))


def test_without_the_key_the_host_can_log_in_again(
    account: Account, host: Member, spotify: FakeSpotify, settings: Any
) -> None:
    settings.TOKEN_KEYS = ["another"]
    again = connected(spotify, "ann", host)
    let_expire(again)
    assert works(spotify, access_token(again))


def reencrypt() -> tuple[int, str]:
    """How `manage.py spotify_reencrypt` ends, and what it says."""
    said = StringIO()
    try:
        call_command("spotify_reencrypt", stdout=said)
    except SystemExit as end:
        return int(str(end.code)), said.getvalue()
    return 0, said.getvalue()


def test_all_tokens_are_encrypted_with_the_first_key_and_the_old_one_may_go(
    account: Account, outsider: Member, spotify: FakeSpotify, settings: Any
) -> None:
    connected(spotify, "finn", outsider)
    old = settings.TOKEN_KEYS
    settings.TOKEN_KEYS = ["new", *old]
    code, said = reencrypt()
    assert (code, "2 of 2 accounts" in said, "may go" in said) == (0, True, True)
    settings.TOKEN_KEYS = ["new"]
    assert works(spotify, access_token(account))
    assert "0 of 2 accounts" in reencrypt()[1]


def test_tokens_that_no_key_fits_are_told_and_kept(
    account: Account, spotify: FakeSpotify, settings: Any
) -> None:
    before, settings.TOKEN_KEYS = raw(account), ["another"]
    code, said = reencrypt()
    assert (code, "1 account needs a key" in said) == (1, True)
    assert raw(account) == before
