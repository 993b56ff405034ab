"""Settings that are lists: values separated by commas, as people write them in `.env`."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured

from beatsync.addresses import web_origin


def split_list(text: str) -> list[str]:
    """The values between the commas, without the spaces around them; empty ones do not count."""
    return [value.strip() for value in text.split(",") if value.strip()]


def token_keys(text: str, *, otherwise: str) -> list[str]:
    """The secrets that encrypt tokens: those in `text`, or `otherwise` when there are none.

    Raises `ImproperlyConfigured` for what looks like a slip. A key that is read differently from
    one start to the next makes every stored token unreadable.
    """
    keys = split_list(text)
    if any(len(key.split()) > 1 for key in keys):
        raise ImproperlyConfigured(
            "TOKEN_KEYS has a space inside a key. Separate keys by commas: new-key,old-key"
        )
    if any(set(key) & {'"', "'"} for key in keys):
        raise ImproperlyConfigured(
            "TOKEN_KEYS has a quotation mark inside a key. Write keys without: new-key,old-key"
        )
    return keys or [otherwise]


def host_names(name: str, text: str) -> list[str]:
    """Hosts such as `party.example`. Raises `ImproperlyConfigured` for what no host is called."""
    hosts = split_list(text)
    for host in hosts:
        if "/" in host or len(host.split()) > 1:
            raise ImproperlyConfigured(
                f'{name} has "{host}", which is no host. Write party.example,other.example'
            )
    return hosts


def web_origins(name: str, text: str, *, otherwise: Sequence[str] = ()) -> list[str]:
    """Origins such as `https://i.example`, or `otherwise` when there are none.

    Raises `ImproperlyConfigured` for what is none: browsers and Django would match nothing with it.
    """
    origins = []
    for written in split_list(text):
        try:
            origins.append(web_origin(written))
        except ValueError:
            raise ImproperlyConfigured(
                f'{name} has "{written}", which is no origin. Write https://i.example,https://…'
            ) from None
    return origins or [*otherwise]


def networks(name: str, text: str) -> list[IPv4Network | IPv6Network]:
    """Networks such as `192.168.1.0/24`. Raises `ImproperlyConfigured` for what is none."""
    found = []
    for written in split_list(text):
        try:
            found.append(ip_network(written, strict=False))
        except ValueError:
            raise ImproperlyConfigured(
                f'{name} has "{written}", which is no network. Write 192.168.1.0/24,10.0.0.0/8'
            ) from None
    return found
