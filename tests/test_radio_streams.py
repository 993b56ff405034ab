"""Stations from outside: which addresses are opened, what is found there, and what titles say."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from beatsync.setting_lists import networks
from music import outside
from music.sources.radio.errors import (
    BadStationAddress,
    BlockedPort,
    NoStream,
    PrivateStation,
    StationAway,
)
from music.sources.radio.finding import FoundStream, find_stream_here
from music.sources.radio.icy import IcySplitter, interval_of, read_title
from music.sources.radio.playlists import PLAYLIST_BYTES, entries
from music.sources.radio.station_addresses import check_network, is_public, web_address
from music.sources.radio.station_connection import ConnectionUse, asking
from rooms.errors import RoomError, Unavailable
from tests.fakes.radio import FakeRadio


@pytest.fixture
def radio(settings: Any) -> Iterator[FakeRadio]:
    """Stations on 127.0.0.1, which the operator allows; the rest of 127/8 stays forbidden."""
    settings.RADIO_NETWORKS = networks("RADIO_NETWORKS", "127.0.0.1/32")
    with FakeRadio() as radio:
        yield radio


def find_here(written: str, *, member_id: int = 1, network: str = "192.0.2.1") -> FoundStream:
    return find_stream_here(written, member_id=member_id, network=network)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fc00::1",
        "ff02::1", "fec0::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "no address",
        # Metadata of clouds, and IPv4 inside of IPv6, in each way that a gateway may know.
        "168.63.129.16", "192.0.0.192", "192.88.99.1", "64:ff9b:1::7f00:1", "::127.0.0.1",
        "::ffff:0:127.0.0.1", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "4000::1",
    ],
)  # fmt: skip
def test_private_networks_are_not_public_however_they_are_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_the_public_internet_is_public(address: str, settings: Any) -> None:
    check_network(address)


def test_a_public_address_of_this_server_itself_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The system sends to an address of its own from that address."""

    class OwnSocket(socket.socket):
        def connect(self, address: Any) -> None:
            pass

        def getsockname(self) -> Any:
            return ("1.1.1.1", 50_000)

    monkeypatch.setattr(socket, "socket", OwnSocket)
    check_network("1.1.1.2")
    with pytest.raises(PrivateStation):
        check_network("1.1.1.1")


def test_the_operator_allows_networks_one_by_one(settings: Any) -> None:
    settings.RADIO_NETWORKS = networks("RADIO_NETWORKS", "192.168.1.0/24")
    check_network("192.168.1.7")
    with pytest.raises(PrivateStation):
        check_network("192.168.2.7")


@pytest.mark.parametrize(
    "written",
    [
        "", "radio", "ftp://radio.example/", "file:///etc/passwd", "http://", "http://:80/",
        "http://me:word@radio.example/", "http://radio.example:99999/", "javascript:alert(1)",
        "http://radio.example/a\r\nX: y", "http://radio.example/a b", "http://radio.example:0/",
        "http://" + "x" * 500,
    ],
)  # fmt: skip
def test_only_plain_addresses_of_the_web_are_stations(written: str) -> None:
    with pytest.raises(BadStationAddress):
        web_address(written)


def test_an_address_keeps_its_port_path_and_query() -> None:
    address = web_address(" HTTP://Radio.Example:8000/live;?a=ü ")
    assert str(address) == "http://radio.example:8000/live;?a=%C3%BC"


@pytest.mark.parametrize("port", [22, 25, 111, 445, 6379, 6667, 11211])
def test_ports_on_which_no_station_is_are_not_opened(port: int) -> None:
    with pytest.raises(BlockedPort):
        web_address(f"http://radio.example:{port}/")


def test_an_address_that_is_too_long_once_it_is_encoded_is_refused() -> None:
    web_address("http://radio.example/" + "x" * 400)
    with pytest.raises(BadStationAddress):
        web_address("http://radio.example/" + "ü" * 400)


@pytest.mark.parametrize(
    ("path", "found", "kind"),
    [
        ("mp3", "mp3", "audio/mpeg"),
        ("aac", "aac", "audio/aac"),
        ("ogg", "ogg", "audio/ogg"),
        ("plain", "plain", "audio/mpeg"),
        ("shoutcast", "shoutcast", "audio/mpeg"),
        ("listen.m3u", "mp3", "audio/mpeg"),
        ("listen.pls", "aac", "audio/aac"),
    ],
)
def test_streams_are_found_directly_and_through_playlists(
    radio: FakeRadio, path: str, found: str, kind: str
) -> None:
    stream = find_here(radio.url(path))
    assert (str(stream.address), stream.kind) == (radio.url(found), kind)


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("slow", StationAway),
        ("endless", StationAway),
        ("missing", StationAway),
        ("greeting", StationAway),
        ("dense", NoStream),
        ("loop", StationAway),
        ("text", NoStream),
        ("hls.m3u", NoStream),
        ("long.m3u", NoStream),
        ("redirect", PrivateStation),
        ("private.m3u", BadStationAddress),
    ],
)
def test_what_is_no_station_is_refused_with_its_reason(
    radio: FakeRadio, path: str, refusal: type[RoomError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("music.sources.radio.station_connection.HEAD_S", 0.5)
    with pytest.raises(refusal):
        find_here(radio.url(path))


def test_a_redirect_to_the_web_is_followed(radio: FakeRadio) -> None:
    radio.location = "/mp3"
    assert find_here(radio.url("redirect")).kind == "audio/mpeg"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://x/", "http://localhost:1/x"])
def test_a_redirect_out_of_the_web_is_not_followed(radio: FakeRadio, location: str) -> None:
    radio.location = location
    with pytest.raises((BadStationAddress, StationAway)):
        find_here(radio.url("redirect"))


def test_a_name_is_checked_by_the_address_that_is_connected_to(settings: Any) -> None:
    settings.RADIO_NETWORKS = []
    with FakeRadio() as radio, pytest.raises(PrivateStation):
        find_here(radio.url("mp3").replace("127.0.0.1", "localhost"))
    assert not radio.calls


def test_a_server_that_has_gone_is_away(radio: FakeRadio) -> None:
    url = radio.url("mp3")
    radio.dead.add("mp3")
    with pytest.raises(StationAway):
        find_here(url)


def test_a_port_that_speaks_no_http_is_answered_like_a_closed_one(radio: FakeRadio) -> None:
    with FakeRadio() as gone:
        closed = gone.url("mp3")
    answers = []
    for url in (radio.url("greeting"), closed):
        with pytest.raises(StationAway) as refusal:
            find_here(url)
        answers.append(refusal.value.as_json())
    assert answers[0] == answers[1]


def test_a_member_looks_for_one_station_at_a_time_and_a_network_for_two(
    radio: FakeRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("music.sources.radio.station_connection.HEAD_S", 60)
    with ThreadPoolExecutor() as threads:
        looks = [threads.submit(find_here, radio.url("slow"), member_id=n) for n in (1, 2)]
        assert radio.wait_until(lambda: radio.open["slow"] == 2)
        for member_id, network in ((1, "192.0.2.9"), (3, "192.0.2.1")):
            with pytest.raises(Unavailable):
                find_here(radio.url("mp3"), member_id=member_id, network=network)
        assert find_here(radio.url("mp3"), member_id=4, network="192.0.2.9")
        radio.dead.add("slow")
        assert [type(look.exception()) for look in looks] == [StationAway, StationAway]


def test_hosts_that_strangers_name_are_not_remembered(
    radio: FakeRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", HangingNames().resolve)
    url = radio.url("mp3").replace("127.0.0.1", "radio.example")
    find_here(url)
    assert outside.known_addresses("radio.example") == []

    async def play() -> None:
        async with asking(web_address(url), ConnectionUse.PLAY):
            assert outside.known_addresses("radio.example") == ["127.0.0.1"]

    asyncio.run(play())


def test_while_four_names_do_not_resolve_a_station_at_an_address_is_added(
    radio: FakeRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that plays is asked for again, for its name is resolved elsewhere."""
    names = HangingNames()
    monkeypatch.setattr(socket, "getaddrinfo", names.resolve)
    monkeypatch.setattr("music.sources.radio.station_connection.CONNECT_S", 0.5)

    async def play_again() -> bytes:
        url = radio.url("mp3").replace("127.0.0.1", "radio.example")
        async with asking(web_address(url), ConnectionUse.PLAY) as answer:
            return await answer.read()

    try:
        for n in range(4):
            with pytest.raises(StationAway):
                find_here(f"http://hangs-{n}.example/", member_id=n)
        assert names.hanging == 4
        assert find_here(radio.url("mp3")).kind == "audio/mpeg"
        assert asyncio.run(play_again())
    finally:
        names.go_on.set()


def test_a_name_that_does_not_resolve_in_time_leads_to_where_it_was_last(
    radio: FakeRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = HangingNames()
    monkeypatch.setattr(socket, "getaddrinfo", names.resolve)
    monkeypatch.setattr("music.sources.radio.station_connection.RESOLVE_S", 0.2)
    outside.remember_address("hangs.example", "127.0.0.1")
    try:
        assert find_here(radio.url("mp3").replace("127.0.0.1", "hangs.example"))
    finally:
        names.go_on.set()


class HangingNames:
    """A resolver that answers for `hangs….example` when it may go on, and for others at once."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.hanging = 0
        self._real = socket.getaddrinfo

    def resolve(self, host: str, *args: Any, **options: Any) -> Any:
        if host.startswith("hangs"):
            self.hanging += 1
            self.go_on.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._real("127.0.0.1", *args, **options)


def test_a_connection_is_closed_when_nobody_reads_any_more(radio: FakeRadio) -> None:
    async def listen() -> None:
        async with asking(web_address(radio.url("mp3")), ConnectionUse.ADD) as answer:
            assert await answer.read()

    asyncio.run(listen())
    assert radio.wait_until(lambda: radio.open["mp3"] == 0)


# --- Titles ---------------------------------------------------------------------------------------


def framed(text: bytes) -> bytes:
    units = -(-len(text) // 16)
    return bytes([units]) + text.ljust(units * 16, b"\0")


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_titles_are_parted_from_the_sound_however_it_is_cut(size: int) -> None:
    stream = b"abcd" + framed(b"StreamTitle='It's - On';StreamUrl='';") + b"efgh\x00ijkl"
    splitter = IcySplitter(4)
    sound = b"".join(splitter.feed(stream[at : at + size]) for at in range(0, len(stream), size))
    assert (sound, splitter.title) == (b"abcdefghijkl", "It's, On")


def test_a_stream_without_titles_passes_as_it_is() -> None:
    splitter = IcySplitter(None)
    assert (splitter.feed(b"StreamTitle='x';"), splitter.title) == (b"StreamTitle='x';", None)


@pytest.mark.parametrize("header", ["1", "16", "255"])
def test_titles_after_each_few_bytes_are_refused(header: str) -> None:
    with pytest.raises(NoStream):
        interval_of(header)
    assert interval_of("256") == 256


def test_a_title_that_never_ends_is_none() -> None:
    splitter = IcySplitter(1)
    splitter.feed(b"a" + framed(b"StreamTitle='" * 313 + b"x" * 11))
    assert splitter.title is None


@pytest.mark.parametrize("header", [None, "", "0", "-1", "x", "1e3", "99999999", "٣"])
def test_an_interval_that_cannot_be_is_none(header: str | None) -> None:
    assert interval_of(header) is None


def test_what_is_no_title_changes_none() -> None:
    splitter = IcySplitter(1)
    splitter.feed(
        b"a" + framed(b"StreamTitle='A - B';") + b"a" + framed(b"\xff\xfeStream") + b"a\x00"
    )
    assert splitter.title == "A, B"


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("Björk - Jóga".encode(), "Björk, Jóga"),
        ("Björk - Jóga".encode("cp1252"), "Björk, Jóga"),
        (b"\x81\x8d - \xff", "\ufffd\ufffd, ÿ"),
        (b"The news", "The news"),
        (b" - ", "-"),
        (b"a\x00\x1b[31m\r\nb", "a [31m b"),
        (b"", ""),
        (b"x" * 4000, "x" * 200),
    ],
)
def test_titles_are_read_in_whatever_letters_they_come(raw: bytes, title: str) -> None:
    assert read_title(raw) == title


def test_a_playlist_has_few_entries_whatever_it_says() -> None:
    assert len(entries("http://x/\n" * PLAYLIST_BYTES)) == 5
    assert entries("[playlist]\r\nFile1=\r\nFILE2 = http://b/ \r\nLength1=-1") == ["http://b/"]
