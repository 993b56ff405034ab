"""Where this server is reached: what the operator wrote, and what the machine knows of itself.

Read by the settings, so nothing of Django's may be imported here that needs them.
"""

import re
import socket
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

import ifaddr
from django.core.exceptions import ImproperlyConfigured

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - named, not listened on
# Names that routers and multicast DNS give to a machine in its own network.
LOCAL_DOMAINS = ("local", "lan")


def listen_address(*candidates: str | None) -> str:
    """The first candidate that is an address, else 127.0.0.1.

    The variable HOST is not ours alone: conda keeps a platform there, tcsh the machine's name.
    """
    return next((one for one in candidates if one and is_address(one)), "127.0.0.1")


def is_address(text: str) -> bool:
    """Whether a server can listen there without asking anybody: an IP address or localhost."""
    try:
        ip_address(text)
    except ValueError:
        return text == "localhost"
    return True


def public_url(written: str) -> str:
    """The operator's PUBLIC_URL as an origin: "https://party.example", in lower case, or "".

    Raises `ImproperlyConfigured` for what is no origin; BeatSync lives at the root of its host.
    """
    written = written.strip()
    if not written:
        return ""
    parts = urlsplit(written)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured(
            f'PUBLIC_URL is an address such as https://party.example, not "{written}".'
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"PUBLIC_URL has no path: BeatSync needs a host of its own, such as "
            f'https://party.{parts.hostname}, not "{written}".'
        )
    return f"{parts.scheme}://{parts.netloc}".lower()


def folders(written: str) -> list[str]:
    """Folders separated by commas; a comma in a folder's name is no separator.

    A new folder begins where an absolute path does, or one with "~", "./" or "../" in front.
    """
    parts = re.split(r",\s*(?=[/~]|\.\.?/|[A-Za-z]:\\)", written.strip())
    return [part.strip().rstrip(",") for part in parts if part.strip().rstrip(",")]


def own_hosts() -> list[str]:
    """Every name and address by which a browser may reach this machine, as in a Host header."""
    name = socket.gethostname().lower()
    short = name.split(".")[0]
    names = ["localhost", name, short, *(f"{short}.{domain}" for domain in LOCAL_DOMAINS)]
    return list(dict.fromkeys([*names, *map(_in_url, _own_addresses())]))


def network_address() -> str:
    """This machine's address in its network, or "" without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # No packet is sent: connecting a datagram socket only picks the outgoing address.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def _own_addresses() -> list[str]:
    found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    # An IPv6 address comes with its flow and scope.
    return ["127.0.0.1", "::1", *(one if isinstance(one, str) else one[0] for one in found)]


def _in_url(address: str) -> str:
    return f"[{address}]" if isinstance(ip_address(address), IPv6Address) else address
