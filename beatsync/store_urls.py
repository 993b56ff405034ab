"""Addresses of the database and of Redis, as operators paste them.

They hold passwords, so no message repeats them.
"""

from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

_DATABASE = "postgres://user:password@host:5432/name or sqlite:////path/file"
_REDIS = "redis://host:6379/0, or rediss:// for TLS"


def database_url(written: str) -> str:
    """The DATABASE_URL, or "". Raises `ImproperlyConfigured` for what reaches no database."""
    if not written:
        return ""
    parts = _split("DATABASE_URL", written, _DATABASE)
    if parts.scheme == "sqlite":
        if parts.netloc or not parts.path.strip("/"):
            raise ImproperlyConfigured(
                "DATABASE_URL names no file. Write sqlite:/// and the path: sqlite:////data/file"
            )
    elif parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"DATABASE_URL is {_DATABASE}.")
    elif not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL names no database. Write …@host:5432/name")
    return written


def redis_url(written: str) -> str:
    """The REDIS_URL, or "". Raises `ImproperlyConfigured` for what reaches no Redis."""
    if not written:
        return ""
    parts = _split("REDIS_URL", written, _REDIS)
    number = parts.path.strip("/")
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ImproperlyConfigured(f"REDIS_URL is {_REDIS}.")
    if number and not number.isdigit():
        raise ImproperlyConfigured("REDIS_URL ends in the number of a database, such as /0.")
    return written


def _split(name: str, written: str, expected: str) -> SplitResult:
    try:
        parts = urlsplit(written)
        parts.port  # noqa: B018 - asking raises `ValueError` for what is no port
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is {expected}. In a password write %23 for #, %2F for /, %40 for @, %3A for :"
        ) from None
    if len(written.split()) > 1:
        raise ImproperlyConfigured(f"{name} has a blank in it; it is {expected}.")
    return parts
