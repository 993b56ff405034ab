"""The speaker: the one device that makes the room's sound, held as a lease."""

from music.actions.playback import fail_current, playback_of, save
from music.models import Playback
from rooms import clock
from rooms.errors import SpeakerTaken
from rooms.models import Member, Room
from rooms.publish import changing, changing_by
from rooms.roles import Act

# A speaker reports every 5 s; after three missed reports its place is free.
LEASE_MS = 15_000


def claim_speaker(*, member: Member, device: str, name: str, takeover: bool = False) -> Playback:
    """Make this device the room's speaker. `device` is its own random id, `name` for people.

    Raises `SpeakerTaken` while another device holds a live lease, unless taking over;
    `NotAllowed`.
    """
    with changing_by(member) as room:
        member.require(Act.CONTROL)
        playback = playback_of(room)
        now_ms = clock.now_ms()
        taken = (
            playback.speaker_id is not None
            and playback.speaker_device != device
            and (playback.speaker_until_ms or 0) > now_ms
        )
        if taken and not takeover:
            raise SpeakerTaken(f"{playback.speaker_name} plays the sound. Take over?")
        same = playback.speaker_device == device and playback.speaker_id == member.pk
        playback.speaker, playback.speaker_device = member, device
        playback.speaker_name, playback.speaker_until_ms = name, now_ms + LEASE_MS
        if same:
            playback.save(update_fields=["speaker_name", "speaker_until_ms"])
        else:
            save(room, playback)
        return playback


def release_speaker(*, member: Member, device: str) -> Playback:
    """Stop being the speaker; quiet when this device is not. Raises `NotAllowed`."""
    with changing_by(member) as room:
        member.require(Act.CONTROL)
        playback = playback_of(room)
        if playback.speaker_device == device:
            _free(room, playback)
        return playback


def let_lapse(*, room_id: int) -> bool:
    """Free the speaker's place if its device has not been heard of for `LEASE_MS`.

    Returns whether it was freed.
    """
    with changing(room_id) as room:
        playback = playback_of(room)
        if playback.speaker_until_ms is None or playback.speaker_until_ms > clock.now_ms():
            return False
        _free(room, playback)
        return True


def report(*, member: Member, device: str, play_id: str, state: str) -> None:
    """What the speaker says it really does; renews its lease.

    Quiet when another device is the speaker or another track plays by now. "error" ends the track
    as failed and starts the next, rather than leaving the room silent. Raises `NotAllowed`.
    """
    with changing_by(member) as room:
        member.require(Act.CONTROL)
        playback = playback_of(room)
        if playback.speaker_device != device or playback.speaker_id != member.pk:
            return
        playback.speaker_until_ms = clock.now_ms() + LEASE_MS
        playback.save(update_fields=["speaker_until_ms"])
        if state == "error" and play_id == str(playback.play_id) and playback.item is not None:
            fail_current(room=room, playback=playback)


def _free(room: Room, playback: Playback) -> None:
    playback.speaker, playback.speaker_device = None, ""
    playback.speaker_name, playback.speaker_until_ms = "", None
    save(room, playback)
