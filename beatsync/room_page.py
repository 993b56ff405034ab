"""What the room's page holds before a script has run: what plays, and the front of the queue.

The script adopts this markup (`static/js/views/queue/queue-list.js`) and goes on from it; browsers
without scripts keep it, with a form under every key.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from music import acts, shelf
from music.actions.skips import skip_needed
from music.room_rules import music_rules
from music.shapes import ItemShape, PlaybackShape, shelf_shape
from music.sources import registry
from rooms import access, clock
from rooms.acts import GOVERN
from rooms.models import Member, Room
from rooms.roles import Role, may
from rooms.rules import declared_rules
from rooms.shapes import room_url
from rooms.snapshot import read_parts, read_snapshot

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Rows in the page: as many as a tall screen shows; the script brings the rest.
FIRST_ROWS = 10
# Without scripts nothing follows, and a vote needs no more than the front.
PLAIN_ROWS = 50


def room_context(request: HttpRequest, there: Room, member: Member | None) -> dict[str, Any]:
    """All that `room.html` shows of a room, to this member or to a visitor who is none."""
    # Pages whose browser runs no scripts go on to this one (see the template).
    plain = "plain" in request.GET
    join_url = f"{public_origin(request)}{room_url(there)}"
    host = urlsplit(join_url).hostname or ""
    snapshot = None if member is None else read_snapshot(member)
    me = snapshot["me"] if snapshot else {}
    shown = snapshot or read_parts(there.pk, "queue", "playback")
    queue, playback = shown["queue"], shown["playback"]
    rows = _rows(queue, PLAIN_ROWS if plain else FIRST_ROWS, votes=me.get("votes", {}))
    return {
        "room": {"code": there.code, "name": there.name, "state": there.state},
        "code_parts": (there.code[:3], there.code[3:]),
        "code_spelled": " ".join(there.code),
        "join_url": join_url,
        "local_only": host in LOOPBACK,
        "qr_svg": _qr(join_url, there.code),
        "member": member is not None,
        "is_host": member is not None and member.role == Role.HOST,
        "searched": [kind for kind in registry.outside() if kind.can.searches],
        "source_facts": _source_facts(request, there, member),
        "plain": plain,
        "playing": _playing(playback),
        "silent": _is_silent(playback, member),
        "plain_skip": _plain_skip(playback, me, member) if plain else None,
        "socket_address": _socket_address(there, snapshot),
        "may_vote": _may_vote(there, member, plain=plain),
        "downvotes": music_rules(there).downvotes,
        "mode_word": declared_rules()["mode"].in_words(music_rules(there).mode),
        "rows": rows,
        "rows_behind": len(queue) - len(rows) if plain else 0,
        "boot": {
            "code": there.code,
            "member": member is not None,
            "snapshot": None if plain else snapshot,
            "server_ms": clock.now_ms(),
            "shelves": [shelf_shape(each) for each in shelf.shelves(_who_governs(there, member))],
            "public_host": urlsplit(join_url).netloc,
            "join_url": join_url,
            "modes": {mode: gettext(word) for mode, word in declared_rules()["mode"].words.items()},
        },
    }


def _who_governs(there: Room, member: Member | None) -> Room | None:
    """The room, for who may choose its shelf: where the host was is for nobody else to see."""
    return there if member is not None and member.may(GOVERN) else None


def _may_vote(there: Room, member: Member | None, *, plain: bool) -> bool:
    """Whether the rows have keys for this person; a visitor with scripts is a listener soon."""
    if member is None:
        return not plain and may(Role.LISTENER, acts.VOTE, rules=there.rules)
    return member.may(acts.VOTE)


def _socket_address(there: Room, snapshot: Mapping[str, Any] | None) -> str:
    """Where the page's line is opened: with what the page knows, or as somebody who joins by it."""
    known = f"revision={snapshot['revision']}&member={snapshot['me']['id']}" if snapshot else "join"
    return f"/ws/rooms/{there.code}/?{known}"


def _rows(queue: list[ItemShape], most: int, *, votes: Mapping[str, int]) -> list[dict[str, Any]]:
    """The front of the queue as `room/queue_row.html` shows it."""
    return [
        {
            "id": item["id"],
            "rank": rank,
            "title": item["track"]["title"],
            "artists": ", ".join(item["track"]["artists"]),
            "link": item["track"]["link"],
            "attribution": registry.attribution(item["track"]["source"]),
            "locked": item["locked"],
            "up": item["up"],
            "down": item["down"],
            "score": item["score"],
            "vote": votes.get(item["id"], 0),
        }
        for rank, item in enumerate(queue[:most], start=1)
    ]


def _playing(playback: PlaybackShape) -> dict[str, Any]:
    """What plays, in the words that the script would draw, too."""
    track, state = playback["track"], playback["state"]
    unheard = state == "playing" and playback["unheard"]
    sounding = gettext("Nothing sounds") if unheard else gettext("Now playing")
    return {
        "state": state if track else "idle",
        "sounding": state == "playing" and not unheard,
        "label": gettext("Paused") if state == "paused" else sounding,
        "title": track["title"] if track else "",
        "artists": ", ".join(track["artists"]) if track else "",
        "link": track["link"] if track else None,
        "attribution": registry.attribution(track["source"]) if track else "",
    }


def _is_silent(playback: PlaybackShape, member: Member | None) -> bool:
    """Whether the banner tells this person that nothing sounds, as `words/trouble.js` decides it.

    It stands in the page from the start, for it would push the queue down when it came later.
    """
    if playback["state"] == "playing":
        return playback["unheard"]
    halt = playback["halt"]
    waits = playback["state"] == "idle" and halt is not None and halt["why"] == "speaker"
    return waits and not (member is not None and member.may(acts.CONTROL))


def _plain_skip(
    playback: PlaybackShape, me: Mapping[str, Any], member: Member | None
) -> dict[str, Any] | None:
    """The skip form for those without scripts; nothing where it would be refused."""
    if member is None or playback["track"] is None:
        return None
    skips = member.may(acts.CONTROL)
    asks = playback["state"] == "playing" and member.may(acts.SKIP_VOTE)
    if not skips and not (asks and me.get("skips_from_ms") is None):
        return None
    return {
        "play_id": playback["play_id"],
        "at_once": skips,
        "asked": playback["skip"]["asked"],
        "needed": skip_needed(member.room),
    }


def _source_facts(
    request: HttpRequest, there: Room, member: Member | None
) -> dict[str, Mapping[str, Any]]:
    """What the templates of each source show to who asks, by the source's name."""
    guest = access.guest_in(request.COOKIES)
    return {
        kind.name: kind.page_facts(there, member, guest)
        for kind in registry.offered()
        if kind.page_facts
    }


def public_origin(request: HttpRequest) -> str:
    """Where phones reach this server: as the operator says, else as this request came.

    A host who sits at the server itself has a loopback address in the browser; phones get the
    machine's address in its network instead, if the server listens there.
    """
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    came = urlsplit(f"{request.scheme}://{request.get_host()}")
    if came.hostname in LOOPBACK and settings.LISTENS_EVERYWHERE and settings.NETWORK_ADDRESS:
        return f"{came.scheme}://{settings.NETWORK_ADDRESS}:{came.port or 80}"
    return came.geturl()


@lru_cache(maxsize=256)
def _qr(url: str, code: str) -> SafeString:
    """The address as an inline SVG picture, named for those who hear it."""
    picture = segno.make(url, error="m").svg_inline(
        scale=4, border=2, omitsize=True, svgclass="qr", title=f"Code {' '.join(code)}"
    )
    return mark_safe(picture)  # noqa: S308 - drawn by segno from our own address
