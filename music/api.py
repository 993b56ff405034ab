"""The queue, the playback and the sources over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Path, Query, Router
from pydantic import BaseModel, StrictBool, StrictInt, StrictStr

from music import adding, rules, shelf
from music.actions import devices
from music.actions import playback as playing
from music.actions import queue as queueing
from music.actions import speaker as speaking
from music.actions.transport import shape_of
from music.actions.voting import Tally, cast_vote, let_count
from music.models import (
    QUEUE_LENGTH,
    Device,
    Incident,
    Playback,
    QueueItem,
    RoomSource,
    Track,
    Vote,
)
from music.queue import in_order, standing, waiting_items
from music.shapes import (
    AdditionShape,
    AdditionsShape,
    ItemShape,
    PlaybackShape,
    SpeakerShape,
    device_shape,
    incident_shape,
    item_shape,
    played_shape,
    playlist_shape,
    queue_shape,
    shelf_shape,
    speaker_shape,
    track_shape,
)
from music.sources import registry
from music.sources.base import Page, Playlists, Source
from rooms import access, clock, limits
from rooms.api import whole_number
from rooms.errors import Invalid, RoomEnded, RoomError, UnknownItem
from rooms.models import Member
from rooms.names import cleaned
from rooms.receipts import once, repeated
from rooms.roles import Act, Role

PAGE = 50
DEVICE_NAME_LENGTH = 60
MANY = 50
NO_CURSOR = "That cursor is not one of this list."
router = Router(tags=["music"])

Short = Annotated[StrictStr, Field(min_length=1, max_length=200)]
PlayId = Annotated[StrictStr, Field(max_length=40)]
# A random id that the device made for itself. A name, not a key: the speaker's is in the snapshot.
DeviceId = Annotated[StrictStr, Field(min_length=8, max_length=64, pattern=r"^[!-~]+$")]
DeviceName = Annotated[StrictStr, Field(max_length=200)]
SourceName = Annotated[str, Query(max_length=20)]
Cursor = Annotated[str | None, Query(max_length=200)]
# What a clock can be off by; more is no measurement.
Off = Annotated[StrictInt, Field(ge=-600_000, le=600_000)]


class Adding(BaseModel):
    uri: Short


class AddingMany(BaseModel):
    uris: Annotated[list[Short], Field(min_length=1, max_length=MANY)]


class Voting(BaseModel):
    value: Annotated[StrictInt, Field(ge=-1, le=1)]


class Items(BaseModel):
    items: Annotated[list[Short], Field(max_length=QUEUE_LENGTH)]


class Pinning(BaseModel):
    pinned: StrictBool


class Trust(BaseModel):
    count: Literal[True]


class Acting(BaseModel):
    play_id: PlayId | None = None


class Seeking(Acting):
    position_ms: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]


class ShelfChoice(BaseModel):
    shelf: Annotated[StrictStr, Field(max_length=40)] | None


class SpeakerClaim(BaseModel):
    action: Literal["claim", "release"]
    device: DeviceId
    name: DeviceName = "A browser"
    takeover: StrictBool = False


class SpeakerReport(BaseModel):
    play_id: PlayId
    device: DeviceId
    state: Literal["playing", "paused", "stalled", "ended", "error"]
    position_ms: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)] = 0
    starts_at_ms: StrictInt | None = None
    cause: (
        Literal[
            "decode", "missing", "network", "stalled", "slept", "suspended",
            "drifted", "over", "refused",
        ]
        | None
    ) = None  # fmt: skip


class DeviceStep(BaseModel):
    device: DeviceId
    name: DeviceName
    along: StrictBool
    mode: Literal["precise", "pocket"]
    offset_ms: Off
    jitter_ms: Off
    uncertainty_ms: Off
    corrected_ms: Off | None


# --- Queue --------------------------------------------------------------------------------------


@router.get("/{code}/queue", summary="What waits, in playing order")
def queue(request: HttpRequest, code: str) -> HttpResponse:
    member = access.member(request, code)
    votes = dict(
        Vote.objects.filter(member=member, item__in=QueueItem.objects.waiting()).values_list(
            "item_id", "value"
        )
    )
    playback = Playback.objects.of(member.room)
    stands = standing(member.room)
    waiting = in_order(member.room, stands) if member.room.is_live else []
    away = RoomSource.objects.of(member.room).away()
    shapes = queue_shape(waiting, stands, playback, away=away)
    items = [{**shape, "my_vote": votes.get(int(shape["id"]), 0)} for shape in shapes]
    return JsonResponse({"items": items, "next": None})


@router.post("/{code}/queue", response={200: ItemShape, 201: ItemShape}, summary="Add a track")
def add(request: HttpRequest, code: str, body: Adding) -> HttpResponse:
    member = access.member(request, code)
    if answer := repeated(request, member.guest):
        return answer
    # Before anything outside is asked for the track.
    if not member.room.is_live:
        raise RoomEnded
    member.require(Act.ADD)
    _count_adding(request, member)
    track = registry.resolve(body.uri, member.room)

    def perform() -> HttpResponse:
        item, created = queueing.add_track(member=member, track=track)
        shape = item_shape(item, standing(member.room).why.get(item.pk))
        return JsonResponse({**shape, "my_vote": 1}, status=201 if created else 200)

    return once(request, member.guest, perform)


@router.post(
    "/{code}/queue/many", response=AdditionsShape, summary="Add up to 50 tracks, one by one"
)
def add_many(request: HttpRequest, code: str, body: AddingMany) -> HttpResponse:
    member = access.member(request, code)
    if answer := repeated(request, member.guest):
        return answer
    if not member.room.is_live:
        raise RoomEnded
    member.require(Act.ADD)
    finder = adding.Finder(member.room, count=lambda: _count_adding(request, member))
    items = [_added(request, member, finder, n, uri) for n, uri in enumerate(body.uris)]
    return once(request, member.guest, lambda: JsonResponse({"items": items, "next": None}))


# Before those with {item}: django-ninja goes by addresses in order, and it would take these.
@router.put("/{code}/queue/order", summary="Put the queue into this order (host order only)")
def reorder(request: HttpRequest, code: str, body: Items) -> HttpResponse:
    member = access.changer(request, code)
    return _ids(queueing.set_order(member=member, item_ids=_numbers(body.items)))


@router.delete("/{code}/queue", summary="Take everything out that waits (host, co-host)")
def clear(request: HttpRequest, code: str) -> HttpResponse:
    return _ids(queueing.clear_queue(member=access.changer(request, code)))


@router.post("/{code}/queue/restore", summary="Undo a removal, for some seconds")
def restore(request: HttpRequest, code: str, body: Items) -> HttpResponse:
    member = access.changer(request, code)
    item_ids = _numbers(body.items)
    return once(
        request,
        member.guest,
        lambda: _ids(queueing.restore_items(member=member, item_ids=item_ids)),
    )


@router.post("/{code}/queue/auto-play", response=PlaybackShape, summary="Start the top item now")
def auto_play(request: HttpRequest, code: str) -> HttpResponse:
    return _act_once(request, code, lambda by: playing.auto_play(member=by))


@router.delete("/{code}/queue/{item}", response={204: None}, summary="Take an item out")
def remove(request: HttpRequest, code: str, item: str) -> HttpResponse:
    member = access.changer(request, code)
    queueing.remove_item(member=member, item_id=whole_number(item, UnknownItem()))
    return HttpResponse(status=204)


@router.put("/{code}/queue/{item}/vote", summary="My vote on an item is now this")
def vote(request: HttpRequest, code: str, item: str, body: Voting) -> HttpResponse:
    member = access.voter(request, code)
    limits.hit_by("VOTES", member.pk, access.address_of(request))
    tally = cast_vote(member=member, item_id=whole_number(item, UnknownItem()), value=body.value)
    return JsonResponse({**_tally(tally), "my_vote": body.value})


@router.put("/{code}/queue/{item}/pin", response=ItemShape, summary="Next after what is fixed")
def pin(request: HttpRequest, code: str, item: str, body: Pinning) -> HttpResponse:
    member = access.changer(request, code)
    item_id = whole_number(item, UnknownItem())
    pinned = queueing.pin_item(member=member, item_id=item_id, pinned=body.pinned)
    return JsonResponse({**item_shape(pinned, standing(member.room).why.get(pinned.pk))})


@router.put("/{code}/queue/{item}/held", summary="Let held votes count (host, co-host)")
def trust(request: HttpRequest, code: str, item: str, body: Trust) -> HttpResponse:
    member = access.changer(request, code)
    tally = let_count(member=member, item_id=whole_number(item, UnknownItem()))
    return JsonResponse(_tally(tally))


# --- Playback -----------------------------------------------------------------------------------


@router.post("/{code}/playback/play", response=PlaybackShape, summary="Play, or start the music")
def play(request: HttpRequest, code: str, body: Acting) -> HttpResponse:
    return _act_once(request, code, lambda by: playing.play(member=by, play_id=body.play_id))


@router.post("/{code}/playback/pause", response=PlaybackShape, summary="Pause")
def pause(request: HttpRequest, code: str, body: Acting) -> HttpResponse:
    return _act_once(request, code, lambda by: playing.pause(member=by, play_id=body.play_id))


@router.post("/{code}/playback/seek", response=PlaybackShape, summary="Go to a position")
def seek(request: HttpRequest, code: str, body: Seeking) -> HttpResponse:
    to_ms = body.position_ms
    return _act_once(
        request,
        code,
        lambda by: playing.seek(member=by, position_ms=to_ms, play_id=body.play_id),
    )


@router.post("/{code}/playback/skip", response=PlaybackShape, summary="End this track now")
def skip(request: HttpRequest, code: str, body: Acting) -> HttpResponse:
    return _act_once(request, code, lambda by: playing.skip(member=by, play_id=body.play_id))


@router.post("/{code}/playback/skip-vote", summary="Ask to skip what plays")
def skip_vote(request: HttpRequest, code: str, body: Acting) -> HttpResponse:
    member = access.member(request, code)
    limits.hit_by("VOTES", member.pk, access.address_of(request))

    def perform() -> HttpResponse:
        playback = playing.ask_to_skip(member=member, play_id=body.play_id)
        # The count of a skipped track is gone with it.
        skipped = body.play_id is not None and body.play_id != str(playback.play_id)
        asked, needed = playback.skip_asked, playback.skip_needed
        return JsonResponse(
            {
                "play_id": str(playback.play_id),
                "asked": asked,
                "needed": needed,
                "skipped": skipped or asked == 0,
            }
        )

    return once(request, member.guest, perform)


@router.put("/{code}/playback/shelf", response=PlaybackShape, summary="Choose the shelf (host)")
def choose_shelf(request: HttpRequest, code: str, body: ShelfChoice) -> HttpResponse:
    member = access.changer(request, code)
    return _playback(playing.choose_shelf(member=member, key=body.shelf))


@router.put("/{code}/playback/speaker", summary="Claim or release the room's sound")
def speaker(request: HttpRequest, code: str, body: SpeakerClaim) -> HttpResponse:
    member = access.changer(request, code)
    if body.action == "claim":
        name = cleaned(body.name, what="A device's name", length=DEVICE_NAME_LENGTH)
        playback = speaking.claim_speaker(
            member=member, device=body.device, name=name, takeover=body.takeover
        )
    else:
        playback = speaking.release_speaker(member=member, device=body.device)
    held: SpeakerShape | None = speaker_shape(playback)
    return JsonResponse({"speaker": held})


@router.post("/{code}/playback/report", response={204: None}, summary="What the speaker does")
def report(request: HttpRequest, code: str, body: SpeakerReport) -> HttpResponse:
    member = access.voter(request, code)
    # Not under the ceiling of the address, as below.
    limits.hit("CHANGES", str(member.pk))

    def perform() -> HttpResponse:
        speaking.report(
            member=member,
            device=body.device,
            play_id=body.play_id,
            state=body.state,
            position_ms=body.position_ms,
            cause=body.cause or "",
            starts_at_ms=body.starts_at_ms,
        )
        return HttpResponse(status=204)

    return once(request, member.guest, perform)


@router.put("/{code}/playback/device", response={204: None}, summary="How a device keeps step")
def device(request: HttpRequest, code: str, body: DeviceStep) -> HttpResponse:
    member = access.voter(request, code)
    # Not under the ceiling of the address: a venue that listens along may still vote.
    limits.hit("DEVICES", str(member.pk))
    step = devices.Step(
        name=cleaned(body.name, what="A device's name", length=DEVICE_NAME_LENGTH),
        along=body.along,
        mode=body.mode,
        offset_ms=body.offset_ms,
        jitter_ms=body.jitter_ms,
        uncertainty_ms=body.uncertainty_ms,
        corrected_ms=body.corrected_ms,
    )
    devices.note_device(member=member, device=body.device, step=step)
    return HttpResponse(status=204)


@router.get("/{code}/playback/devices", summary="The devices that sound (host, co-host)")
def sounding(request: HttpRequest, code: str) -> HttpResponse:
    member = access.member(request, code)
    member.require(Act.CONTROL)
    now_ms = clock.now_ms()
    playback = Playback.objects.of(member.room)
    speaker = Q(member=playback.speaker_id, device=playback.speaker_device)
    there = Device.objects.filter(
        Q(along=True) | speaker,
        member__room=member.room,
        member__banned=False,
        seen_at_ms__gt=now_ms - devices.GONE_AFTER_MS,
    )
    items = [device_shape(each, playback, now_ms=now_ms) for each in there.order_by("pk")]
    return JsonResponse({"items": items, "next": None})


@router.get("/{code}/incidents", summary="What stood in the way of the sound (host, co-host)")
def incidents(
    request: HttpRequest, code: str, cursor: Annotated[str | None, Query(max_length=20)] = None
) -> HttpResponse:
    member = access.member(request, code)
    member.require(Act.CONTROL)
    noted = Incident.objects.filter(room=member.room).order_by("-pk")
    if cursor is not None:
        noted = noted.filter(pk__lt=whole_number(cursor, Invalid(NO_CURSOR)))
    found = list(noted[: PAGE + 1])
    following = str(found[PAGE - 1].pk) if len(found) > PAGE else None
    return JsonResponse(
        {"items": [incident_shape(each) for each in found[:PAGE]], "next": following}
    )


# --- Sources and the past -----------------------------------------------------------------------


@router.get("/{code}/search", summary="Find tracks; without a query, browse them")
def search(
    request: HttpRequest,
    code: str,
    q: Annotated[str, Query(max_length=200)] = "",
    source: SourceName = "library",
    cursor: Cursor = None,
) -> HttpResponse:
    member = access.member(request, code)
    limits.hit_by("SEARCHES", member.pk, access.address_of(request))
    searched = registry.source(source, member.room)
    if searched.personal:
        limits.hit("SPOTIFY_SEARCHES", str(member.pk))
    return _found(member, searched.search(q, cursor=cursor))


@router.get("/{code}/playlists", summary="Playlists of a source (Spotify: host, co-host)")
def playlists(
    request: HttpRequest, code: str, source: SourceName = "library", cursor: Cursor = None
) -> HttpResponse:
    _, browsed = _browsing(request, code, source)
    page = browsed.playlists(cursor=cursor)
    items = [playlist_shape(each) for each in page.playlists]
    return JsonResponse({"items": items, **_page_facts(page)})


@router.get("/{code}/playlists/{playlist}", summary="The tracks of a playlist")
def playlist_tracks(
    request: HttpRequest,
    code: str,
    playlist: Annotated[str, Path(max_length=100)],
    source: SourceName = "library",
    cursor: Cursor = None,
) -> HttpResponse:
    member, browsed = _browsing(request, code, source)
    return _found(member, browsed.playlist_tracks(playlist, cursor=cursor))


@router.get("/{code}/shelves", summary="What the room can fall back on")
def shelves(request: HttpRequest, code: str) -> HttpResponse:
    access.member(request, code)
    return JsonResponse({"items": [shelf_shape(each) for each in shelf.shelves()], "next": None})


@router.get("/{code}/history", summary="What has played, the latest first")
def history(
    request: HttpRequest, code: str, cursor: Annotated[str | None, Query(max_length=20)] = None
) -> HttpResponse:
    member = access.member(request, code)
    # By their ends: what failed before it could start has no start.
    played = QueueItem.objects.filter(room=member.room).history()
    if cursor is not None:
        before = whole_number(cursor, Invalid(NO_CURSOR))
        last = played.filter(pk=before).first()
        if last is None:
            raise Invalid(NO_CURSOR)
        played = played.filter(
            Q(ended_at_ms__lt=last.ended_at_ms) | Q(ended_at_ms=last.ended_at_ms, pk__lt=last.pk)
        )
    items = list(played.with_facts()[: PAGE + 1])
    following = str(items[PAGE - 1].pk) if len(items) > PAGE else None
    return JsonResponse({"items": [played_shape(item) for item in items[:PAGE]], "next": following})


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "item": str(tally.item_id),
        "up": tally.up,
        "down": tally.down,
        "score": tally.score,
        "held": tally.held,
    }


def _count_adding(request: HttpRequest, member: Member) -> None:
    limit = "ADDS" if member.role == Role.LISTENER else "HOST_ADDS"
    limits.hit_by(limit, member.pk, access.address_of(request))


def _added(
    request: HttpRequest, member: Member, finder: adding.Finder, part: int, uri: str
) -> AdditionShape:
    """What became of one of several tracks; a repeat adds it only if it did not get so far."""
    answer = repeated(request, member.guest, part=part)
    if answer is None:
        try:
            track = finder.track(uri)
        except RoomError as refusal:
            return adding.refused(uri, refusal)
        answer = once(
            request,
            member.guest,
            lambda: JsonResponse({**adding.added(member, uri, track)}),
            part=part,
        )
    outcome: AdditionShape = json.loads(answer.content)
    return outcome


def _browsing(request: HttpRequest, code: str, source: str) -> tuple[Member, Source]:
    """The asking member, and the source of whose playlists they may see."""
    member = access.member(request, code)
    limits.hit_by("SEARCHES", member.pk, access.address_of(request))
    browsed = registry.source(source, member.room)
    if browsed.personal:
        member.require(Act.BROWSE)
    return member, browsed


def _found(member: Member, page: Page) -> HttpResponse:
    """Tracks of a source, each with what became of adding it."""
    alike = Track.objects.alike(page.tracks)
    waiting = waiting_items(member.room, alike)
    refusals = rules.refusals(member, page.tracks, alike)
    # What waits already is voted for, and no rule about new tracks stands against that.
    items = [
        {
            **track_shape(track),
            "waiting_item": waiting[track.uri],
            "refusal": None if waiting[track.uri] else _refusal(refusals[track.uri]),
        }
        for track in page.tracks
    ]
    return JsonResponse({"items": items, **_page_facts(page)})


def _page_facts(page: Page | Playlists) -> dict[str, Any]:
    return {
        "next": page.next,
        "skipped": dict(page.skipped),
        "stale_since_ms": page.stale_since_ms,
    }


def _refusal(refusal: RoomError | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {"code": refusal.code, "message": refusal.message, "until_ms": refusal.until_ms}


def _ids(item_ids: list[int]) -> HttpResponse:
    return JsonResponse({"items": [str(pk) for pk in item_ids]})


def _numbers(items: list[str]) -> list[int]:
    """Ids out of a body; what cannot be an id names nothing that waits."""
    return [int(item) for item in items if item.isascii() and item.isdigit() and len(item) < 19]


def _act_once(request: HttpRequest, code: str, act: Callable[[Member], Playback]) -> HttpResponse:
    """Let the asking member do that to the playback, or repeat the answer of the first time."""
    by = access.changer(request, code)
    return once(request, by.guest, lambda: _playback(act(by)))


def _playback(playback: Playback) -> HttpResponse:
    return JsonResponse({**shape_of(playback)})
