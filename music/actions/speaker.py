"""The speaker: the one device that makes the room's sound, held as a lease.

It says all the time that it is there and what it does. As long as that is what is expected, its
lease is prolonged in one statement, without the room's lock and without a word to anybody.
"""

from dataclasses import dataclass

from django.db.models import Case, Exists, Q, Value, When

from music import acts
from music.actions import incidents
from music.actions.failures import DEVICE_FAULT, fail_current, halt_for_device
from music.actions.incidents import OUT_OF_STEP
from music.actions.lengths import correct_length
from music.actions.sources import follow_device, is_pause, pause_with_device
from music.actions.transport import pause_at, playback_of, save
from music.actions.turns import end_wait_for_speaker, start_next
from music.errors import SpeakerTaken
from music.models import (
    LEASE_MS,
    MAY_BE_CLOSED_AFTER_MS,
    QUIET_LEASE_MS,
    Halt,
    IncidentKind,
    Playback,
    PlaybackState,
)
from music.room_rules import OnSpeakerLost, music_rules
from rooms import clock
from rooms.actors import System
from rooms.changes import Change, changing
from rooms.errors import NoMembership, RoomEnded
from rooms.models import Member, RoomState

# What the speaker says it plays may be so far off what the room plays.
OUT_OF_STEP_BY_MS = 3_000
# What somebody must be to control the playback, by the table of roles.
CONTROLLERS = acts.CONTROL.roles
# A device that cannot be held to the room's clock says where it really is, and when it is through.
DRIFTED, OVER = "drifted", "over"
OVER_WITHIN_MS = 10_000
# What was in the way, where the device knows it and it is over.
HELD_BACK = {"slept": IncidentKind.SLEPT, "suspended": IncidentKind.SUSPENDED}


def claim_speaker(*, member: Member, device: str, name: str, takeover: bool = False) -> Playback:
    """Make this device the room's speaker. `device` is its own random id, `name` for people.

    What plays is not touched by it; what waits for a speaker, or for another one, goes on. Raises
    `SpeakerTaken` while another device holds a live lease, unless taking over, or from oneself
    where that one has fallen silent in a pause; `NotAllowed`.
    """
    with changing(member) as change:
        member.require(acts.CONTROL)
        playback = playback_of(change.room)
        now_ms = clock.now_ms()
        same = _is(playback, member, device)
        taken = not same and (playback.speaker_until_ms or 0) > now_ms
        if taken and not takeover and not _may_be_closed(playback, of=member, now_ms=now_ms):
            raise SpeakerTaken(device=playback.speaker_name)
        playback.speaker, playback.speaker_device = member, device
        playback.speaker_name = name
        if playback.halt == Halt.SPEAKER or (playback.halt == Halt.DEVICE and not same):
            end_wait_for_speaker(change, playback)
        playback.heard_at_ms, playback.speaker_until_ms = now_ms, now_ms + playback.lease_ms
        if same:
            playback.save(update_fields=["speaker_name", "speaker_until_ms", "heard_at_ms"])
            return playback
        playback.stalled = playback.out_of_step = False
        was_lost = playback.lost_at_ms is not None
        playback.lost_member, playback.lost_name, playback.lost_at_ms = None, "", None
        save(change, playback)
        if was_lost:
            incidents.speaker_back(change, playback)
        return playback


def release_speaker(*, member: Member, device: str) -> Playback:
    """Stop being the speaker; quiet when this device is not. Raises `NotAllowed`."""
    with changing(member) as change:
        member.require(acts.CONTROL)
        playback = playback_of(change.room)
        if _is(playback, member, device):
            _free(change, playback)
        return playback


def let_lapse(*, room_id: int) -> bool:
    """Free the speaker's place if its device has not been heard of in time; say so to everybody.

    By the rule `speaker_gone` the music waits where it was last heard, or goes on. Returns whether
    the place was freed.
    """
    with changing(System(room_id, "conductor")) as change:
        playback = playback_of(change.room)
        now_ms = clock.now_ms()
        if playback.speaker_until_ms is None or playback.speaker_until_ms > now_ms:
            return False
        _lose(change, playback, heard_until_ms=playback.heard_at_ms or now_ms)
        return True


def free_barred(change: Change, who: Member) -> None:
    """Free the speaker's place in a locked room if this member holds it and may not any more.

    Their device would be refused at its next report, but in a pause its place is held for minutes.
    """
    if who.may(acts.CONTROL) and who.is_inside:
        return
    playback = playback_of(change.room)
    if playback.speaker_id == who.pk:
        _lose(change, playback, heard_until_ms=clock.now_ms(), barred=True)


def report(
    *,
    member: Member,
    device: str,
    play_id: str,
    state: str,
    position_ms: int = 0,
    cause: str = "",
    starts_at_ms: int | None = None,
    length_ms: int | None = None,
) -> None:
    """What the speaker says it really does; renews its lease.

    Quiet when another device is the speaker; of a track that plays no more, it only says that the
    device is there. "error" ends the track as failed and moves on, rather than leaving the room
    silent; other trouble is noted (`music.actions.incidents`). What would move the room's clock or
    stop it counts only with the `starts_at_ms` that holds: the device may not have heard of a jump.
    `length_ms`: how long the track sounds by the device's decoder, where that is another length.
    Raises `NotAllowed`, `Muted`, `Banned`, `RoomEnded`.
    """
    said = _Report(device, play_id, state, position_ms, cause, starts_at_ms, length_ms)
    if said.may_be_usual and _renew(member, said):
        return
    if not _speaks(member, device):
        return
    with changing(member) as change:
        member.require(acts.CONTROL)
        playback = playback_of(change.room)
        if not _is(playback, member, device):
            return
        playback.heard_at_ms = clock.now_ms()
        playback.speaker_until_ms = playback.heard_at_ms + playback.lease_ms
        if play_id == str(playback.play_id) and playback.item is not None:
            _hear(change, playback, said)
        if cause in HELD_BACK and state in ("playing", "paused"):
            incidents.held_back(change, playback, kind=HELD_BACK[cause])
        playback.save(update_fields=["heard_at_ms", "speaker_until_ms", "stalled", "out_of_step"])


def _is(playback: Playback, member: Member, device: str) -> bool:
    """Whether this device of the member is the room's speaker."""
    return playback.speaker_id == member.pk and playback.speaker_device == device


def _may_be_closed(playback: Playback, *, of: Member, now_ms: int) -> bool:
    """Whether the speaker is a device of this member that seems to have been closed in a pause.

    While music plays it would be missed in seconds, so that nobody need guess.
    """
    return (
        playback.speaker_id == of.pk
        and playback.state != PlaybackState.PLAYING
        and now_ms - (playback.heard_at_ms or 0) > MAY_BE_CLOSED_AFTER_MS
    )


def _speaks(member: Member, device: str) -> bool:
    """As `_is`, asked without the room's lock: nobody else's reports hold a room up.

    Raises what stands against a member who may not report at all.
    """
    known = Member.objects.select_related("room").filter(pk=member.pk).first()
    if known is None or known.left:
        raise NoMembership
    if known.banned:
        raise known.ban_refusal()
    if not known.room.is_live:
        raise RoomEnded
    known.require(acts.CONTROL)
    return Playback.objects.filter(
        room=member.room_id, speaker=member.pk, speaker_device=device
    ).exists()


@dataclass(frozen=True)
class _Report:
    """What a device says: the play it means, what it does, where it is, and what was in the way."""

    device: str
    play_id: str
    state: str
    position_ms: int
    cause: str
    starts_at_ms: int | None
    length_ms: int | None

    @property
    def may_be_usual(self) -> bool:
        return (
            self.state != "error"
            and self.cause not in (*HELD_BACK, DRIFTED, OVER)
            and self.length_ms is None
        )

    def usual(self, now_ms: int) -> Q:
        """The playbacks of which this report is no news."""
        number = int(self.play_id) if self.play_id.isascii() and self.play_id.isdigit() else -1
        other = ~Q(state=PlaybackState.PLAYING, play_id=number)
        if self.state == "stalled":
            return other | Q(stalled=True)
        if self.state == "paused":
            return other
        if self.state == "playing":
            began_ms = now_ms - self.position_ms
            in_step = Q(
                starts_at_ms__range=(began_ms - OUT_OF_STEP_BY_MS, began_ms + OUT_OF_STEP_BY_MS)
            )
            return other | (in_step & Q(stalled=False, out_of_step=False))
        return Q()


def _renew(member: Member, said: _Report) -> bool:
    """Prolong the lease of the speaker that reports nothing new, in one statement; whether it is.

    What holds of the member and the room is asked in the same statement.
    """
    now_ms = clock.now_ms()
    may = Member.objects.filter(
        pk=member.pk,
        role__in=CONTROLLERS,
        muted=False,
        banned=False,
        left=False,
        room__state=RoomState.LIVE,
    )
    held = Playback.objects.filter(
        said.usual(now_ms),
        Exists(may),
        room=member.room_id,
        speaker=member.pk,
        speaker_device=said.device,
    )
    plays = When(state=PlaybackState.PLAYING, then=Value(now_ms + LEASE_MS))
    until_ms = Case(plays, default=Value(now_ms + QUIET_LEASE_MS))
    return held.update(heard_at_ms=now_ms, speaker_until_ms=until_ms) == 1


def _hear(change: Change, playback: Playback, said: _Report) -> None:
    """Note what the speaker says of what is on in a locked room."""
    now_ms = clock.now_ms()
    if said.state == "error" and said.cause == DEVICE_FAULT:
        halt_for_device(change, playback, position_ms=said.position_ms)
    elif said.state == "error":
        played_ms = min(playback.position_at(now_ms), said.position_ms)
        fail_current(
            change=change,
            playback=playback,
            played_ms=played_ms,
            cause=said.cause,
            device=said.device,
        )
    elif playback.state != PlaybackState.PLAYING or playback.starts_at_ms is None:
        return
    elif said.cause in (DRIFTED, OVER) or said.state == "paused":
        _hear_loose(change, playback, said)
    elif said.state == "stalled":
        _stall(change, playback, cause=said.cause)
    elif said.state == "playing":
        if abs(now_ms - playback.starts_at_ms - said.position_ms) <= OUT_OF_STEP_BY_MS:
            if playback.stalled:
                incidents.recovered(change, playback)
            playback.stalled = playback.out_of_step = False
        elif playback.out_of_step:
            _stall(change, playback, cause=OUT_OF_STEP)
        else:
            # Once may be a jump that has not reached the device yet.
            playback.out_of_step = True
    # Last, because it may end the play.
    if said.length_ms is not None and said.state in ("playing", "ended"):
        correct_length(change, playback, said.length_ms)


def _hear_loose(change: Change, playback: Playback, said: _Report) -> None:
    """A device without an exact clock: the room's clock goes by it, not it by the room's."""
    assert playback.item is not None
    now_ms = clock.now_ms()
    if playback.item.track.source == "library":
        return
    if said.cause == OVER:
        if (playback.ends_at_ms or 0) - now_ms < OVER_WITHIN_MS:
            start_next(change, playback)
    elif said.starts_at_ms != playback.starts_at_ms:
        return  # said of the moment before a jump
    elif said.state == "paused":
        duration_ms = playback.item.track.duration_ms
        if is_pause(position_ms=said.position_ms, duration_ms=duration_ms):
            pause_with_device(change, playback, said.position_ms)
    elif follow_device(playback, now_ms - said.position_ms):
        playback.stalled = playback.out_of_step = False
        save(change, playback)


def _stall(change: Change, playback: Playback, *, cause: str) -> None:
    if not playback.stalled:
        playback.stalled = True
        incidents.stalled(change, playback, cause=cause)


def _lose(change: Change, playback: Playback, *, heard_until_ms: int, barred: bool = False) -> None:
    """The sound is gone, although nobody gave it up: the music waits or goes on, and all are told.

    `barred`: whoever made it may not any more.
    """
    plays = playback.state == PlaybackState.PLAYING
    waits = plays and music_rules(change.room).speaker_gone == OnSpeakerLost.WAIT
    if waits:
        pause_at(playback, playback.position_at(heard_until_ms), why=Halt.SPEAKER)
    incidents.speaker_lost(change, playback, waits=waits, barred=barred)
    playback.lost_member, playback.lost_name = playback.speaker, playback.speaker_name
    playback.lost_at_ms = clock.now_ms()
    _free(change, playback)


def _free(change: Change, playback: Playback) -> None:
    playback.speaker, playback.speaker_device = None, ""
    playback.speaker_name, playback.speaker_until_ms = "", None
    playback.heard_at_ms = None
    playback.stalled = playback.out_of_step = False
    save(change, playback)
