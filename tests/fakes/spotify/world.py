"""Everything the fake knows: people, their libraries, what there is to hear, and what is wrong."""

import threading
from collections.abc import Iterable, Sequence

from tests.fakes.spotify.catalogue import Catalogue, Item, LocalFile, Track
from tests.fakes.spotify.clock import Clock
from tests.fakes.spotify.faults import Body, Fault, Faults
from tests.fakes.spotify.held import HeldCommands
from tests.fakes.spotify.people import Allowed, Person
from tests.fakes.spotify.player import Player
from tests.fakes.spotify.playlists import Entry, Playlist
from tests.fakes.spotify.tokens import Tokens

CLIENT_ID = "fa4e5b0c1d2e4f60918273645546372a"
CLIENT_SECRET = "5ec4e7fa4e0011223344556677889900"
# Loopback addresses without a port: any port will do.
REDIRECT_URIS = (
    "http://127.0.0.1/accounts/spotify/login/callback/",
    "http://[::1]/accounts/spotify/login/callback/",
    "http://127.0.0.1/spotify/callback/",
    "http://127.0.0.1/spotify/callback",
    "https://party.example/accounts/spotify/login/callback/",
    "https://party.example/spotify/callback/",
)
DAY_S = 86_400


class World:
    def __init__(self, redirect_uris: Iterable[str] = REDIRECT_URIS) -> None:
        # Whatever is asked or changed, one after the other.
        self.lock = threading.RLock()
        self.client_id, self.client_secret = CLIENT_ID, CLIENT_SECRET
        self.redirect_uris = list(redirect_uris)
        self.clock = Clock()
        self.faults = Faults()
        self.failing: list[Fault] = []
        self.catalogue = Catalogue()
        self.tokens = Tokens(self.clock, self.faults)
        self.people: dict[str, Person] = {}
        self.playlists: dict[str, Playlist] = {}
        self.held = HeldCommands(self.lock)
        self._players: dict[str, Player] = {}
        # Who does not see the consent page; "" for nobody.
        self.signed_in = ""
        self._stranger = Person("vinyl-vera", "Vera")
        for name, premium, allowed in _CAST:
            self.person(name, premium=premium, allowed=allowed)
        self.person("Eli", display_name=None, has_picture=False)

    def person(
        self,
        name: str,
        *,
        premium: bool = True,
        allowed: Allowed = True,
        country: str = "AT",
        display_name: str | None = "",
        has_picture: bool = True,
        library: bool = True,
    ) -> Person:
        """Somebody with an account; whoever had this name before is logged out and forgotten."""
        person = Person(
            id=name.lower().replace(" ", "-"),
            name=name if display_name == "" else display_name,
            premium=premium,
            allowed=allowed,
            country=country,
            has_picture=has_picture,
        )
        with self.lock:
            if person.id in self.people:
                self.tokens.revoke(self.people[person.id])
            self.people[person.id] = person
            for playlist in [*self.playlists.values()]:
                if playlist.owner.id == person.id:
                    del self.playlists[playlist.id]
            if library:
                self._fill(person)
        return person

    def playlist(
        self,
        owner: Person,
        name: str,
        items: Sequence[Item] = (),
        *,
        public: bool | None = True,
        collaborative: bool = False,
        collaborators: Sequence[Person] = (),
        followers: Sequence[Person] = (),
        has_picture: bool = True,
    ) -> Playlist:
        """A playlist with these things in it."""
        now = self.clock.now()
        playlist = Playlist(
            name,
            owner,
            public=public,
            collaborative=collaborative,
            collaborators=[*collaborators],
            followers=[*followers],
            has_picture=has_picture,
            entries=[
                Entry(item, now - DAY_S * (len(items) - number), owner)
                for number, item in enumerate(items)
            ],
        )
        with self.lock:
            self.playlists[playlist.id] = playlist
        return playlist

    def playlists_of(self, person: Person) -> list[Playlist]:
        return [each for each in self.playlists.values() if each.listed_for(person)]

    def player_of(self, person: Person) -> Player:
        """What this account plays, as of now."""
        with self.lock:
            player = self._players.get(person.id)
            if player is None or player.person is not person:
                player = Player(person, self.catalogue, self.clock, self.faults)
                self._players[person.id] = player
            player.settle()
            return player

    def appear(self, person: Person) -> None:
        """Let the Web API know all devices of somebody from now on, however new they are."""
        with self.lock:
            for device in self.player_of(person).devices:
                device.known_from = 0

    def signed_in_person(self) -> Person | None:
        return self.people.get(self.signed_in.lower())

    def describe(self, person: Person) -> list[str]:
        """What is special about somebody, in a few words."""
        said = ["Premium" if person.premium else "without Premium"]
        if person.allowed is not True:
            said.append(f"not on the app's list (told in {person.allowed})")
        if person.name is None:
            said.append("without a name")
        return said

    def fail(
        self,
        where: str = "any",
        *,
        status: int | None = None,
        message: str = "",
        reason: str = "",
        retry_after: int | None = None,
        body: Body = "json",
        slow_s: float = 0,
        dropped: bool = False,
        done_anyway: bool = False,
        method: str = "",
        person: Person | None = None,
        times: int | None = None,
    ) -> Fault:
        """Let calls fail until it has struck often enough, is cleared, or its block ends."""
        fault = Fault(
            where,
            status=status,
            message=message,
            reason=reason,
            retry_after=retry_after,
            body=body,
            slow_s=slow_s,
            dropped=dropped,
            done_anyway=done_anyway,
            method=method,
            person=person.id if person else "",
            times=times,
            among=self.failing,
        )
        with self.lock:
            self.failing.append(fault)
        return fault

    def clear_faults(self) -> None:
        """Let all be well again."""
        with self.lock:
            self.failing.clear()
            self.faults.change(**vars(Faults()))

    def _fill(self, person: Person) -> None:
        """A library with everything in it that an app may stumble over."""
        tracks = [track for track in self.catalogue.tracks if track.can_be_played]
        named = self.catalogue.track
        now = self.clock.now()
        odd: list[Item] = [
            named("Applause"),
            None,
            LocalFile("My Old Band", "Garage Tapes", "Take Two", 184),
            self.catalogue.episodes[0],
            named("Cliffside Etiquette"),
            named("The Last Good Ledge"),
            named("Sugo"),
            named("Room 9"),
            named("Ground Floor"),
        ]
        self.playlist(person, "Friday kitchen", tracks[:12])
        self.playlist(person, "Odds and ends", odd, public=False, has_picture=False)
        self.playlist(person, "Everything, over and over", (tracks * 5)[:230], public=False)
        self.playlist(person, "Quiet rooms", self.catalogue.short_tracks)
        self.playlist(person, "Nothing yet")
        together: Sequence[Track] = tracks[20:28]
        self._shared(f"We all add to this ({person.id})", together, person, joined=True)
        self._shared(f"Made by somebody else ({person.id})", tracks[5:30], person, joined=False)
        person.saved = [
            (track.uri, now - DAY_S * (number + 1)) for number, track in enumerate(tracks[:43])
        ]
        person.favourites = [track.uri for track in tracks[::2]]
        person.heard = [
            (track.uri, now - 240 * (number + 1)) for number, track in enumerate(tracks[::-1][:50])
        ]

    def _shared(self, name: str, tracks: Sequence[Track], person: Person, *, joined: bool) -> None:
        """A playlist of a stranger, which somebody adds to or only follows."""
        self.playlist(
            self._stranger,
            name,
            tracks,
            public=not joined,
            collaborative=joined,
            collaborators=[person] if joined else [],
            followers=[person],
        )


_CAST: tuple[tuple[str, bool, Allowed], ...] = (
    ("Ann", True, True),
    ("Ben", False, True),
    ("Cleo", True, "json"),
    ("Dora", True, "text"),
    ("Finn", True, True),
)
