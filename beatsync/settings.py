"""Settings. Everything an operator may change comes from the environment or the file `.env`.

`.env.example` names and explains every one of them.
"""

import logging
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

from beatsync import addresses, lists
from beatsync.env_file import add_to_environment, read_env_file
from beatsync.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
_file = read_env_file(BASE_DIR / ".env")
add_to_environment(_file)
env = Environment()

# --- The operator's choices ---------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
HTTPS = env.bool("HTTPS", default=False)
PUBLIC_URL = addresses.public_url(env.str("PUBLIC_URL", default=""))
HOST = addresses.listen_address(env.str("HOST", default=""), _file.get("HOST"))
PORT = env.int("PORT", default=8000)
# How many proxies stand before this server, each of which adds to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES < 0:
    raise ImproperlyConfigured(f"TRUSTED_PROXIES is a number of proxies, not {TRUSTED_PROXIES}.")
DATABASE_URL = env.str("DATABASE_URL", default="")
if DATABASE_URL and urlsplit(DATABASE_URL).scheme not in ("postgres", "postgresql", "sqlite"):
    raise ImproperlyConfigured("DATABASE_URL begins with postgres:// or sqlite:///.")
REDIS_URL = env.str("REDIS_URL", default="")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
MUSIC_DIRS = [
    Path(folder).expanduser() for folder in addresses.folders(env.str("MUSIC_DIRS", default=""))
]
HTTP_THREADS = env.int("HTTP_THREADS", default=24)
# "web": the music is advanced inside the server; "worker": by `manage.py conductor`.
CONDUCTOR = env.str("CONDUCTOR", default="web")
if CONDUCTOR not in ("web", "worker"):
    raise ImproperlyConfigured(f'CONDUCTOR is "web" or "worker", not "{CONDUCTOR}".')
ROOM_RETENTION_DAYS = env.int("ROOM_RETENTION_DAYS", default=30)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in logging.getLevelNamesMapping():
    raise ImproperlyConfigured(f'LOG_LEVEL is one such as INFO or WARNING, not "{LOG_LEVEL}".')

# --- Spotify; without a client id nothing of it shows ---------------------------------------------

SPOTIFY_CLIENT_ID = env.str("SPOTIFY_CLIENT_ID", default="")
SPOTIFY_CLIENT_SECRET = env.str("SPOTIFY_CLIENT_SECRET", default="")
SPOTIFY_LISTEN_ALONG = env.bool("SPOTIFY_LISTEN_ALONG", default=False)
SPOTIFY_ACCOUNTS_URL = env.str("SPOTIFY_ACCOUNTS_URL", default="https://accounts.spotify.com")
SPOTIFY_API_URL = env.str("SPOTIFY_API_URL", default="https://api.spotify.com/v1")
SPOTIFY_SDK_URL = env.str("SPOTIFY_SDK_URL", default="https://sdk.scdn.co/spotify-player.js")
SPOTIFY_IMAGES = lists.web_origins(
    "SPOTIFY_IMAGES",
    env.str("SPOTIFY_IMAGES", default=""),
    otherwise=["https://i.scdn.co", "https://*.scdn.co", "https://*.spotifycdn.com"],
)
# The first encrypts tokens, all of them decrypt: to change it, put the new one in front.
TOKEN_KEYS = lists.token_keys(env.str("TOKEN_KEYS", default=""), otherwise=SECRET_KEY)

# How often is too often, written count/seconds; see `rooms.limits`.
LIMITS = {
    name: env.rate(f"LIMIT_{name}", default=rate)
    for name, rate in {
        "VOTES": "30/10",
        "ADDS": "6/60",
        "HOST_ADDS": "60/60",
        "SEARCHES": "20/60",
        "SPOTIFY_SEARCHES": "10/60",
        "ROOM_SPOTIFY_SEARCHES": "60/60",
        "SPOTIFY_CALLS": "20/60",
        "SPOTIFY_ALONG": "12/60",
        "APP_SPOTIFY_ALONG": "30/30",
        "CHANGES": "60/10",
        "DEVICES": "60/60",
        "READS": "240/60",
        "JOINS": "30/60",
        "WRONG_CODES": "10/60",
        "SOCKETS": "60/60",
        "ADDRESS_SOCKETS": "6000/60",
        "ROOMS": "20/3600",
        "LOGINS": "20/600",
        "ADDRESS": "6000/60",
        "ADDRESS_READS": "12000/60",
        "ADDRESS_JOINS": "600/60",
        "ADDRESS_WRONG_CODES": "300/60",
        "ADDRESS_CODES": "3000/60",
        "ADDRESS_ROOMS": "200/3600",
        "ADDRESS_LOGINS": "200/600",
    }.items()
}

# How many sockets a browser and an address may have open in one process.
SOCKETS_PER_MEMBER = env.int("SOCKETS_PER_MEMBER", default=20)
SOCKETS_PER_ADDRESS = env.int("SOCKETS_PER_ADDRESS", default=5000)


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
    *lists.host_names("ALLOWED_HOSTS", env.str("ALLOWED_HOSTS", default="")),
]
CSRF_TRUSTED_ORIGINS = [
    *([PUBLIC_URL] if PUBLIC_URL else []),
    *lists.web_origins("CSRF_TRUSTED_ORIGINS", env.str("CSRF_TRUSTED_ORIGINS", default="")),
]

# --- Django -------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "beatsync.logins.Accounts",
    "allauth.socialaccount",
    "csp",
    "ninja",
    "beatsync",
    "rooms",
    "music",
    "music.sources.spotify",
]
MIDDLEWARE = [
    "beatsync.health.Health",
    "django.middleware.security.SecurityMiddleware",
    "beatsync.staticfiles.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "beatsync.bodies.ReadableBodies",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "beatsync.away.DatabaseAway",
    "beatsync.logins.LoginsOnly",
]
LOGIN_PATHS = ("/accounts/",)
LOGIN_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
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
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]
# A session lasts as long as a login at Spotify takes; guests have none (`rooms.access`).
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_NAME = "login"
SESSION_COOKIE_AGE = 15 * 60
SESSION_COOKIE_PATH = "/accounts/"
SOCIALACCOUNT_ADAPTER = "beatsync.spotify.LoginAdapter"
SOCIALACCOUNT_ONLY = True
ACCOUNT_EMAIL_VERIFICATION = "none"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Storage ------------------------------------------------------------------------------------

if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
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
        "max_size": env.int("DATABASE_POOL", default=HTTP_THREADS + 2),
        # There are as many as can be in use, so one is only waited for while the server is
        # away: then requests are refused soon, and the next ones try to connect again.
        "timeout": 2,
        "reconnect_timeout": 1,
    }

# Installations that share a Redis do not hear, count or remember for each other.
REDIS_PREFIX = "beatsync-" + sha256(SECRET_KEY.encode()).hexdigest()[:12]
# Hosted Redis plans often present a chain that no public authority has signed.
_UNVERIFIED = REDIS_URL.startswith("rediss://") and not env.bool("REDIS_VERIFY", default=True)
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
STATIC_ROOT = DATA_DIR / "static"
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
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024  # a request's body
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
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
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # A refused vote is an answer, not a fault of the server.
        "django.request": {"level": "ERROR"},
        # One line per request and socket is for debugging only.
        "django.channels.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
    },
}
