"""What an operator chooses in the environment, and what comes of it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from beatsync import production, setting_lists, store_urls
from beatsync.environment import Environment
from rooms import limits
from tests.servers import ROOT

POSTGRES = "postgres://ana:secret@db.example:6543/jukebox"
REDIS = "redis://cache.example:6379/3"
KEY = "a-key-of-the-tests-that-is-long-enough-for-a-public-address"
WANTED = (
    "ALLOWED_HOSTS CACHES CHANNEL_LAYERS CONTENT_SECURITY_POLICY CSRF_COOKIE_SECURE "
    "CSRF_TRUSTED_ORIGINS DATABASES DEBUG SESSION_COOKIE_SECURE "
    "GUEST_COOKIE_SECURE HTTP_THREADS LIMITS REDIS_PREFIX SECURE_HSTS_SECONDS SECURE_SSL_REDIRECT "
    "SECURE_HSTS_INCLUDE_SUBDOMAINS SECURE_HSTS_PRELOAD"
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
    environment = os.environ | nothing | {"SECRET_KEY": KEY, "DATA_DIR": str(data)} | chosen
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
    assert database["OPTIONS"]["pool"]["max_size"] == 38


@pytest.mark.parametrize(
    ("chosen", "size"),
    [
        ({"HTTP_THREADS": "20"}, 34),
        ({"HTTP_THREADS": "20", "SPOTIFY_CLIENT_ID": "an-app"}, 39),
        ({"DATABASE_POOL": "5"}, 5),
    ],
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
    # The nonce is that of what stands in the page itself.
    assert {source for sources in policy.values() for source in sources} == {
        *("'self'", "'none'", "data:", "blob:", "csp.constants.NONCE")
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
    assert settings_with(tmp_path, LIMIT_VOTES="5/1")["LIMITS"] == {"VOTES": "5/1"}


def test_a_rate_for_no_limit_is_refused_at_start(tmp_path: Path) -> None:
    environment = os.environ | {"DATA_DIR": str(tmp_path), "LIMIT_VOTE": "5/1"}
    start = [sys.executable, "-c", "import beatsync.asgi"]
    done = subprocess.run(start, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "LIMIT_VOTE is no limit. The limits are LIMIT_ADDRESS," in done.stderr


def test_a_setting_that_is_left_empty_has_its_default(tmp_path: Path) -> None:
    names = "PORT HTTP_THREADS LIMIT_VOTES LOG_LEVEL CONDUCTOR DEBUG"
    assert settings_with(tmp_path, **dict.fromkeys(names.split(), "")) == settings_with(tmp_path)


def test_a_slip_in_a_setting_is_refused_with_its_name() -> None:
    slips: list[tuple[str, str, Callable[[Environment], object]]] = [
        ("PORT", "eight", lambda env: env.number("PORT", 1)),
        ("PORT", "8000 # the port", lambda env: env.number("PORT", 1)),
        ("PORT", "99999", lambda env: env.number("PORT", 1, most=65_535)),
        ("HTTPS", "maybe", lambda env: env.flag("HTTPS", default=False)),
        ("CONDUCTOR", "both", lambda env: env.choice("CONDUCTOR", "web", ["web", "worker"])),
        ("SPOTIFY_API_URL", "api.example", lambda env: env.url("SPOTIFY_API_URL", "https://x")),
        ("LIMIT_VOTES", "lots", lambda env: env.rates("LIMIT_")),
        ("LIMIT_VOTES", "0/10", lambda env: env.rates("LIMIT_")),
    ]
    for name, written, read in slips:
        env = Environment({name: written})
        read(env)
        [problem] = env.problems
        assert problem.startswith(f"{name} "), problem


def test_quotes_and_blanks_around_a_value_are_no_part_of_it() -> None:
    written = {"A": ' "two words" ', "B": "' 8000 '", "C": '"', "D": "it's", "E": '""'}
    env = Environment(written)
    assert [env.text(name) for name in "ABCDE"] == ["two words", "8000", '"', "it's", ""]
    assert env.number("B", 1) == 8000


def start_with(data: Path, *command: str, **chosen: str) -> subprocess.CompletedProcess[str]:
    """How a command ends that begins with these choices."""
    ours = {"DJANGO_SETTINGS_MODULE": "beatsync.settings", "SECRET_KEY": KEY, "DATA_DIR": str(data)}
    environment = os.environ | ours | chosen
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("command", [("-m", "beatsync"), ("manage.py", "doctor")])
def test_a_start_says_all_that_is_wrong_in_one_list(tmp_path: Path, command: list[str]) -> None:
    wrong = {"SECRET_KEY": "", "PORT": "x", "DATABASE_URL": "mysql://u:geheim@host/db"}
    done = start_with(tmp_path, *command, **wrong)
    assert done.returncode == 1
    assert done.stderr.startswith("BeatSync does not start.")
    starts = [line.split()[1] for line in done.stderr.splitlines()[1:]]
    assert starts == ["SECRET_KEY", "PORT", "DATABASE_URL"]
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


REFUSED = [
    ({"SECRET_KEY": "change-me"}, "SECRET_KEY is short"),
    ({"SECRET_KEY": "django-insecure-" + "x" * 50}, "SECRET_KEY is short"),
    ({"DEBUG": "true"}, "DEBUG shows strangers"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS lets in any name"),
    ({"CONDUCTOR": "worker", "REDIS_URL": ""}, "CONDUCTOR=worker takes a second process"),
    ({"HSTS_PRELOAD": "true"}, "HSTS_PRELOAD is for whole domains"),
]


@pytest.mark.parametrize(("chosen", "problem"), REFUSED)
def test_a_public_address_refuses_what_is_unsafe(
    tmp_path: Path, chosen: dict[str, str], problem: str
) -> None:
    done = start_with(tmp_path, "-m", "beatsync", HTTPS="true", **chosen)
    assert problem in done.stderr
    assert done.returncode == 1


def test_a_key_that_a_machine_has_made_is_not_guessable() -> None:
    assert not production.is_guessable("4f1c9a02be7d4c6f8e0b3a5d7c9e1f20")
    assert not any(production.refusals(
        secret=KEY, debug=False, hosts=["a.example"], needs_conductor=True, has_redis=True
    ))  # fmt: skip


def test_a_secret_file_that_is_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret-key"
    first, again = (Environment({"KEY_FILE": str(file)}).secret("KEY") for _ in range(2))
    assert first == again == file.read_text().strip()
    assert not production.is_guessable(first)
    assert file.stat().st_mode & 0o777 == 0o600
    assert Environment({"KEY_FILE": str(file), "KEY": "own"}).secret("KEY") == "own"


def test_a_secret_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    env = Environment({"KEY_FILE": str(tmp_path / "file" / "secret")})
    assert env.secret("KEY") == ""
    assert env.problems == ["KEY_FILE cannot be read or made (NotADirectoryError)."]


def test_a_name_in_the_file_that_no_setting_has_is_known(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PROT=8000\nLIMIT_VOTES=1/1\nPORT=1\n")
    env = Environment({})
    env.read_file(tmp_path / ".env")
    env.number("PORT", 1)
    assert env.unknown_names() == ["PROT"]


def test_hsts_speaks_for_this_host_alone_unless_the_operator_says_more(tmp_path: Path) -> None:
    hsts = ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")
    secure = settings_with(tmp_path, HTTPS="true")
    more = settings_with(tmp_path, HTTPS="true", HSTS_SUBDOMAINS="true", HSTS_PRELOAD="true")
    assert [secure[name] for name in hsts] == [False, False]
    assert [more[name] for name in hsts] == [True, True]


def test_every_setting_is_explained_in_the_example() -> None:
    source = (ROOT / "beatsync" / "settings.py").read_text()
    example = (ROOT / ".env.example").read_text()
    read = r"env\.(?:text|flag|number|choice|parsed|url|secret)\(\s*\"(\w+)\""
    asked = {*re.findall(read, source), "SECRET_KEY_FILE"}
    assert len(asked) > 30
    assert {name for name in asked if f"{name}=" not in example} == set()
    in_example = dict(re.findall(r"^#LIMIT_(\w+)=(.*)$", example, re.MULTILINE))
    assert in_example == {name: limits.rate_of(name) for name in limits.names()}


READERS: dict[str, Callable[[str], list[str]]] = {
    "TOKEN_KEYS": lambda text: setting_lists.token_keys(text, otherwise="x"),
    "SPOTIFY_IMAGES": lambda text: setting_lists.web_origins("SPOTIFY_IMAGES", text),
    "ALLOWED_HOSTS": lambda text: setting_lists.host_names("ALLOWED_HOSTS", text),
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


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (store_urls.database_url, "postgres://ana:a#b@db.example/jukebox"),
        (store_urls.database_url, "postgres://ana:geheim@db.example:54x/jukebox"),
        (store_urls.database_url, "postgres://ana:geheim@db.example"),
        (store_urls.database_url, "postgres ://ana:geheim@db.example/jukebox"),
        (store_urls.database_url, "sqlite://data/file"),
        (store_urls.database_url, "mysql://ana:geheim@db.example/jukebox"),
        (store_urls.redis_url, "cache.example:6379"),
        (store_urls.redis_url, "redis://"),
        (store_urls.redis_url, "redis://:geheim@cache.example/jukebox"),
        (store_urls.redis_url, "https://cache.example"),
    ],
)
def test_an_address_of_a_store_that_leads_nowhere_is_refused_without_its_password(
    read: Callable[[str], str], written: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(written)
    assert "geheim" not in str(refusal.value)


def test_addresses_of_stores_are_read_as_they_are_written() -> None:
    for read, written in [
        (store_urls.database_url, POSTGRES),
        (store_urls.database_url, "postgresql:///jukebox?host=/run/postgresql"),
        (store_urls.database_url, "sqlite:////data/file.sqlite3"),
        (store_urls.redis_url, "rediss://:p@cache.example:6380"),
        (store_urls.redis_url, REDIS),
        (store_urls.redis_url, ""),
    ]:
        assert read(written) == written
