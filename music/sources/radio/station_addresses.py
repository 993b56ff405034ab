"""Which addresses a station may have: of the web, and in no private network.

The address of the network is checked where the connection is made, after the name has been
resolved: a name that leads somewhere else a second later leads to an address that is checked again.
"""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from requests.utils import requote_uri

from music.sources.radio.errors import BadStationAddress, BlockedPort, PrivateStation

ADDRESS_LENGTH = 500
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Of the ports below 1024 a station may have those of the web alone; of the others not these, where
# no station is. Browsers open none of them but the last line, which is of databases and the like.
_FIRST_FREE_PORT = 1024
_BLOCKED_PORTS = {
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566,
    6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    1433, 1521, 3306, 3389, 5432, 5672, 5900, 6379, 11211, 27017,
}  # fmt: skip
# The lists of IANA, written out: what Python counts as global depends on its version.
_NOT_PUBLIC = [
    ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        # Where machines of Azure ask for their settings.
        "168.63.129.16/32",
        # Inside of `_GLOBAL_UNICAST`: protocols and tunnels (Teredo, 6to4), documentation.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
]  # fmt: skip
# Of IPv6, all that is public. Addresses with an IPv4 address inside are not in it.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# But these (RFC 6052): by them, a server without IPv4 reaches what has no IPv6.
_NAT64 = IPv6Network("64:ff9b::/96")


class WebAddress(NamedTuple):
    """An address of the web that can be connected to; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_tls(self) -> bool:
        return self.scheme == "https"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host_header}{self.target}"


def web_address(written: str) -> WebAddress:
    """The address that somebody wrote or a server named.

    Raises `BadStationAddress`, and `BlockedPort`, which is one.
    """
    written = written.strip()
    if len(written) > ADDRESS_LENGTH or not written.isprintable() or " " in written:
        raise BadStationAddress
    try:
        parts = urlsplit(requote_uri(written))
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    except (ValueError, OSError) as error:
        raise BadStationAddress from error
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc or port == 0:
        raise BadStationAddress
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii():
        raise BadStationAddress
    port = port or _DEFAULT_PORTS[parts.scheme]
    if port in _BLOCKED_PORTS or (port < _FIRST_FREE_PORT and port not in _DEFAULT_PORTS.values()):
        raise BlockedPort
    address = WebAddress(parts.scheme, host, port, target)
    # It may be longer than what was written: "ü" is "%C3%BC" in it.
    if len(str(address)) > ADDRESS_LENGTH:
        raise BadStationAddress
    return address


def follow(base: WebAddress, location: str) -> WebAddress:
    """Where a redirect or an entry of a playlist leads. Raises `BadStationAddress`."""
    return web_address(urljoin(str(base), location.strip()))


def check_network(address: str) -> None:
    """Raise `PrivateStation` for a network address that a station may not have here.

    Those of this server itself are among them: behind a firewall they lead to what is not public.
    Those of `RADIO_NETWORKS` it may have, though they are private.
    """
    if is_public(address) and not _is_of_this_server(address):
        return
    with suppress(ValueError):
        found = ip_address(address)
        if any(found in network for network in settings.RADIO_NETWORKS):
            return
    raise PrivateStation


def is_public(address: str) -> bool:
    """Whether a network address belongs to the public internet, and none hides inside it."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found in _NAT64:
        found = IPv4Address(int(found) & 0xFFFFFFFF)
    if isinstance(found, IPv6Address) and found not in _GLOBAL_UNICAST:
        return False
    return not any(found in network for network in _NOT_PUBLIC)


def _is_of_this_server(address: str) -> bool:
    """Whether this machine has that address. Nothing is sent: the system chooses its own end."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((address, 80))
        return ip_address(probe.getsockname()[0]) == ip_address(address)
    return False
