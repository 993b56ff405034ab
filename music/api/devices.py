"""The devices that sound over HTTP: the speaker, who listens along, and what stood in their way."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Query, Router
from pydantic import BaseModel, StrictBool, StrictInt, StrictStr

from music import acts
from music.actions import devices
from music.actions import speaker as speaking
from music.api.playback import PlayId
from music.api.sources import PAGE
from music.errors import UnknownPage
from music.models import (
    Device,
    Incident,
    Playback,
)
from music.shapes import (
    SpeakerShape,
    device_shape,
    incident_shape,
    speaker_shape,
)
from rooms import access, clock, limits
from rooms.api import whole_number
from rooms.names import cleaned
from rooms.receipts import once

DEVICE_NAME_LENGTH = 60
router = Router(tags=["music"])

# A random id that the device made for itself. A name, not a key: the speaker's is in the snapshot.
DeviceId = Annotated[StrictStr, Field(min_length=8, max_length=64, pattern=r"^[!-~]+$")]
DeviceName = Annotated[StrictStr, Field(max_length=200)]
# What a clock can be off by; more is no measurement.
Off = Annotated[StrictInt, Field(ge=-600_000, le=600_000)]


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
    length_ms: Annotated[StrictInt, Field(ge=1, le=2**31 - 1)] | None = None
    cause: (
        Literal[
            "decode", "missing", "network", "stalled", "slept", "suspended",
            "drifted", "over", "refused", "device",
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


@router.put("/{code}/playback/speaker", summary="Claim or release the room's sound")
def speaker(request: HttpRequest, code: str, body: SpeakerClaim) -> HttpResponse:
    member = access.changer(request, code)
    if body.action == "claim":
        name = cleaned(body.name, what="name", length=DEVICE_NAME_LENGTH)
        playback = speaking.claim_speaker(
            member=member, device=body.device, name=name, takeover=body.takeover
        )
    else:
        playback = speaking.release_speaker(member=member, device=body.device)
    held: SpeakerShape | None = speaker_shape(playback)
    return JsonResponse({"speaker": held})


@router.post("/{code}/playback/report", response={204: None}, summary="What the speaker does")
def report(request: HttpRequest, code: str, body: SpeakerReport) -> HttpResponse:
    member = access.cached_member(request, code)
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
            length_ms=body.length_ms,
        )
        return HttpResponse(status=204)

    return once(request, member.guest, perform)


@router.put("/{code}/playback/device", response={204: None}, summary="How a device keeps step")
def device(request: HttpRequest, code: str, body: DeviceStep) -> HttpResponse:
    member = access.cached_member(request, code)
    # Not under the ceiling of the address: a venue that listens along may still vote.
    limits.hit("DEVICES", str(member.pk))
    step = devices.Step(
        name=cleaned(body.name, what="name", length=DEVICE_NAME_LENGTH),
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
    member.require(acts.CONTROL)
    now_ms = clock.now_ms()
    playback = Playback.objects.of(member.room)
    speaker = Q(member=playback.speaker_id, device=playback.speaker_device)
    there = Device.objects.filter(
        Q(along=True) | speaker,
        member__room=member.room,
        member__banned=False,
        member__left=False,
        seen_at_ms__gt=now_ms - devices.GONE_AFTER_MS,
    )
    items = [device_shape(each, playback, now_ms=now_ms) for each in there.order_by("pk")]
    return JsonResponse({"items": items, "next": None})


@router.get("/{code}/incidents", summary="What stood in the way of the sound (host, co-host)")
def incidents(
    request: HttpRequest, code: str, cursor: Annotated[str | None, Query(max_length=20)] = None
) -> HttpResponse:
    member = access.member(request, code)
    member.require(acts.CONTROL)
    noted = Incident.objects.filter(room=member.room).order_by("-pk")
    if cursor is not None:
        noted = noted.filter(pk__lt=whole_number(cursor, UnknownPage()))
    found = list(noted[: PAGE + 1])
    following = str(found[PAGE - 1].pk) if len(found) > PAGE else None
    return JsonResponse(
        {"items": [incident_shape(each) for each in found[:PAGE]], "next": following}
    )
