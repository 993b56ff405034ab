"""The Spotify device that sounds for a room: chosen by people, kept right by the server."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from math import ceil

from django.db.models import Exists, OuterRef, Q

from music import acts
from music.actions.sources import THERE, Condition, drop_source, note_source
from music.models import Playback, RoomSource, SourceState
from music.sources.spotify import quota, troubles
from music.sources.spotify.client import Client
from music.sources.spotify.errors import (
    AccountTrouble,
    BrowserCannotPlay,
    InUse,
    Limited,
    LimitedFor,
    NoDevice,
    NotConnected,
    SpotifyError,
    SwitchedOff,
)
from music.sources.spotify.login import rooms_of
from music.sources.spotify.models import Account, Connection, Output, OutputKind, OutputState
from music.sources.spotify.quota import Bucket
from rooms import clock
from rooms.actors import System
from rooms.changes import Change, changing
from rooms.errors import Conflict, Unknown
from rooms.models import Member, Room, RoomState
from rooms.names import cleaned
from rooms.roles import Role

NAME = "spotify"
# Of a device at Spotify, and of what a page calls itself behind the name of BeatSync.
NAME_LENGTH, PAGE_NAME_LENGTH = 100, 60
PAGES = "BeatSync: "
# A page that loads again is back by then, as another device.
PAGE_BACK_WITHIN_MS = 15_000


@dataclass(frozen=True)
class OutputDevice:
    """A device of an account as it is to sound for a room.

    `page` is the id of the page in which it is, as the room's speaker has it; empty for others.
    """

    account: Account
    kind: OutputKind
    device_id: str
    name: str
    page: str = ""
    type: str = ""


def device_at_spotify(account: Account, device_id: str) -> OutputDevice:
    """The device of this id, by the name that it has at Spotify, which is asked: one call.

    Raises `NoDevice` for one that the account does not have, and what a call raises.
    """
    known = next((each for each in Client(account).devices() if each.id == device_id), None)
    if known is None:
        raise NoDevice
    name = cleaned(known.name, what="name", length=NAME_LENGTH, cut=True)
    return OutputDevice(account, OutputKind.CONNECT, device_id, name, type=known.kind)


def device_in_page(account: Account, device_id: str, *, name: str, page: str) -> OutputDevice:
    """A device that Spotify may not know yet, by what its page calls itself. Raises `Invalid`."""
    own = name.removeprefix(PAGES)
    own = cleaned(own, what="name", length=PAGE_NAME_LENGTH, cut=True)
    return OutputDevice(account, OutputKind.BROWSER, device_id, PAGES + own, page)


def choose_output(*, member: Member, device: OutputDevice, takeover: bool = False) -> None:
    """Let this device sound for the room's Spotify tracks from now on.

    What plays moves there with the next tick. An account sounds for one room: another one of the
    same host gives it up. Raises `InUse` while it sounds there, unless `takeover`; `NotAllowed`;
    `NotConnected` where the room has another account by now, and so for a page that is not of who
    connected the account.
    """
    try:
        given_up = _choose(member, device, takeover=takeover)
    except InUse:
        if not Output.objects.filter(room=member.room_id, leaving=False).exists():
            note_if_live(member.room_id, away_because(InUse(), quietly=True))
        raise
    for room_id in given_up:
        note_if_live(room_id, away_because(InUse()), output="")


def _choose(member: Member, device: OutputDevice, *, takeover: bool) -> list[int]:
    """Set the output of the member's room; gives the other rooms that lose the account by it."""
    with changing(member) as change:
        member.require(acts.CONTROL)
        # A room is locked before its account: who lets go of that waits, and finds this device.
        account = Account.objects.of_room(change.room).select_for_update(of=("self",)).first()
        if account is None or account != device.account or not _may_sound(member, account, device):
            raise NotConnected
        others = Output.objects.filter(account=account, leaving=False).exclude(room=change.room)
        sounding = others.sounding().filter(room__state=RoomState.LIVE)
        if sounding.exists() and not takeover:
            raise InUse
        given_up = list(others.values_list("pk", flat=True))
        others.update(leaving=True)
        Output.objects.update_or_create(
            room=change.room,
            defaults={
                "account": account,
                "kind": device.kind,
                "device_id": device.device_id,
                "name": device.name,
                "page": device.page,
                "state": OutputState.NEW,
                "play_id": None,
                "cue": None,
                "leaving": False,
                "tries": 0,
                "stood_still": False,
                "device_type": device.type,
                "searches": 0,
                "refused_uri": "",
                "refusals": 0,
                "next_at_ms": clock.now_ms(),
            },
        )
        note_source(change, name=NAME, condition=condition_of(account), output=device.name)
        return given_up


def _may_sound(member: Member, account: Account, device: OutputDevice) -> bool:
    """Whether it is for this member to say that; of a page, who connected the account and has it.

    `account` is that of the locked room.
    """
    if device.kind != OutputKind.BROWSER:
        return True
    held = Playback.objects.filter(room=member.room_id, speaker_device=device.page)
    others = held.exclude(speaker=None).exclude(speaker=member)
    return account.connections.filter(guest=member.guest).exists() and not others.exists()


def drop_output(*, member: Member) -> None:
    """Let no Spotify device sound for the room, until one is chosen again. Raises `NotAllowed`."""
    with changing(member) as change:
        member.require(acts.CONTROL)
        output = Output.objects.filter(room=change.room).first()
        if output is not None:
            off = away_because(SwitchedOff(), quietly=True)
            condition = condition_of(output.account) if output.account.trouble else off
            note_source(change, name=NAME, condition=condition, output="")
            # What sounds is stopped by the commander, which then forgets the device.
            Output.objects.filter(pk=output.pk).update(leaving=True)


def condition_of(account: Account) -> Condition:
    """How Spotify is where a device is there: by the account."""
    if account.trouble:
        until_ms = troubles.ask_again_at_ms(account.trouble)
        return Condition(SourceState.AWAY, cause=account.trouble, until_ms=until_ms)
    try:
        quota.check(Bucket.PLAYER)
    except SpotifyError as closed:
        return away_because(closed, quietly=True)
    return THERE


def away_because(
    error: SpotifyError, *, until_ms: int | None = None, quietly: bool = False
) -> Condition:
    """Spotify is away for a room, for this reason."""
    until_ms = until_ms or error.until_ms or troubles.ask_again_at_ms(error.code)
    told: SpotifyError = error
    if isinstance(error, Limited) and until_ms is not None:
        told = LimitedFor(minutes=_minutes_to(until_ms))
    return Condition(
        SourceState.AWAY, cause=error.code, until_ms=until_ms, told=None if quietly else told
    )


def without_device(account: Account, *, quietly: bool = False) -> Condition:
    """How Spotify is where no device is there: what would keep one from playing is said first."""
    condition = condition_of(account)
    return away_because(NoDevice(), quietly=quietly) if condition == THERE else condition


def note_trouble(account: Account, trouble: AccountTrouble) -> None:
    """Only somebody at the account can help: all its rooms say so, and Spotify waits there.

    Or they say that it is not sure yet.
    """
    if isinstance(trouble, NotConnected):
        return
    refusal = troubles.note_and_judge(account, trouble)
    for room in rooms_of(account):
        note_if_live(room.pk, away_because(refusal))


def note_page_cannot(member: Member) -> None:
    """The browser of a member cannot play Spotify; what plays on another device goes on."""
    other = Output.objects.filter(room=member.room_id, kind=OutputKind.CONNECT, leaving=False)
    if not other.exists():
        note_if_live(member.room_id, away_because(BrowserCannotPlay()))


def keep_right() -> None:
    """Rooms of hosts who have connected an account have Spotify as a source, others have not.

    And a page that has left the room, or a device of an account that it has no more, sounds for it
    no more; and what was to last until a moment is over then, also where no device would notice.
    """
    if not Connection.objects.exists() and not RoomSource.objects.exists():
        return
    hosted = Member.objects.filter(room=OuterRef(OuterRef("pk")), role=Role.HOST)
    connected = Connection.objects.to_host().filter(guest__in=hosted.values("guest"))
    has_it = RoomSource.objects.filter(room=OuterRef("pk"), name=NAME)
    live = Room.objects.filter(state=RoomState.LIVE)
    for room_id in live.filter(Exists(connected), ~Exists(has_it)).values_list("pk", flat=True):
        note_if_live(room_id, away_because(NoDevice(), quietly=True))
    nobody = away_because(NotConnected())
    has_it = has_it.exclude(cause=nobody.cause)
    for room_id in live.filter(Exists(has_it), ~Exists(connected)).values_list("pk", flat=True):
        with suppress(Conflict, Unknown):
            drop_source(room_id=room_id, name=NAME, condition=nobody)
    _drop_strangers()
    _drop_pages()
    _note_rooms_without_output()
    _end_limits()


def note_if_live(room_id: int, condition: Condition, *, output: str | None = None) -> None:
    """Spotify is so in a room, unless that has just ended or been erased.

    `output` names the device that sounds for it; None: as before.
    """
    with suppress(Conflict, Unknown), changing(System(room_id, "spotify")) as change:
        note_source(change, name=NAME, condition=condition, output=output)


def account_is_back(account: Account) -> None:
    """After somebody has connected the account, perhaps again: its rooms go on at once."""
    off = set(RoomSource.objects.filter(cause=SwitchedOff.code).values_list("room", flat=True))
    for room in rooms_of(account):
        there = Output.objects.filter(room=room, account=account, leaving=False)
        back = there.update(tries=0, next_at_ms=0)
        if back or room.pk not in off:
            condition = condition_of(account) if back else without_device(account, quietly=True)
            note_if_live(room.pk, condition)
    keep_right()


def account_changed(account: Account, rooms: Iterable[Room]) -> None:
    """Somebody has connected the account, or has let go of it: then its rooms lose Spotify."""
    if Account.objects.filter(pk=account.pk).exists():
        account_is_back(account)
    else:
        keep_right()


def _drop_strangers() -> None:
    """What sounds for a room is of its present account."""
    hosts = Member.objects.filter(room=OuterRef(OuterRef("room")), role=Role.HOST)
    theirs = Connection.objects.to_host().filter(
        account=OuterRef("account"), guest__in=hosts.values("guest")
    )
    live = Output.objects.filter(room__state=RoomState.LIVE, leaving=False)
    for room_id in live.exclude(Exists(theirs)).values_list("pk", flat=True):
        with suppress(Conflict, Unknown), changing(System(room_id, "spotify")) as change:
            _let_go_of_stranger(change)


def _let_go_of_stranger(change: Change) -> None:
    """Let the device of a locked room go, unless it is of the room's present account."""
    account = Account.objects.of_room(change.room).first()
    others = Output.objects.filter(room=change.room).exclude(account=account)
    # A change.room without an account has no source that could be noted.
    if others.update(leaving=True) and account is not None:
        note_source(change, name=NAME, condition=without_device(account, quietly=True), output="")


def _drop_pages() -> None:
    """A page sounds only while it is the room's speaker, or until another that can is there."""
    live = Output.objects.filter(room__state=RoomState.LIVE, leaving=False)
    connected = Connection.objects.filter(account=OuterRef(OuterRef("account")))
    speaks = Playback.objects.filter(
        Q(speaker_device=OuterRef("page"))
        | Q(speaker__guest__in=connected.values("guest"))
        | _lost_lately(),
        room=OuterRef("pk"),
    )
    pages = live.filter(kind=OutputKind.BROWSER).select_related("account")
    for output in pages.exclude(Exists(speaks)):
        # Another page may have come meanwhile.
        same = Output.objects.filter(pk=output.pk, page=output.page, device_id=output.device_id)
        if same.update(leaving=True):
            note_if_live(output.pk, without_device(output.account))


def _note_rooms_without_output() -> None:
    """A room whose device was taken for another one says so, until that gives the account up."""
    own = Output.objects.filter(room=OuterRef("room"), leaving=False)
    unsaid = Q(cause=InUse.code) | ~Q(state=SourceState.AWAY)
    sources = RoomSource.objects.filter(unsaid, name=NAME, room__state=RoomState.LIVE)
    for source in sources.exclude(Exists(own)).select_related("room"):
        account = Account.objects.of_room(source.room).first()
        if account is None:
            continue
        elsewhere = account.outputs.filter(leaving=False, room__state=RoomState.LIVE).exists()
        if not elsewhere:
            note_if_live(source.room_id, without_device(account, quietly=True), output="")
        elif source.state != SourceState.AWAY:
            note_if_live(source.room_id, away_because(InUse()), output="")


def _end_limits() -> None:
    """What was to last until a moment is over, where no device is asked whether it is."""
    there = Output.objects.filter(room=OuterRef("room"), leaving=False)
    over = RoomSource.objects.filter(name=NAME, until_ms__lte=clock.now_ms())
    over = over.filter(room__state=RoomState.LIVE)
    for source in over.exclude(Exists(there)).select_related("room"):
        account = Account.objects.of_room(source.room).first()
        if account is not None:
            note_if_live(source.room_id, without_device(account, quietly=True))
    # Only looking for tracks was limited.
    for source in over.filter(Exists(there), state=SourceState.DEGRADED):
        output = Output.objects.select_related("account").get(room=source.room_id)
        note_if_live(source.room_id, condition_of(output.account))


def _minutes_to(at_ms: int) -> int:
    return max(1, ceil((at_ms - clock.now_ms()) / 60_000))


def _lost_lately() -> Q:
    return Q(speaker=None, lost_at_ms__gt=clock.now_ms() - PAGE_BACK_WITHIN_MS)
