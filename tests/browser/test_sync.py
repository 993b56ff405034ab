"""Several devices sound the same moment, by what each of them says that is heard.

The bounds are wide, for machines that do much at once; exact numbers are in docs/sync.md.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, cycle
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from bench import evening
from tests import chromium
from tests.browser.absence import hide
from tests.browser.people import PHONE, SAMPLE, Person

Arrive = Callable[..., Person]
# What two ears would call together; the bench is stricter.
TOGETHER_MS = 150
ROOM = "(await import(document.querySelector('script[type=module]').src))"


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium that sounds without a tap: taps are not the point here."""
    browser = chromium.launch(playwright, "--autoplay-policy=no-user-gesture-required")
    yield browser
    browser.close()


def speaks(person: Person) -> None:
    person.page.evaluate(
        f"async () => {{ {ROOM}.speaker.unlock(); await {ROOM}.speaker.claim(); }}"
    )
    person.hears()


def listens_along(person: Person) -> None:
    person.page.evaluate(f"async () => {ROOM}.along.on()")
    person.hears()


def expect_together(code: str, host: Person, *people: Person, mode: str = "precise") -> None:
    """Wait until everybody's ears are where the room is, and in this mode."""
    for person in people:
        playback = host.api("GET", f"/{code}")["playback"]
        person.waits_for(
            f"""async ({{ starts_at_ms, play_id, within, mode }}) => {{
                const heard = {SAMPLE};
                const ahead = heard.position_ms - (heard.at_ms - starts_at_ms);
                const here = heard.sounding && heard.playId === play_id && heard.mode === mode;
                return here && Math.abs(ahead) <= within;
            }}""",
            {
                "starts_at_ms": playback["starts_at_ms"],
                "play_id": playback["play_id"],
                "within": TOGETHER_MS,
                "mode": mode,
            },
        )


@pytest.fixture
def together(host: Person, arrive: Arrive) -> tuple[str, Person, Person]:
    """A room that plays, its host who speaks, and a guest who listens along."""
    code = host.open_room("Amber", "Birch", "Cedar")
    guest = arrive()
    guest.enter(code)
    speaks(host)
    listens_along(guest)
    return code, host, guest


def test_who_listens_along_hears_what_the_speaker_plays(
    together: tuple[str, Person, Person],
) -> None:
    code, host, guest = together
    expect_together(code, host, host, guest)


def test_both_follow_a_seek_a_pause_and_a_skip(together: tuple[str, Person, Person]) -> None:
    code, host, guest = together
    changes: list[tuple[str, Any]] = [
        ("seek", {"position_ms": 30_000}),
        ("pause", {}),
        ("play", {}),
        ("skip", {}),
    ]
    for change, body in changes:
        host.api("POST", f"/{code}/playback/{change}", body)
        if change == "pause":
            for person in (host, guest):
                person.waits_for(f"async () => !({SAMPLE}).sounding")
        else:
            expect_together(code, host, host, guest)


def test_one_track_follows_the_other_in_step(together: tuple[str, Person, Person]) -> None:
    code, host, guest = together
    first = host.api("GET", f"/{code}")["playback"]["play_id"]
    host.api("POST", f"/{code}/playback/seek", {"position_ms": 57_000})
    for person in (host, guest):
        person.waits_for(
            f"""async (first) => {{
                const {{ sounding, playId }} = {SAMPLE};
                return sounding && playId !== first;
            }}""",
            first,
        )
    expect_together(code, host, host, guest)


def test_a_phone_goes_on_as_a_stream_while_it_is_locked(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    guest = arrive(**PHONE)
    guest.enter(code)
    speaks(host)
    listens_along(guest)
    expect_together(code, host, guest)
    hide(guest.page, True)
    expect_together(code, host, guest, mode="pocket")
    hide(guest.page, False)
    expect_together(code, host, guest)


def test_switched_off_only_this_device_falls_silent(together: tuple[str, Person, Person]) -> None:
    code, host, guest = together
    guest.page.evaluate(f"async () => {ROOM}.along.off()")
    guest.waits_for(f"async () => !({SAMPLE}).sounding")
    expect_together(code, host, host)


def test_listening_along_survives_a_reload(together: tuple[str, Person, Person]) -> None:
    code, host, guest = together
    guest.page.reload()
    guest.hears()
    expect_together(code, host, guest)


def test_the_room_knows_who_listens_along(together: tuple[str, Person, Person]) -> None:
    code, _, guest = together
    me = guest.api("GET", f"/{code}")["me"]["id"]
    assert guest.waits_for(
        """async ([code, me]) => {
            const room = await (await fetch(`/api/rooms/${code}`)).json();
            return room.along.includes(me);
        }""",
        [code, me],
    )


def test_music_that_plays_on_is_never_silent_and_nothing_starts_twice(
    together: tuple[str, Person, Person],
) -> None:
    """Three tracks, each from shortly before its end, while a device comes and goes."""
    code, host, guest = together
    to_its_end = partial(host.api, "POST", f"/{code}/playback/seek", {"position_ms": 55_000})
    acts: Iterator[Callable[[], object]] = chain.from_iterable(
        (to_its_end, act) for act in cycle(evening.comings_and_goings(guest, code))
    )
    told = partial(evening.history, host, code)
    heard = evening.listen(host, acts, every_s=3, until=lambda: len(told().titles) == 3)
    assert (heard.silences, heard.second_starts) == ([], 0)
    assert set(told().outcomes) == {"played"}
    assert told().rounds(3)
    assert set(told().gaps_ms) == {0}


def test_two_tracks_leave_no_silence_between_them(host: Person) -> None:
    """The buffers of two tracks in a row, rendered by the decks themselves."""
    host.open_room("Amber")
    silence_ms = host.page.evaluate(GAP)
    assert silence_ms < 30


# Two decks on an offline context that stands in for the sound card: what they render is all there
# is to hear.
GAP = """async () => {
    const { BufferDeck } = await import("/static/js/audio/buffer-deck.js");
    const rate = 48000;
    const context = new OfflineAudioContext(1, rate * 4, rate);
    const tone = context.createBuffer(1, rate * 2, rate);
    tone.getChannelData(0).fill(0.5);
    context.decodeAudioData = async () => tone;
    const soundCard = { context, known: true, earliest: 0, contextAt: (ms) => ms / 1000 };
    const headers = new Headers({ "Content-Type": "audio/wav" });
    const fetch = async () => ({ ok: true, headers, arrayBuffer: async () => new ArrayBuffer(0) });
    const deck = () => new BufferDeck({
        soundCard, fetch, local: () => 0, onReady() {}, onEnded() {},
    });
    const [one, other] = [deck(), deck()];
    await Promise.all([one.load({ audio: "/1" }), other.load({ audio: "/2" })]);
    one.start(0, 0);
    one.pause(1990);
    other.start(0, 1990);
    const heard = (await context.startRendering()).getChannelData(0);
    let longest = 0;
    let silent = 0;
    for (const sample of heard.subarray(rate, rate * 3)) {
        silent = Math.abs(sample) < 0.05 ? silent + 1 : 0;
        longest = Math.max(longest, silent);
    }
    return longest / rate * 1000;
}"""
