"""What an operator chooses in the environment, and what comes of it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from beatsync import lists
from beatsync.environment import Environment
from tests.servers import ROOT

POSTGRES = "postgres://ana:secret@db.example:6543/jukebox"
REDIS = "redis://cache.example:6379/3"
WANTED = (
    "ALLOWED_HOSTS CACHES CHANNEL_LAYERS CONTENT_SECURITY_POLICY CSRF_COOKIE_SECURE "
    "CSRF_TRUSTED_ORIGINS DATABASES DEBUG SESSION_COOKIE_SECURE "
    "GUEST_COOKIE_SECURE HTTP_THREADS LIMITS REDIS_PREFIX SECURE_HSTS_SECONDS SECURE_SSL_REDIRECT"
)
READ = f"""
import json
from beatsync import settings
print(json.dumps({{name: getattr(settings, name) for name in {WANTED.split()!r}}}, default=str))
"""


def settings_with(data: Path, **chosen: str) -> dict[str, Any]:
    """The settings of a process with these choices, and none of ours."""
    names = "ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS DATABASE_URL REDIS_URL PUBLIC_URL SPOTIFY_CLIENT_ID"
    nothing = dict.fromkeys(names.split(), "")
    environment = os.environ | nothing | {"SECRET_KEY": "x", "DATA_DIR": str(data)} | chosen
    read = subprocess.run(
        [sys.executable, "-c", READ], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    settings: dict[str, Any] = json.loads(read.stdout)
    return settings


def test_without_any_choice_everything_is_in_one_process_and_one_folder(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "beatsync.sqlite3")
    assert settings["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "InMemory" in settings["CHANNEL_LAYERS"]["default"]["BACKEND"]
    assert "locmem" in settings["CACHES"]["default"]["BACKEND"]
    assert settings["DEBUG"] is False
    assert {"localhost", "127.0.0.1"} <= set(settings["ALLOWED_HOSTS"])


def test_every_sqlite_has_the_same_options(tmp_path: Path) -> None:
    own = settings_with(tmp_path)["DATABASES"]["default"]
    file = tmp_path / "elsewhere.sqlite3"
    by_url = settings_with(tmp_path, DATABASE_URL=f"sqlite:///{file}")["DATABASES"]["default"]
    assert by_url["NAME"] == str(file)
    for name in ("ENGINE", "CONN_MAX_AGE", "OPTIONS"):
        assert by_url[name] == own[name]


def test_postgres_is_reached_through_a_pool_of_the_size_that_is_needed(tmp_path: Path) -> None:
    database = settings_with(tmp_path, DATABASE_URL=POSTGRES)["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 6543, "jukebox")
    assert database["CONN_MAX_AGE"] == 0
    assert database["OPTIONS"]["pool"]["max_size"] == 26


@pytest.mark.parametrize(
    ("chosen", "size"), [({"HTTP_THREADS": "20"}, 22), ({"DATABASE_POOL": "5"}, 5)]
)
def test_the_pool_follows_the_threads_or_the_operator(
    tmp_path: Path, chosen: dict[str, str], size: int
) -> None:
    database = settings_with(tmp_path, DATABASE_URL=POSTGRES, **chosen)["DATABASES"]["default"]
    assert database["OPTIONS"]["pool"]["max_size"] == size


def test_redis_carries_messages_cache_and_limits(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, REDIS_URL=REDIS)
    assert settings["CACHES"]["default"]["LOCATION"] == REDIS
    layer = settings["CHANNEL_LAYERS"]["default"]
    assert layer["CONFIG"]["hosts"] == [{"address": REDIS}]


def test_installations_that_share_a_redis_keep_apart(tmp_path: Path) -> None:
    one, same, other = (
        settings_with(tmp_path, REDIS_URL=REDIS, SECRET_KEY=secret) for secret in ("a", "a", "b")
    )
    for settings in (one, same, other):
        assert settings["CACHES"]["default"]["KEY_PREFIX"] == settings["REDIS_PREFIX"]
        assert settings["CHANNEL_LAYERS"]["default"]["CONFIG"]["prefix"] == settings["REDIS_PREFIX"]
    assert one["REDIS_PREFIX"] == same["REDIS_PREFIX"] != other["REDIS_PREFIX"]


def test_https_makes_cookies_secure_and_redirects(tmp_path: Path) -> None:
    plain, secure = settings_with(tmp_path), settings_with(tmp_path, HTTPS="true")
    cookies = ("CSRF_COOKIE_SECURE", "GUEST_COOKIE_SECURE", "SESSION_COOKIE_SECURE")
    for name in (*cookies, "SECURE_SSL_REDIRECT"):
        assert (plain[name], secure[name]) == (False, True)
    assert secure["SECURE_HSTS_SECONDS"] > plain["SECURE_HSTS_SECONDS"] == 0


def test_the_public_address_is_allowed_and_trusted(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, PUBLIC_URL="https://party.example/")
    assert "party.example" in settings["ALLOWED_HOSTS"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://party.example"]


def test_chosen_hosts_and_origins_are_added_to_the_servers_own(tmp_path: Path) -> None:
    own = settings_with(tmp_path, PUBLIC_URL="https://party.example")
    chosen = {"ALLOWED_HOSTS": "a.example, b.example", "CSRF_TRUSTED_ORIGINS": "https://a.example"}
    more = settings_with(tmp_path, PUBLIC_URL="https://party.example", **chosen)
    assert more["ALLOWED_HOSTS"] == [*own["ALLOWED_HOSTS"], "a.example", "b.example"]
    assert more["CSRF_TRUSTED_ORIGINS"] == ["https://party.example", "https://a.example"]


SDK = "https://sdk.scdn.co"


def policy_with(data: Path, **chosen: str) -> dict[str, list[str]]:
    policy: dict[str, list[str]] = settings_with(data, **chosen)["CONTENT_SECURITY_POLICY"][
        "DIRECTIVES"
    ]
    return policy


def test_without_spotify_pages_load_from_nobody_else(tmp_path: Path) -> None:
    policy = policy_with(tmp_path)
    assert "frame-src" not in policy
    assert {source for sources in policy.values() for source in sources} == {
        *("'self'", "'none'", "data:", "blob:")
    }


def test_with_spotify_pages_load_its_player_and_pictures_and_no_more(tmp_path: Path) -> None:
    without, policy = policy_with(tmp_path), policy_with(tmp_path, SPOTIFY_CLIENT_ID="x")
    added = {
        name: [one for one in sources if one not in without.get(name, [])]
        for name, sources in policy.items()
        if sources != without.get(name)
    }
    assert added == {
        "script-src": [SDK],
        "frame-src": [SDK],
        "img-src": ["https://i.scdn.co", "https://*.scdn.co", "https://*.spotifycdn.com"],
        "connect-src": [
            *(SDK, "https://api.spotify.com", "https://*.spotify.com", "wss://*.spotify.com")
        ],
        "media-src": ["https://*.scdn.co"],
        "form-action": ["https://accounts.spotify.com"],
    }


def test_another_spotify_gets_no_more_than_its_own_addresses(tmp_path: Path) -> None:
    policy = policy_with(
        tmp_path,
        SPOTIFY_CLIENT_ID="x",
        SPOTIFY_SDK_URL="http://127.0.0.1:9/player.js",
        SPOTIFY_ACCOUNTS_URL="http://127.0.0.1:9/accounts",
        SPOTIFY_IMAGES="http://127.0.0.1:9",
    )
    assert "spotify" not in str(policy)
    assert "scdn" not in str(policy)
    for name in ("script-src", "frame-src", "img-src", "connect-src", "form-action"):
        assert policy[name][-1] == "http://127.0.0.1:9"


def test_a_limit_can_be_chosen(tmp_path: Path) -> None:
    limits = settings_with(tmp_path, LIMIT_VOTES="5/1")["LIMITS"]
    assert (limits["VOTES"], limits["ADDS"]) == ("5/1", "6/60")


def test_a_setting_that_is_left_empty_has_its_default(tmp_path: Path) -> None:
    names = "PORT HTTP_THREADS LIMIT_VOTES LOG_LEVEL CONDUCTOR DEBUG"
    assert settings_with(tmp_path, **dict.fromkeys(names.split(), "")) == settings_with(tmp_path)


def test_a_slip_in_a_setting_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    slips: list[tuple[str, str, Callable[[str], object]]] = [
        ("PORT", "eight", Environment().int),
        ("HTTPS", "maybe", Environment().bool),
        ("LIMIT_VOTES", "lots", lambda name: Environment().rate(name, default="30/10")),
        ("LIMIT_VOTES", "0/10", lambda name: Environment().rate(name, default="30/10")),
    ]
    for name, written, read in slips:
        monkeypatch.setenv(name, written)
        with pytest.raises(ImproperlyConfigured, match=f"^{name} is"):
            read(name)


def test_every_setting_is_explained_in_the_example(tmp_path: Path) -> None:
    source = (ROOT / "beatsync" / "settings.py").read_text()
    example = (ROOT / ".env.example").read_text()
    asked = {
        part.split('"')[1]
        for part in source.replace("(\n", "(").split("env.")[1:]
        if part.split("(")[0] in ("str", "bool", "int", "list") and not part.startswith("str(f")
    }
    limits = {f"LIMIT_{name}" for name in settings_with(tmp_path)["LIMITS"]}
    assert {name for name in asked | limits if f"{name}=" not in example} == set()


READERS: dict[str, Callable[[str], list[str]]] = {
    "TOKEN_KEYS": lambda text: lists.token_keys(text, otherwise="x"),
    "SPOTIFY_IMAGES": lambda text: lists.web_origins("SPOTIFY_IMAGES", text),
    "ALLOWED_HOSTS": lambda text: lists.host_names("ALLOWED_HOSTS", text),
}
LISTS: list[tuple[str, str, list[str]]] = [
    ("TOKEN_KEYS", "new, old", ["new", "old"]),
    ("TOKEN_KEYS", " new ,, old,", ["new", "old"]),
    ("TOKEN_KEYS", "", ["x"]),
    ("TOKEN_KEYS", " , ", ["x"]),
    (
        "SPOTIFY_IMAGES",
        "https://A.example/, https://*.b.example, https://c.example:443",
        ["https://a.example", "https://*.b.example", "https://c.example"],
    ),
    ("ALLOWED_HOSTS", "a.example, .b.example,", ["a.example", ".b.example"]),
]
SLIPS = [
    ("TOKEN_KEYS", "new old"),
    ("TOKEN_KEYS", "'new','old'"),
    ("SPOTIFY_IMAGES", "a.example"),
    ("SPOTIFY_IMAGES", "https://a.example/covers"),
    ("ALLOWED_HOSTS", "https://a.example"),
]


def test_lists_are_read_as_people_write_them() -> None:
    for name, written, expected in LISTS:
        assert READERS[name](written) == expected, (name, written)


def test_a_slip_in_a_list_is_refused_with_its_name() -> None:
    for name, written in SLIPS:
        with pytest.raises(ImproperlyConfigured, match=f"^{name} has"):
            READERS[name](written)
