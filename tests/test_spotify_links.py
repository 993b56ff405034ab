"""Links to Spotify, pasted where words or a uri are asked for."""

import pytest

from music.sources.spotify.links import SpotifyLink, find_link
from music.sources.spotify.models import Account
from rooms.models import Member
from tests.fakes.spotify import FakeSpotify
from tests.http import ask, refusal

ID = "4uLU6hMCjMI75M1A2tKUQC"
PAGE = "https://open.spotify.com"
# As pasted; what kind of thing it leads to. None: it is no link.
LINKS = [
    (f"{PAGE}/track/{ID}", "track"),
    (f"{PAGE}/track/{ID}?si=0123456789abcdef&utm_source=copy-link", "track"),
    (f"{PAGE}/intl-de/track/{ID}?si=1", "track"),
    (f"{PAGE}/intl-pt-br/track/{ID}", "track"),
    (f"{PAGE}/embed/track/{ID}", "track"),
    (f"http://OPEN.spotify.com/track/{ID}/", "track"),
    (f"open.spotify.com/track/{ID}", "track"),
    (f"play.spotify.com/track/{ID}", "track"),
    (f"Listen to this: {PAGE}/track/{ID}.", "track"),
    (f"spotify:track:{ID}", "track"),
    (f" spotify:track:{ID} ", "track"),
    (f"{PAGE}/playlist/{ID}?si=1", "playlist"),
    (f"{PAGE}/user/ann/playlist/{ID}", "playlist"),
    (f"spotify:user:ann:playlist:{ID}", "playlist"),
    (f"{PAGE}/intl-fr/album/{ID}", "album"),
    (f"spotify:album:{ID}", "album"),
    (f"{PAGE}/artist/{ID}", "artist"),
    (f"{PAGE}/episode/{ID}", "episode"),
    (f"{PAGE}/show/{ID}", "show"),
    (f"{PAGE}/user/ann", ""),
    (f"{PAGE}/", ""),
    ("https://spotify.link/AbCdEf", ""),
    ("https://spotify.app.link/AbCdEf", ""),
    ("rain", None),
    ("spotify", None),
    ("a song about spotify: track 4", None),
    (f"https://open.spotify.com.evil.example/track/{ID}", None),
    ("spotify:track:../me", None),
    ("library:shipped1", None),
]


def test_links_are_known_by_what_they_lead_to() -> None:
    for text, kind in LINKS:
        link = find_link(text)
        assert (link.kind if link else None) == kind, text
        if link is not None and kind == "track":
            assert link.track_uri() == f"spotify:track:{ID}", text


def test_a_link_to_no_track_says_what_it_is() -> None:
    says = {"playlist": "a playlist", "album": "an album", "artist": "an artist", "show": "podcast"}
    for kind, words in says.items():
        link = find_link(f"{PAGE}/{kind}/{ID}")
        assert link is not None
        with pytest.raises(SpotifyLink, match=words):
            link.track_uri()


def search(member: Member, source: str, query: str) -> object:
    path = f"/api/rooms/{member.room.code}/search?source={source}&q={query}"
    return ask(member, "GET", path)


@pytest.mark.django_db
def test_a_pasted_link_finds_its_track_and_asks_for_no_words(
    guest: Member, account: Account, spotify: FakeSpotify
) -> None:
    track = spotify.catalogue.track("Curtains")
    answer = search(guest, "spotify", f"{PAGE}/intl-de/track/{track.id}%3Fsi=1")
    assert [each["title"] for each in answer.json()["items"]] == ["Curtains"]  # type: ignore[attr-defined]
    assert spotify.calls_to("/v1/search") == []


@pytest.mark.django_db
def test_a_track_is_added_by_its_link(
    guest: Member, account: Account, spotify: FakeSpotify
) -> None:
    track = spotify.catalogue.track("Curtains")
    path = f"/api/rooms/{guest.room.code}/queue"
    answer = ask(guest, "POST", path, {"uri": f"{PAGE}/track/{track.id}?si=1"})
    assert (answer.status_code, answer.json()["track"]["uri"]) == (201, track.uri)
    refused = ask(guest, "POST", path, {"uri": f"{PAGE}/album/{ID}"})
    assert refusal(refused) == (422, "spotify_link")


@pytest.mark.django_db
def test_a_pasted_link_says_where_it_can_be_looked_for(
    guest: Member, outsider: Member, account: Account, spotify: FakeSpotify
) -> None:
    for member, words in ((guest, "under Spotify"), (outsider, "not connected here")):
        answer = search(member, "library", f"{PAGE}/track/{ID}")
        assert refusal(answer) == (422, "spotify_link")  # type: ignore[arg-type]
        assert words in answer.json()["error"]["message"]  # type: ignore[attr-defined]
    answer = search(guest, "spotify", f"{PAGE}/track/{ID}")
    assert refusal(answer) == (404, "unknown_track")  # type: ignore[arg-type]
