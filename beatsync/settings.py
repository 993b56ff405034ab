"""Settings. Everything an operator may change comes from the environment or the file `.env`.

`.env.example` names and explains every one of them.
"""

import logging
import os
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from redis.backoff import NoBackoff
from redis.retry import Retry

from beatsync import addresses, production, setting_lists, store_urls
from beatsync.environment import Environment
from music.sources.packages import SOURCES

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
_NONE: list[str] = []
_file = env.read_file(BASE_DIR / ".env")

# --- The operator's choices ---------------------------------------------------------------------

SECRET_KEY = env.secret("SECRET_KEY")
DEBUG = env.flag("DEBUG", default=False)
# Whether pages get bundles of their scripts, or the single modules that are written and debugged.
BUNDLE = env.flag("BUNDLE", default=not DEBUG)
HTTPS = env.flag("HTTPS", default=False)
HSTS_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=False)
HSTS_PRELOAD = env.flag("HSTS_PRELOAD", default=False)
PUBLIC_URL = env.parsed("PUBLIC_URL", addresses.public_url, "")
HOST = addresses.listen_address(env.text("HOST"), _file.get("HOST"))
PORT = env.number("PORT", 8000, least=1, most=65_535)
# How many proxies stand before this server, each of which adds to X-Forwarded-For.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, most=20)
DATABASE_URL = env.parsed("DATABASE_URL", store_urls.database_url, "")
REDIS_URL = env.parsed("REDIS_URL", store_urls.redis_url, "")
REDIS_VERIFY = env.flag("REDIS_VERIFY", default=True)
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).expanduser()
# Where collected scripts and styles are.
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
MUSIC_DIRS = [Path(folder).expanduser() for folder in addresses.folders(env.text("MUSIC_DIRS"))]
HTTP_THREADS = env.number("HTTP_THREADS", 24, least=1, most=1000)
# Threads that use the database beside those of requests, each with one connection at a time:
# sockets, presence, conductor, clock, state of the site, scan, watch of the folders, reactions,
# suggestions (2), radio (3), doctor; and Spotify's devices (5), where there is Spotify.
OTHER_DATABASE_THREADS = 14 + (5 if env.text("SPOTIFY_CLIENT_ID") else 0)
DATABASE_POOL = env.number("DATABASE_POOL", HTTP_THREADS + OTHER_DATABASE_THREADS, least=3)
# "web": the music is advanced inside the server; "worker": by `manage.py conductor`.
CONDUCTOR = env.choice("CONDUCTOR", "web", ["web", "worker"])
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    env.refuse("METRICS_TOKEN is a secret of at least 16 characters.")
# Where `manage.py conductor` answers /metrics; 0: nowhere.
CONDUCTOR_METRICS_PORT = env.number("CONDUCTOR_METRICS_PORT", 0, most=65_535)
if CONDUCTOR_METRICS_PORT and not METRICS_TOKEN:
    env.refuse("CONDUCTOR_METRICS_PORT needs METRICS_TOKEN, or nobody could read there.")
# Where errors are told; empty: nowhere.
SENTRY_DSN = env.text("SENTRY_DSN")
if SENTRY_DSN and find_spec("sentry_sdk") is None:
    env.refuse("SENTRY_DSN needs a package: pip install -r requirements-sentry.txt.")
ROOM_RETENTION_DAYS = env.number("ROOM_RETENTION_DAYS", 30)
# 0: for ever.
AUDIT_RETENTION_DAYS = env.number("AUDIT_RETENTION_DAYS", 0)
LOG_FORMAT = env.choice("LOG_FORMAT", "line", ["line", "json"])
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", [*logging.getLevelNamesMapping()])

# Whether hosts may make an account, to find their rooms again on any device.
LOCAL_ACCOUNTS = env.flag("LOCAL_ACCOUNTS", default=False)

# --- Spotify; without a client id nothing of it shows ---------------------------------------------

SPOTIFY_CLIENT_ID = env.text("SPOTIFY_CLIENT_ID")
SPOTIFY_CLIENT_SECRET = env.text("SPOTIFY_CLIENT_SECRET")
SPOTIFY_LISTEN_ALONG = env.flag("SPOTIFY_LISTEN_ALONG", default=False)
SPOTIFY_ACCOUNTS_URL = env.url("SPOTIFY_ACCOUNTS_URL", "https://accounts.spotify.com")
SPOTIFY_API_URL = env.url("SPOTIFY_API_URL", "https://api.spotify.com/v1")
SPOTIFY_SDK_URL = env.url("SPOTIFY_SDK_URL", "https://sdk.scdn.co/spotify-player.js")
SPOTIFY_IMAGES = env.parsed(
    "SPOTIFY_IMAGES", partial(setting_lists.web_origins, "SPOTIFY_IMAGES"), _NONE
) or [*("https://i.scdn.co", "https://*.scdn.co", "https://*.spotifycdn.com")]
# The first encrypts tokens, all of them decrypt: to change it, put the new one in front.
TOKEN_KEYS = env.parsed(
    "TOKEN_KEYS", partial(setting_lists.token_keys, otherwise=SECRET_KEY), [SECRET_KEY]
)

# --- Radio ----------------------------------------------------------------------------------------

# Private networks in which a station may be all the same, such as the one of the house.
_NO_NETWORKS: list[IPv4Network | IPv6Network] = []
RADIO_NETWORKS = env.parsed(
    "RADIO_NETWORKS", partial(setting_lists.networks, "RADIO_NETWORKS"), _NO_NETWORKS
)
# Streams that one process passes on at a time; each takes as much of the line as its station sends.
RADIO_STREAMS = env.number("RADIO_STREAMS", 20, most=1000)

# --- Suggestions from outside; the room's own knowledge and the tags of files need nobody ---------

# Without a key, Last.fm is never asked.
LASTFM_API_KEY = env.text("LASTFM_API_KEY")
LASTFM_API_URL = env.url("LASTFM_API_URL", "https://ws.audioscrobbler.com/2.0/")
LISTENBRAINZ = env.flag("LISTENBRAINZ", default=True)
LISTENBRAINZ_LABS_URL = env.url("LISTENBRAINZ_LABS_URL", "https://labs.api.listenbrainz.org")
MUSICBRAINZ_URL = env.url("MUSICBRAINZ_URL", "https://musicbrainz.org")
# By what Labs compares: names that change there. The first that it knows is used.
_SESSIONS = "session_based_days_{}_session_300_contribution_5_threshold_{}"
LISTENBRAINZ_RECORDING_ALGORITHMS = setting_lists.split_list(
    env.text("LISTENBRAINZ_RECORDING_ALGORITHMS")
) or [
    _SESSIONS.format(7500, 15) + "_limit_50_skip_30",
    _SESSIONS.format(9000, 15) + "_limit_50_skip_30",
]
LISTENBRAINZ_ARTIST_ALGORITHMS = setting_lists.split_list(
    env.text("LISTENBRAINZ_ARTIST_ALGORITHMS")
) or [
    _SESSIONS.format(7500, 10) + "_limit_100_filter_True_skip_30",
    _SESSIONS.format(9000, 15) + "_limit_50_skip_30",
]

# Words that no message in any room may have (`chat.word_matching`).
CHAT_BLOCKED_WORDS = setting_lists.split_list(env.text("CHAT_BLOCKED_WORDS"))

# The rates that differ from what the apps declare, written count/seconds; see `rooms.limits`.
LIMITS = env.rates("LIMIT_")

# How many sockets a browser and an address may have open in one process.
SOCKETS_PER_MEMBER = env.number("SOCKETS_PER_MEMBER", 20, least=1)
SOCKETS_PER_ADDRESS = env.number("SOCKETS_PER_ADDRESS", 5000, least=1)
# Of more people than these in a room only the number is told, not who they are.
PRESENCE_CROWD = env.number("PRESENCE_CROWD", 500)


def _origin(url: str) -> str:
    """The scheme and host of an address, as a policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


NETWORK_ADDRESS = addresses.network_address()
LISTENS_EVERYWHERE = HOST in addresses.EVERYWHERE
# The operator's names and origins are added to these: a wrong one shuts nobody out.
ALLOWED_HOSTS = [
    *([host] if (host := urlsplit(PUBLIC_URL).hostname) else []),
    *addresses.own_hosts(),
    *env.parsed("ALLOWED_HOSTS", partial(setting_lists.host_names, "ALLOWED_HOSTS"), _NONE),
]
CSRF_TRUSTED_ORIGINS = [
    *([PUBLIC_URL] if PUBLIC_URL else []),
    *env.parsed(
        "CSRF_TRUSTED_ORIGINS", partial(setting_lists.web_origins, "CSRF_TRUSTED_ORIGINS"), _NONE
    ),
]

# Whether strangers can reach it: then what only harms one's own machine is refused, too.
IS_PUBLIC = HTTPS or PUBLIC_URL.startswith("https://")
if IS_PUBLIC:
    for _refusal in production.refusals(
        secret=SECRET_KEY,
        debug=DEBUG,
        hosts=ALLOWED_HOSTS,
        needs_conductor=CONDUCTOR == "worker",
        has_redis=bool(REDIS_URL),
    ):
        env.refuse(_refusal)
if HSTS_PRELOAD and not HSTS_SUBDOMAINS:
    env.refuse("HSTS_PRELOAD is for whole domains: set HSTS_SUBDOMAINS=true, too, or neither.")
env.raise_problems()
KNOWN_SETTINGS, UNKNOWN_SETTINGS = sorted(env.asked), env.unknown_names()
# Heroku empties the disk of each machine at least once a day.
IS_DISK_EPHEMERAL = "DYNO" in os.environ

# --- Django -------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Before Django's admin, whose templates it replaces.
    "staff",
    "beatsync.logins.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "beatsync.logins.Accounts",
    "allauth.socialaccount",
    "allauth.mfa",
    "csp",
    "ninja",
    "beatsync",
    "rooms",
    "music",
    *SOURCES,
    "chat",
    "discovery",
]
# What the apps add to a room (`rooms.features`), in the order in which snapshots name it.
ROOM_FEATURES = [
    "rooms.feature.FEATURE",
    "music.feature.FEATURE",
    *(f"{package}.feature.FEATURE" for package in SOURCES),
    "chat.feature.FEATURE",
    "discovery.feature.FEATURE",
    "staff.feature.FEATURE",
    "beatsync.bindings.FEATURE",
]
MIDDLEWARE = [
    "beatsync.request_ids.RequestIds",
    "beatsync.health.Health",
    "django.middleware.security.SecurityMiddleware",
    "beatsync.staticfiles.StaticFiles",
    "beatsync.compression.CompressedAnswers",
    "csp.middleware.CSPMiddleware",
    "staff.site_state.Maintenance",
    "django.middleware.common.CommonMiddleware",
    "beatsync.bodies.ReadableBodies",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "beatsync.away.DatabaseAway",
    "beatsync.logins.LoginsOnly",
]
LOGIN_PATHS = ("/accounts/", "/admin/")
LOGIN_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "beatsync.urls"
ASGI_APPLICATION = "beatsync.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Nearly every page has icons, and sources add to many.
            "builtins": ["beatsync.templatetags.icons", "beatsync.templatetags.sources"],
            "context_processors": [
                "django.template.context_processors.request",
                # For Django's admin. They look at nothing where no login is looked for.
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
# Guests have no session (`rooms.access`). Who looks after the site keeps one for a working day, a
# host with an account until it has bound or found their rooms (`beatsync.bindings`), a login at
# Spotify for as long as it takes (`music/sources/spotify/pages.py`).
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "login"
SESSION_COOKIE_AGE = 12 * 60 * 60
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account-home"
ACCOUNT_ADAPTER = "beatsync.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
# No address for mail: this server sends none, so it would help nobody who forgot a password.
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "beatsync.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SOCIALACCOUNT_ADAPTER = "music.sources.spotify.pages.LoginAdapter"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Storage ------------------------------------------------------------------------------------

if DATABASE_URL:
    DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
else:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "beatsync.sqlite3",
        }
    }
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["ENGINE"] = "beatsync.sqlite"
    # Threads are few and stay (`beatsync.handler`), and so may their connections.
    _database["CONN_MAX_AGE"] = None
    _database.setdefault("OPTIONS", {}).update(
        # Every action writes, so each takes the write lock at once and waits its turn, instead of
        # failing half-way when a read turns into a write.
        transaction_mode="IMMEDIATE",
        # Seconds: for a turn among the writers of this process, and for those of others.
        timeout=3,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    )
elif _database["ENGINE"].endswith("postgresql"):
    # Under ASGI threads come and go: a pool per process instead of a connection per thread.
    # A connection is held only while a request's queries run, so a few serve many people.
    _database["CONN_MAX_AGE"] = 0
    options = _database.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 3)
    options["pool"] = {
        "min_size": 2,
        "max_size": DATABASE_POOL,
        # There are as many as can be in use, so one is only waited for while the server is
        # away: then requests are refused soon, and the next ones try to connect again.
        "timeout": 2,
        "reconnect_timeout": 1,
    }

# Installations that share a Redis do not hear, count or remember for each other.
REDIS_PREFIX = "beatsync-" + sha256(SECRET_KEY.encode()).hexdigest()[:12]
# Hosted Redis plans often present a chain that no public authority has signed.
_UNVERIFIED = REDIS_URL.startswith("rediss://") and not REDIS_VERIFY
_REDIS_TLS = {"ssl_cert_reqs": None} if _UNVERIFIED else {}
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
            "OPTIONS": {
                "socket_connect_timeout": 1,
                "socket_timeout": 1,
                # Once more at once, should the connection have died unnoticed; nobody waits longer.
                "retry": Retry(NoBackoff(), retries=1),
                **_REDIS_TLS,
            },
        }
    }
    CHANNEL_LAYERS = {
        "default": {
            # Publish/subscribe: nothing is stored, no capacity to overflow; what is lost heals by
            # revision numbers.
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": REDIS_URL, **_REDIS_TLS}], "prefix": REDIS_PREFIX},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels.layers.InMemoryChannelLayer",
            # A room may go on for days; the layer forgets members of a group after one, left alone.
            "CONFIG": {"group_expiry": 10**9},
        }
    }

# --- Static files -------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "beatsync.staticfiles.HashedStorage"},
}

# --- Security -----------------------------------------------------------------------------------

CSRF_FAILURE_VIEW = "beatsync.pages.csrf_failure"
CSRF_COOKIE_SECURE = GUEST_COOKIE_SECURE = SESSION_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# For this host alone, unless the operator speaks for the whole domain: Django warns of that.
SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD = HSTS_SUBDOMAINS, HSTS_PRELOAD
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024  # a request's body
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[Any]]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The nonce stands in the policy only of a page that holds a script or a style of its own
        # (`beatsync/templatetags/served.py`).
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:", "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
if SPOTIFY_CLIENT_ID:
    _directives = CONTENT_SECURITY_POLICY["DIRECTIVES"]
    _sdk = _origin(SPOTIFY_SDK_URL)
    # The SDK plays in a frame of its own, but what it loads and calls is counted to the page, too.
    _called, _heard = [_sdk], []
    if _sdk == "https://sdk.scdn.co":
        _called += ["https://api.spotify.com", "https://*.spotify.com", "wss://*.spotify.com"]
        _heard += ["https://*.scdn.co"]
    _directives["script-src"] += [_sdk]
    _directives["frame-src"] = [_sdk]
    _directives["img-src"] += SPOTIFY_IMAGES
    _directives["connect-src"] += _called
    _directives["media-src"] += _heard
    # The form that starts a login ends in a redirect to there, which some browsers count.
    _directives["form-action"] += [_origin(SPOTIFY_ACCOUNTS_URL)]

# --- Logging ------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "beatsync.logs.AddRequestId"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {request_id}: {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{levelname}{name}{request_id}{message}",
            "style": "{",
            "timestamp": True,
            "rename_fields": {"levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # A refused vote is an answer, not a fault of the server.
        "django.request": {"level": "ERROR"},
        # Statements hold what people wrote.
        "django.db.backends": {"level": "INFO"},
        # One line per request and socket is for debugging only.
        "django.channels.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
    },
}
