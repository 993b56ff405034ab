"""How the server is reached from outside, through the proxies before it: asked as a browser would.

The question is signed, so that `/healthz` tells nobody else what the server sees of a request.
"""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext_noop as _

from beatsync.doctor.findings import Finding, fine, unsure, wrong
from beatsync.health import FORGED_ADDRESS, question_header
from discovery.errors import KeyRefused, ServiceAway
from discovery.services import lastfm as suggestions

ANSWER_S = 5
# Of RFC 6455, section 1.3: any 16 bytes will do.
_SOCKET_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def reached() -> Iterator[Finding]:
    """Whether pages, addresses and sockets come through; at PUBLIC_URL, or on this machine."""
    base = settings.PUBLIC_URL or f"http://127.0.0.1:{settings.PORT}"
    title = _("Reached at {base}")
    try:
        seen = _ask(base)
    except requests.exceptions.SSLError:
        step = _("Look at the proxy's certificate: it fits neither the name nor the day.")
        yield wrong(title, _("its certificate is not valid."), step, base=base)
    except (requests.RequestException, ValueError) as failure:
        text, values = (
            _("does not answer ({kind})."),
            {"base": base, "kind": type(failure).__name__},
        )
        if settings.PUBLIC_URL:
            step = _("Start BeatSync and the proxy; let DNS and the firewall lead here.")
            yield wrong(title, text, step, **values)
        else:
            yield unsure(title, text, _("Start BeatSync, and ask again."), **values)
    else:
        yield from _judge(title, base, seen)


def _ask(base: str) -> dict[str, Any]:
    """What the server sees of a request. Raises `requests.RequestException` and `ValueError`."""
    headers = {**question_header(), "X-Forwarded-For": FORGED_ADDRESS}
    answer = requests.get(
        f"{base}/healthz", headers=headers, timeout=ANSWER_S, allow_redirects=False
    )
    answer.raise_for_status()
    said = answer.json()
    if not isinstance(said, dict):
        raise ValueError("no answer of BeatSync")
    return said


def _judge(title: str, base: str, said: dict[str, Any]) -> Iterator[Finding]:
    seen = said.get("seen")
    if not isinstance(seen, dict):
        step = _("Give all processes one SECRET_KEY, and look at where the proxy leads.")
        yield wrong(title, _("another installation answers there."), step, base=base)
        return
    yield fine(title, _("answers."), base=base)
    yield from judge_proxy(base, seen)
    yield _sockets(base)


def lastfm() -> Finding:
    """Whether Last.fm answers, and takes the operator's key."""
    try:
        suggestions.check_key()
    except KeyRefused:
        step = _("Copy the API key from https://www.last.fm/api/accounts, or leave it empty.")
        return wrong(_("Last.fm"), _("refuses LASTFM_API_KEY."), step)
    except ServiceAway:
        step = _("Let the server reach ws.audioscrobbler.com; until then, others suggest.")
        return unsure(_("Last.fm"), _("does not answer, or is left alone for now."), step)
    return fine(_("Last.fm"), _("answers, and takes the key."))


def judge_proxy(base: str, seen: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong with the headers that proxies set; `seen` is what the server saw."""
    scheme, proxies = urlsplit(base).scheme, int(seen["proxies"])
    if seen["scheme"] != scheme:
        step = _("Set HTTPS=true, and let the proxy set X-Forwarded-Proto.")
        text = _("a request by {sent} arrives as {seen}.")
        yield wrong(_("Proxy"), text, step, sent=scheme, seen=seen["scheme"])
    if not seen["host_is_known"]:
        step = _("Let the proxy pass the Host header on, or set PUBLIC_URL or ALLOWED_HOSTS.")
        yield wrong(_("Proxy"), _("the server does not know the name that it is asked for."), step)
    if seen["is_forgeable"]:
        step = _("Set TRUSTED_PROXIES={n}: that many proxies answered for the address.")
        text = _("clients can choose the address that limits count.")
        yield wrong(_("Proxy"), text, step, n=proxies)
    elif proxies > settings.TRUSTED_PROXIES:
        step = _("Set TRUSTED_PROXIES={n}.")
        text = _("all clients count as one address: that of the proxy.")
        yield wrong(_("Proxy"), text, step, n=proxies)
    elif seen["scheme"] == scheme and seen["host_is_known"]:
        yield fine(_("Proxy"), _("proxies: {n}; scheme, host and address arrive."), n=proxies)


def _sockets(base: str) -> Finding:
    """Whether a WebSocket comes through, and its first frame back."""
    try:
        status, heard = _open_socket(base)
        if status == 101 and b"unknown_room" in heard:
            return fine(_("Sockets"), _("come through."))
        reason = str(status)
    except (OSError, HTTPException) as failure:
        reason = type(failure).__name__
    step = _(
        "Let the proxy pass Upgrade and Connection on, for HTTP/1.1: see deploy/. Until then, "
        "pages ask every 3 s."
    )
    return wrong(_("Sockets"), _("do not come through ({reason})."), step, reason=reason)


def _open_socket(base: str) -> tuple[int, bytes]:
    """The status of a handshake where no room is, and what was said after it, unparsed."""
    parts = urlsplit(base)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_S)
    try:
        connection.request(
            "GET",
            "/ws/doctor/",
            headers={
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Key": _SOCKET_KEY,
                "Sec-WebSocket-Version": "13",
                "Origin": base,
            },
        )
        answer = connection.getresponse()
        # The frame is short: its second byte is its length (RFC 6455, section 5.2).
        stream: Any = answer.fp
        head = stream.read(2) if answer.status == 101 else b""
        return answer.status, stream.read(head[1]) if len(head) == 2 else b""
    finally:
        connection.close()
