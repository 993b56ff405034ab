"""accounts.spotify.com: the page on which people agree, and the token endpoint."""

import base64
import binascii
import re
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tests.fakes.spotify.people import Person
from tests.fakes.spotify.tokens import SCOPES
from tests.fakes.spotify.wire import (
    Answer,
    Refused,
    Request,
    account_error,
    as_html,
    as_json,
    as_text,
    redirect,
)
from tests.fakes.spotify.world import World

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def authorise(world: World, request: Request) -> Answer:
    """The consent page; or straight back, for somebody who is signed in and is not to be asked."""
    asked = request.query
    refused = _refusal(world, asked)
    if refused:
        return refused
    somebody = world.signed_in_person()
    if request.method == "GET" and (somebody is None or asked.get("show_dialog") == "true"):
        return as_html(_consent_page(world, request))
    if request.method == "GET" and somebody:
        return redirect(agree(world, asked, somebody))
    form = request.form
    person = world.people.get(form.get("person", ""))
    if form.get("answer") != "agree" or person is None:
        return redirect(decline(asked))
    return redirect(agree(world, asked, person))


def agree(world: World, asked: dict[str, str], person: Person) -> str:
    """Where somebody who agrees is sent."""
    code = world.tokens.code(
        person, asked.get("scope", ""), asked["redirect_uri"], asked.get("code_challenge", "")
    )
    return _back(asked, {"code": code})


def decline(asked: dict[str, str]) -> str:
    """Where somebody who does not agree is sent."""
    return _back(asked, {"error": "access_denied"})


def check_authorise(world: World, address: str) -> dict[str, str]:
    """What an address of the authorise page asks for; refused as the page would."""
    asked = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    refused = _refusal(world, asked)
    if refused:
        raise Refused(refused)
    return asked


def token(world: World, request: Request) -> Answer:
    """The token endpoint."""
    if not request.is_form:
        return account_error("unsupported_media_type", "Form-encoded body expected", 415)
    form = request.form
    _check_client(world, request)
    if world.faults.refreshing == "unavailable" and form.get("grant_type") == "refresh_token":
        return as_text("upstream connect error", 503)
    match form.get("grant_type"):
        case "authorization_code":
            return as_json(
                world.tokens.exchange(
                    form.get("code", ""),
                    form.get("redirect_uri", ""),
                    form.get("code_verifier", ""),
                )
            )
        case "refresh_token":
            return as_json(world.tokens.refresh(form.get("refresh_token", "")))
        case "client_credentials":
            return as_json(world.tokens.give_to_app())
        case _:
            return account_error("unsupported_grant_type", "grant_type parameter is missing")


def is_registered(world: World, address: str) -> bool:
    """Whether the app's owner has registered this address, and Spotify lets them.

    Exactly; only a loopback address that is registered without a port may have any.
    """
    parts = urlsplit(address)
    loopback = parts.hostname in ("127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        return False
    if parts.hostname == "localhost":
        return False
    host = "[::1]" if parts.hostname == "::1" else parts.hostname or ""
    portless = urlunsplit(parts._replace(netloc=host))
    return address in world.redirect_uris or (loopback and portless in world.redirect_uris)


def _refusal(world: World, asked: dict[str, str]) -> Answer | None:
    """What is said instead of the page, here or (when it is safe) at the app's own address."""
    if asked.get("client_id") != world.client_id:
        return as_text("INVALID_CLIENT: Invalid client", 400)
    if "redirect_uri" not in asked:
        return as_text("Missing required parameter: redirect_uri", 400)
    if not is_registered(world, asked["redirect_uri"]):
        return as_text("INVALID_CLIENT: Invalid redirect URI", 400)
    if asked.get("response_type") != "code":
        return redirect(_back(asked, {"error": "unsupported_response_type"}))
    if set(asked.get("scope", "").split()) - set(SCOPES.split()):
        return redirect(_back(asked, {"error": "invalid_scope"}))
    method = asked.get("code_challenge_method", "")
    if "code_challenge" in asked and method != "S256":
        return as_text("code_challenge_method must be S256", 400)
    if method and len(asked.get("code_challenge", "")) != 43:
        return as_text("code_challenge must be 43 characters of base64url", 400)
    return None


def _back(asked: dict[str, str], answer: dict[str, str]) -> str:
    if "state" in asked:
        answer["state"] = asked["state"]
    address = asked["redirect_uri"]
    return address + ("&" if urlsplit(address).query else "?") + urlencode(answer)


def _check_client(world: World, request: Request) -> None:
    """By Basic authentication or by two fields; a public client may refresh by its id alone."""
    form = request.form
    client, secret = form.get("client_id", ""), form.get("client_secret", "")
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(told, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client = ""
    public = not secret and ("code_verifier" in form or form.get("grant_type") == "refresh_token")
    if world.faults.refreshing == "invalid_client" and form.get("grant_type") == "refresh_token":
        raise Refused(account_error("invalid_client", "Invalid client"))
    if client != world.client_id:
        raise Refused(account_error("invalid_client", "Invalid client"))
    if not public and secret != world.client_secret:
        raise Refused(account_error("invalid_client", "Invalid client secret"))
    verifier = form.get("code_verifier")
    if verifier is not None and not _VERIFIER.fullmatch(verifier):
        raise Refused(account_error("invalid_request", "code_verifier has a wrong form"))


def _consent_page(world: World, request: Request) -> str:
    asked = request.query
    people = "".join(
        f'<label><input type="radio" name="person" value="{escape(person.id)}"'
        f"{' checked' if number == 0 else ''}> {escape(person.name or person.id)}"
        f" ({', '.join(world.describe(person))})</label><br>"
        for number, person in enumerate(world.people.values())
    )
    scopes = "".join(f"<li>{escape(scope)}" for scope in asked.get("scope", "").split())
    action = escape(f"{request.path}?{request.raw_query}")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Log in (not Spotify)</title>'
        "<h1>Log in</h1><p>This stands in for Spotify. Who are you?"
        f'<form method="post" action="{action}">{people}'
        f"<p>The app asks for:<ul>{scopes or '<li>nothing'}</ul>"
        '<button name="answer" value="agree">Agree</button> '
        '<button name="answer" value="cancel">Cancel</button></form></html>'
    )
