"""What somebody's account plays, and on which of their devices."""

import itertools
import math
import queue
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.spotify.catalogue import Album, Artist, Catalogue, Episode, Track
from tests.fakes.spotify.clock import Clock
from tests.fakes.spotify.faults import Faults
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.tokens import Access
from tests.fakes.spotify.wire import Answer, Json, Refused, error

# Real reports of the SDK name at most two tracks on either side.
_WINDOW = 2


class Connection:
    """A page in which the SDK runs: what it is told, in order, and the token that it came with."""

    def __init__(self, access: Access, base: str) -> None:
        self.id = secrets.token_hex(8)
        self.access = access
        # The address under which the page reached the fake, for pictures.
        self.base = base
        self.told: queue.Queue[Json | None] = queue.Queue()

    def tell(self, kind: str, **more: Any) -> None:
        self.told.put({"kind": kind, **more})

    def end(self) -> None:
        self.told.put(None)


@dataclass(eq=False)
class Device:
    name: str
    kind: str = "Speaker"
    id: str | None = field(default_factory=lambda: secrets.token_hex(20))
    is_restricted: bool = False
    is_private: bool = False
    supports_volume: bool = True
    volume: int = 60
    # Before this moment (of the monotonic clock) the Web API does not know it.
    known_from: float = 0.0
    # It is in no list, and takes no command until playback is transferred to it.
    sleeps: bool = False
    # None for a device that is only pretended; such a one plays by the clock.
    connection: Connection | None = None

    @property
    def is_known(self) -> bool:
        return time.monotonic() >= self.known_from

    @property
    def is_listed(self) -> bool:
        return self.is_known and not self.sleeps


@dataclass(frozen=True)
class Moment:
    """What an account has played since a moment of the monotonic clock, and from where."""

    since: float
    uri: str
    is_playing: bool
    position_ms: float
    active: Device | None


class Player:
    """One account's playback. Every method is called under the lock of the world."""

    def __init__(self, person: Person, catalogue: Catalogue, clock: Clock, faults: Faults) -> None:
        self.person = person
        self._catalogue, self._clock, self._faults = catalogue, clock, faults
        self.devices = _speakers(person) if person.has_speakers else []
        self.active: Device | None = None
        self.is_playing = False
        self.repeat = "off"
        self.shuffle = False
        # Where the tracks come from; "" for a bare list.
        self.context = ""
        # What was sent to play, where in it we are, and what was added to the queue since.
        self.uris: list[str] = []
        self.index = 0
        self.queued: list[str] = []
        # The address that was asked for and is on now; "" for none.
        self.uri = ""
        self.previous: list[str] = []
        # Another number for each load, so that late reports of a page are known as such.
        self.play = 0
        self._numbers = itertools.count(1)
        self._position_ms = 0.0
        self._since = 0.0
        self.changed_at_ms = clock.now_ms()
        # The last changes, for answers that are old.
        self.moments: list[Moment] = []

    # --- What is -----------------------------------------------------------------------------

    @property
    def item(self) -> Track | Episode | None:
        """What sounds, which may be another recording than was asked for."""
        return self._catalogue.by_uri(self._sounding(self.uri)) if self.uri else None

    @property
    def position_ms(self) -> int:
        """Where it is now; a page that plays is asked by its reports, anything else by time."""
        if not self.is_playing:
            return int(self._position_ms)
        passed = (time.monotonic() - self._since) * 1000
        return int(min(self._position_ms + passed, self.item.duration_ms if self.item else 0))

    def settle(self) -> None:
        """Let what has ended meanwhile on a pretended device be over."""
        while self.is_playing and self.item and not (self.active and self.active.connection):
            late = self._position_ms + (time.monotonic() - self._since) * 1000
            late -= self.item.duration_ms
            if late < self._faults.end_is_told_late_s * 1000:
                return
            self.go_on()
            self._since -= late / 1000

    def as_of(self, ago_s: float) -> Moment | None:
        """What was so many seconds ago; None for nothing."""
        at = time.monotonic() - ago_s
        known = [each for each in self.moments if each.since <= at]
        return known[-1] if known else None

    def play_on(self, ms: float) -> None:
        """Let what plays have gone on for so long already."""
        self._since -= ms / 1000
        self.moments = [replace(each, since=each.since - ms / 1000) for each in self.moments]

    def device(self, id: str | None, *, wakes: bool = False) -> Device:
        """Where a command goes: the device it names, or the active one."""
        if id is None:
            if self.active is None:
                raise Refused(player_error(404, "No active device found", "NO_ACTIVE_DEVICE"))
            found = self.active
        else:
            known = (each for each in self.devices if each.id == id and each.is_known)
            device = next(known, None)
            if device is None:
                raise Refused(error(404, "Device not found"))
            found = device
        if found.sleeps and not wakes:
            raise Refused(asleep(self._faults.sleeping_answers))
        found.sleeps = False
        if found.is_restricted:
            raise Refused(restricted("DEVICE_NOT_CONTROLLABLE"))
        return found

    # --- What is done ------------------------------------------------------------------------

    def start(
        self, device: Device, uris: list[str], index: int, position_ms: int, context: str = ""
    ) -> None:
        """Play these instead of whatever there was."""
        self._activate(device)
        self.uris, self.index, self.context, self.previous = uris, index, context, []
        self._load(uris[index], position_ms, playing=True)

    def resume(self, device: Device) -> None:
        if not self.uri:
            raise Refused(restricted("UNKNOWN"))
        if device is not self.active:
            self.transfer(device, play=True)
            return
        if self.is_playing:
            raise Refused(restricted("ALREADY_PLAYING"))
        self._stand(self._position_ms, playing=True)
        self._tell("resume")

    def pause(self, device: Device) -> None:
        if device is not self.active or not self.is_playing:
            raise Refused(restricted("ALREADY_PAUSED"))
        self._stand(self.position_ms, playing=False)
        self._tell("pause")

    def seek(self, device: Device, position_ms: int) -> None:
        """Go there; beyond the end, to what comes next."""
        self._require_active(device)
        if self.item and position_ms >= self.item.duration_ms:
            self.go_on()
            return
        self._stand(position_ms, playing=self.is_playing)
        self._tell("seek", position_ms=position_ms)

    def skip(self, device: Device) -> None:
        self._require_active(device)
        self.go_on(skipped=True)

    def back(self, device: Device) -> None:
        self._require_active(device)
        if self.index == 0:
            raise Refused(restricted("NO_PREV_TRACK"))
        self.index -= 1
        self.previous = self.previous[:-1]
        self._load(self.uris[self.index], 0, playing=True)

    def transfer(self, device: Device, *, play: bool) -> None:
        """Go on elsewhere: playing if asked to, else as it was."""
        at, playing = self.position_ms, self.is_playing or play
        self._activate(device)
        if self.uri:
            self._load(self.uri, at, playing=playing)

    def set_volume(self, device: Device, percent: int) -> None:
        if not device.supports_volume:
            raise Refused(
                player_error(403, "Cannot control device volume", "VOLUME_CONTROL_DISALLOW")
            )
        device.volume = percent
        if device.connection:
            device.connection.tell("volume", percent=percent)

    def set_options(self, *, repeat: str | None = None, shuffle: bool | None = None) -> None:
        self.repeat = repeat or self.repeat
        self.shuffle = self.shuffle if shuffle is None else shuffle
        self.changed_at_ms = self._clock.now_ms()
        self._tell("options", repeat_mode=_REPEATS.index(self.repeat), shuffle=self.shuffle)

    def enqueue(self, uri: str) -> None:
        self.queued.append(uri)
        self._tell("next", next=self._names(self._coming()))

    def go_on(self, *, skipped: bool = False) -> None:
        """What comes when a track is over: the next one, or silence at the beginning of this."""
        self.previous = [*self.previous, self.uri]
        if isinstance(self.item, Track):
            self.person.heard.insert(0, (self.item.uri, self._clock.now()))
        if self.repeat == "track" and not skipped:
            self._load(self.uri, 0, playing=True)
        elif self.queued:
            self._load(self.queued.pop(0), 0, playing=True)
        elif self._after() is not None:
            self.index = self._after() or 0
            self._load(self.uris[self.index], 0, playing=True)
        elif self._faults.suggests_after_end and not (self.active and self.active.connection):
            self._load(self._catalogue.tracks[-1].uri, 0, playing=True)
        else:
            self._stand(0, playing=False)
            self._tell("ended", previous=self._names(self.previous[-_WINDOW:]))

    # --- Pages in which the SDK runs ---------------------------------------------------------

    def connect(self, name: str, volume: int, access: Access, base: str) -> Device:
        """A device of the SDK: `ready` at once, known to the Web API a moment later."""
        appears = time.monotonic() + self._faults.devices_appear_after_s
        device = Device(name, "Computer", volume=volume, known_from=appears)
        device.connection = Connection(access, base)
        self.devices.append(device)
        return device

    def disconnect(self, device: Device) -> None:
        if device in self.devices:
            self.devices.remove(device)
        if device.connection:
            device.connection.end()
        if device is self.active:
            self._stand(self.position_ms, playing=False)
            self.active = None

    def lose(self, device: Device) -> None:
        """Let the backend lose sight of a page, which is told `not_ready`."""
        device.known_from = math.inf
        if device is self.active:
            self._stand(self.position_ms, playing=False)
            self.active = None
        if device.connection:
            device.connection.tell("not_ready")

    def regain(self, device: Device) -> None:
        """Let it be seen again, under the same id."""
        device.known_from = time.monotonic() + self._faults.devices_appear_after_s
        if device.connection:
            device.connection.tell("ready")

    def heard_from(self, device: Device, play: int, what: str, position_ms: float) -> None:
        """Believe what a page says about itself, unless it speaks of an earlier load."""
        if device is not self.active or play != self.play:
            return
        if what == "ended":
            self.go_on()
        elif what == "failed":
            self._stand(0, playing=False)
        else:
            self._stand(position_ms, playing=what == "playing")

    def _sounding(self, uri: str) -> str:
        relinked = self._faults.relinked.get(uri)
        item = self._catalogue.by_uri(uri)
        return relinked or (item.plays_as if isinstance(item, Track) else "") or uri

    def _after(self) -> int | None:
        """Where in the list it goes on; None when the list is over."""
        if self.index + 1 < len(self.uris):
            return self.index + 1
        return 0 if self.repeat == "context" else None

    def _coming(self) -> list[str]:
        """What would come after this, by address."""
        after = self._after()
        return [*self.queued, *(self.uris[after:] if after is not None else ())]

    def _load(self, uri: str, position_ms: int, *, playing: bool) -> None:
        self.uri, self.play = uri, next(self._numbers)
        self._stand(position_ms, playing=playing)
        item = self.item
        fits = not isinstance(item, Track) or item.can_be_played
        faults = self._faults
        refused = not fits or uri in faults.refused_by_sdk or faults.sdk_error == "playback_error"
        connection = self.active.connection if self.active else None
        if connection is None:
            if not fits:
                self._stand(0, playing=False)
            return
        connection.tell(
            "load",
            play=self.play,
            track=self._sdk_track(uri),
            sound=f"/sound/{item.id if item else ''}.wav",
            position_ms=position_ms,
            paused=not playing,
            refused=refused,
            previous=self._names(self.previous[-_WINDOW:]),
            next=self._names(self._coming()),
            context={"uri": self.context or None, "metadata": {} if self.context else None},
            repeat_mode=_REPEATS.index(self.repeat),
            shuffle=self.shuffle,
            conditions=faults.shape(),
        )

    def _activate(self, device: Device) -> None:
        """Only one device of an account plays: the one before is told that it does not."""
        if self.active is not device:
            if self.active and self.active.connection:
                self.active.connection.tell("inactive")
            self.active = device

    def _require_active(self, device: Device) -> None:
        if device is not self.active or not self.uri:
            raise Refused(restricted("UNKNOWN"))

    def _stand(self, position_ms: float, *, playing: bool) -> None:
        self._position_ms, self.is_playing = max(0.0, position_ms), playing
        self._since = time.monotonic()
        self.changed_at_ms = self._clock.now_ms()
        moment = Moment(self._since, self.uri, playing, self._position_ms, self.active)
        self.moments = [*self.moments[-20:], moment]

    def _tell(self, kind: str, **more: Any) -> None:
        if self.active and self.active.connection:
            self.active.connection.tell(kind, play=self.play, **more)

    def _names(self, uris: list[str]) -> list[Json]:
        return [self._sdk_track(uri) for uri in uris[:_WINDOW]]

    def _sdk_track(self, uri: str) -> Json:
        """A track in the shape of the SDK, which tells what was asked for when another sounds."""
        item = self._catalogue.by_uri(self._sounding(uri))
        base = self.active.connection.base if self.active and self.active.connection else ""
        assert item is not None, f"{uri} is not in the catalogue"
        said: Json = {
            "id": item.id,
            "uri": item.uri,
            "type": "track",
            "uid": "",
            "linked_from": {"uri": None, "id": None},
            "media_type": "audio",
            "track_type": "audio",
            "content_type": "music",
            "name": item.name,
            "duration_ms": item.duration_ms,
            "is_playable": True,
        }
        if item.uri != uri:
            said["linked_from"] = {"uri": uri, "id": uri.rpartition(":")[2]}
        if isinstance(item, Episode):
            return said | {"type": "episode", "artists": [], "album": {"images": []}}
        return said | {
            "artists": [_named(artist) for artist in item.artists],
            "album": _named(item.album) | {"images": item.album.shape(base)["images"]},
        }


_REPEATS = ("off", "context", "track")


def player_error(status: int, message: str, reason: str) -> Answer:
    return error(status, f"Player command failed: {message}", reason)


def restricted(reason: str) -> Answer:
    return player_error(403, "Restriction violated", reason)


def asleep(status: int) -> Answer:
    """What a device that sleeps makes of a command."""
    if status == 403:
        return restricted("DEVICE_NOT_CONTROLLABLE")
    return error(status, "Device not found" if status == 404 else "Server error.")


def _named(thing: Artist | Album) -> Json:
    return {"name": thing.name, "uri": thing.uri}


def _speakers(person: Person) -> list[Device]:
    """What stands around in somebody's home, each with its own way to be difficult."""

    def id(name: str) -> str:
        return (name + person.account_id).encode().hex()[:40]

    return [
        Device("Kitchen", "Speaker", id("kitchen")),
        Device("Office", "Computer", id("office"), is_restricted=True),
        Device("Phone", "Smartphone", id("phone"), is_private=True),
        Device("Bathroom radio", "CastAudio", id("bathroom"), supports_volume=False),
        Device("Car", "Automobile", None, is_restricted=True),
    ]
