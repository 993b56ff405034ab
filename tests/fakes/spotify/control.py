"""The switches: over HTTP below `/_fake/` for tests and scripts, on a page at `/` for people."""

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import fields
from html import escape
from typing import Any, Literal, get_args, get_origin, get_type_hints

from tests.fakes.spotify.calls import CallRecord
from tests.fakes.spotify.faults import BUCKETS, CONDITIONS, Fault, Faults
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device, Player
from tests.fakes.spotify.playing import device_shape
from tests.fakes.spotify.sdk import Pages
from tests.fakes.spotify.tokens import SCOPES
from tests.fakes.spotify.wire import (
    Answer,
    Json,
    Refused,
    Request,
    as_html,
    as_json,
    error,
    redirect,
)
from tests.fakes.spotify.world import World

_TRUE = ("true", "on", "1", "yes")


class Control:
    def __init__(self, world: World, calls: list[CallRecord], pages: Pages) -> None:
        self._world, self._calls, self._pages = world, calls, pages
        self._does: dict[tuple[str, str], Callable[[Json], Any]] = {
            ("GET", "/_fake/state"): self._state,
            ("GET", "/_fake/calls"): self._show_calls,
            ("DELETE", "/_fake/calls"): lambda said: self._calls.clear(),
            ("POST", "/_fake/calls/forget"): lambda said: self._calls.clear(),
            ("GET", "/_fake/faults"): lambda said: self._world.faults.shape(),
            ("POST", "/_fake/faults"): self._change_faults,
            ("DELETE", "/_fake/faults"): lambda said: self._world.clear_faults(),
            ("POST", "/_fake/faults/clear"): lambda said: self._world.clear_faults(),
            ("POST", "/_fake/fail"): self._fail,
            ("POST", "/_fake/people"): self._person,
            ("POST", "/_fake/sign-in"): self._sign_in,
            ("POST", "/_fake/sign-out"): lambda said: self._sign_in({"person": ""}),
            ("POST", "/_fake/tokens"): self._tokens,
            ("POST", "/_fake/expire"): self._expire,
            ("POST", "/_fake/revoke"): lambda said: self._world.tokens.revoke(self._who(said)),
            ("POST", "/_fake/advance"): self._advance,
            ("POST", "/_fake/shorten"): self._shorten,
            ("POST", "/_fake/redirects"): self._register,
            ("POST", "/_fake/sdk"): self._tell_pages,
            ("POST", "/_fake/appear"): lambda said: self._world.appear(self._who(said)),
            ("POST", "/_fake/devices"): self._device,
            ("POST", "/_fake/plays"): self._use,
            ("GET", "/_fake/player"): lambda said: self._player(self._who(said)),
        }

    def answer(self, request: Request) -> Answer:
        """Do as told by JSON, or by a form on the page, which is then shown again."""
        if request.path == "/" and request.method == "GET":
            with self._world.lock:
                return as_html(self._page(request))
        if request.path == "/favicon.ico":
            return Answer(204)
        does = self._does.get((request.method, request.path))
        if does is None:
            return error(404, "Not found.")
        said: Json = request.form if request.is_form else request.json() | request.query
        with self._world.lock:
            try:
                done = does(said)
            except (LookupError, TypeError, ValueError) as wrong:
                raise Refused(error(400, str(wrong))) from None
        return redirect("/") if request.is_form else as_json(done)

    def _state(self, said: Json) -> Json:
        world = self._world
        return {
            "signed_in": world.signed_in,
            "people": {
                person.id: {"name": person.name, "premium": person.premium}
                | {"allowed": person.allowed, "account_id": person.account_id}
                for person in world.people.values()
            },
            "players": {person.id: self._player(person) for person in world.people.values()},
            "faults": world.faults.shape(),
            "failing": [fault.shape() for fault in world.failing],
            "redirect_uris": world.redirect_uris,
            "calls": len(self._calls),
            "now": world.clock.now(),
        }

    def _player(self, person: Person) -> Json:
        player: Player = self._world.player_of(person)
        return {
            "device": device_shape(player, player.active) if player.active else None,
            "devices": [
                device_shape(player, device) | {"is_known": device.is_known}
                for device in player.devices
            ],
            "uri": player.uri,
            "is_playing": player.is_playing,
            "position_ms": player.position_ms,
            "queue": [*player.queued],
        }

    def _device(self, said: Json) -> Json:
        """A device of somebody: made if it is not there, then asleep, gone, or under a new id."""
        player = self._world.player_of(self._who(said))
        name = str(said["name"])
        device = next((each for each in player.devices if each.name == name), None)
        if device is None:
            device = Device(name, str(said.get("type", "Speaker")))
            player.devices.append(device)
        if "sleeps" in said:
            device.sleeps = str(said["sleeps"]).lower() in _TRUE
        if "new_id" in said:
            device.id = secrets.token_hex(20)
        if "gone" in said:
            device.known_from = math.inf if str(said["gone"]).lower() in _TRUE else 0.0
        return device_shape(player, device)

    def _use(self, said: Json) -> Json:
        """Somebody uses an app of Spotify on one of their devices: plays a track, or pauses."""
        who = self._who(said)
        player = self._world.player_of(who)
        name = said.get("name", player.active.name if player.active else "")
        device = next(each for each in player.devices if each.name == name)
        if str(said.get("paused", "")).lower() in _TRUE:
            player.pause(device)
        else:
            tracks = [each.uri for each in self._world.catalogue.tracks if each.can_be_played]
            uri = str(said.get("uri", "")) or tracks[-2]
            player.start(device, [uri], 0, int(said.get("position_ms", 0)))
        return self._player(who)

    def _show_calls(self, said: Json) -> list[Json]:
        path = said.get("path")
        return [call.shape() for call in self._calls if path in (None, call.path)]

    def _change_faults(self, said: Json) -> Json:
        """Conditions by name; what comes from a form is text and is read by its type."""
        self._world.faults.change(**_typed(Faults, said))
        return self._world.faults.shape()

    def _fail(self, said: Json) -> Json:
        given = {name: value for name, value in said.items() if value != ""}
        if given.get("person"):
            given["person"] = self._who(given)
        return self._world.fail(**_typed(Fault, given)).shape()

    def _person(self, said: Json) -> Json:
        """Somebody new; or somebody who is there, of whom only what is named is changed."""
        told = dict(said)
        name = str(told.pop("name", ""))
        if not name:
            raise LookupError("somebody needs a name")
        if isinstance(told.get("premium"), str):
            told["premium"] = told["premium"] in _TRUE
        if "allowed" in told:
            told["allowed"] = told["allowed"] if told["allowed"] in ("json", "text") else True
        person = self._world.people.get(name.lower())
        if person is None:
            person = self._world.person(name, **told)
        for each, value in told.items():
            if each not in ("premium", "allowed", "country", "has_picture"):
                raise LookupError(f"{each!r} cannot be changed")
            setattr(person, each, value)
        return {"id": person.id, "account_id": person.account_id}

    def _sign_in(self, said: Json) -> Json:
        self._world.signed_in = str(said.get("person") or "")
        if self._world.signed_in:
            self._who(said)
        return {"signed_in": self._world.signed_in}

    def _tokens(self, said: Json) -> Json:
        began = self._world.clock.now() - float(said.get("authorised_ago_s", 0))
        scopes = said.get("scopes", SCOPES)
        return self._world.tokens.give(self._who(said), scopes, authorised_at=began)

    def _expire(self, said: Json) -> None:
        self._world.tokens.expire_access(self._who(said) if said.get("person") else None)

    def _advance(self, said: Json) -> Json:
        self._world.clock.advance(float(said["seconds"]))
        return {"now": self._world.clock.now()}

    def _shorten(self, said: Json) -> None:
        self._world.catalogue.shorten(float(said.get("seconds", 8)))

    def _register(self, said: Json) -> list[str]:
        self._world.redirect_uris.append(said["uri"])
        return self._world.redirect_uris

    def _tell_pages(self, said: Json) -> None:
        """`not_ready` and `ready` are lived, any other event is only told."""
        player = self._world.player_of(self._who(said))
        match said["event"]:
            case "not_ready":
                for device in self._pages.devices_of(player):
                    player.lose(device)
            case "ready":
                for device in self._pages.devices_of(player):
                    player.regain(device)
            case event:
                self._pages.tell(player, event, said.get("message", ""))

    def _who(self, said: Json) -> Person:
        name = str(said.get("person", "")).lower()
        person = self._world.people.get(name)
        if person is None:
            raise LookupError(
                f"nobody is called {name!r}; there are {', '.join(self._world.people)}"
            )
        return person

    def _page(self, request: Request) -> str:
        world = self._world
        people = "".join(
            f"<li>{_button('/_fake/sign-in', person.name or person.id, person=person.id)}"
            f" {escape(', '.join(world.describe(person)))}"
            for person in world.people.values()
        )
        signed_in = escape(world.signed_in) or "nobody: the consent page asks"
        failing = "".join(f"<li>{escape(str(fault.shape()))}" for fault in world.failing)
        calls = "".join(
            f"<li>{call.status} {escape(call.method)} {escape(call.path)} {escape(call.account)}"
            for call in reversed(self._calls[-20:])
        )
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not Spotify</title>'
            '<meta name="viewport" content="width=device-width"><h1>Not Spotify</h1>'
            "<p>This stands in for Spotify on this machine: accounts, Web API, and the player"
            " for web pages. All artists are invented, all music is one tone."
            ' <a href="/sdk/try.html">Try the player</a>.</p>'
            f"<h2>People</h2><p>Signed in: {signed_in}.</p><ul>{people}</ul>"
            f"<p>{_button('/_fake/sign-out', 'Sign out')}"
            f" {_button('/_fake/expire', 'Expire all access tokens')}"
            f" {_button('/_fake/advance', 'Let six months pass', seconds=str(184 * 86_400))}"
            f" {_button('/_fake/shorten', 'Make all tracks short', seconds='15')}</p>"
            f"<h2>What fails</h2><ul>{failing or '<li>nothing'}</ul>{_failing_form()}"
            f"<h2>Conditions</h2>{_faults_form(world.faults)}"
            f"<p>{_button('/_fake/faults/clear', 'Let all be well')}</p>"
            f"<h2>Latest calls</h2><ol reversed>{calls or '<li>none'}</ol>"
            f"<p>{_button('/_fake/calls/forget', 'Forget them')}</p></html>"
        )


def _button(action: str, words: str, **values: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in values.items()
    )
    return (
        f'<form method="post" action="{action}" style="display:inline">{hidden}'
        f"<button>{escape(words)}</button></form>"
    )


def _failing_form() -> str:
    where = "".join(f"<option>{name}" for name in BUCKETS)
    return (
        '<form method="post" action="/_fake/fail">'
        f'<label>Calls to <select name="where">{where}</select></label> '
        '<label>get status <input name="status" value="429" size="4"></label> '
        '<label>with Retry-After <input name="retry_after" size="5"></label> '
        '<label>reason <input name="reason"></label> '
        '<label>as <select name="body"><option>json<option>html<option>text<option>empty</select>'
        '</label> <label>after <input name="slow_s" size="4"> s</label> '
        '<label>so many times <input name="times" size="3"></label> <button>Let them fail</button>'
        "</form>"
    )


def _faults_form(faults: Faults) -> str:
    """Every condition with a form of its own, so that one change leaves the others alone."""
    rows = "".join(
        f'<li><form method="post" action="/_fake/faults"><label>{each.name} '
        f"{_field(each.name, getattr(faults, each.name), CONDITIONS[each.name])}</label>"
        " <button>Set</button></form>"
        for each in fields(faults)
        if each.name != "relinked"
    )
    return f"<ul>{rows}</ul>"


def _field(name: str, value: Any, kind: Any) -> str:
    choices: tuple[Any, ...] = ()
    if get_origin(kind) is Literal:
        choices = get_args(kind)
    elif kind is bool:
        choices = ("true", "false")
        value = str(value).lower()
    if choices:
        options = "".join(
            f"<option{' selected' if choice == value else ''}>{choice}" for choice in choices
        )
        return f'<select name="{name}">{options}</select>'
    shown = " ".join(sorted(value)) if isinstance(value, set) else value
    return f'<input name="{name}" value="{escape(str(shown))}">'


def _typed(kind: type, said: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the types of a dataclass's fields, where a form has made text of them."""
    hints = get_type_hints(kind)
    return {
        name: _read(value, hints[name]) if isinstance(value, str) and name in hints else value
        for name, value in said.items()
    }


def _read(text: str, kind: Any) -> Any:
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    if choices:
        found = next((choice for choice in choices if str(choice) == text), None)
        if found is None:
            raise ValueError(f"{text!r} is none of {choices}")
        return found
    if kind is bool:
        return text in _TRUE
    if kind == set[str]:
        return set(text.split())
    if kind in (int, int | None):
        return int(text)
    return float(text) if kind is float else text
