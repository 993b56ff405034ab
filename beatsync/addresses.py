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
    """The operator's PUBLIC_URL as an origin, or "".

    Raises `ImproperlyConfigured` for what is no origin; BeatSync lives at the root of its host.
    """
    written = written.strip()
    try:
        return web_origin(written) if written else ""
    except ValueError:
        raise ImproperlyConfigured(
            "PUBLIC_URL is an address without a path, such as https://party.example, "
            f'not "{written}". BeatSync needs a host of its own.'
        ) from None


def web_origin(written: str) -> str:
    """An origin as browsers write it: in lower case, without a slash behind it or the usual port.

    Raises `ValueError` for what is none.
    """
    parts = urlsplit(written)
    usual_port = {"http": 80, "https": 443}.get(parts.scheme)
    has_more = any((parts.path.strip("/"), parts.query, parts.fragment, "@" in parts.netloc))
    if usual_port is None or not parts.hostname or has_more or len(written.split()) > 1:
        raise ValueError(written)
    host = parts.netloc.lower().removesuffix(":")
    if parts.port == usual_port:  # asking raises `ValueError` for what is no port
        host = host.removesuffix(f":{usual_port}")
    return f"{parts.scheme}://{host}"


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
