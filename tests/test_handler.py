"""HTTP as the server hands it in: one hop to a thread and back."""

import asyncio
import os
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import connections
from django.http import FileResponse, HttpResponse
from django.urls import re_path

from beatsync import bounds
from beatsync.handler import ThreadedHandler
from rooms.models import Room


@pytest.fixture
def handler(settings: Any, tmp_path: Path) -> ThreadedHandler:
    """With one static file, of a usual size."""
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "room.js").write_text("//" + "room" * 5_000)
    return ThreadedHandler()


async def get(handler: ThreadedHandler, path: str, **headers: str) -> list[dict[str, Any]]:
    """What is sent for a request, message by message."""
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": fields}
    exchange = ApplicationCommunicator(handler, scope)
    await exchange.send_input({"type": "http.request", "body": b""})
    sent = [await exchange.receive_output(), await exchange.receive_output()]
    await exchange.wait()
    return sent


async def test_a_static_file_is_sent_in_one_piece(handler: ThreadedHandler) -> None:
    start, body = await get(handler, "/static/room.js")
    assert start["status"] == 200
    assert dict(start["headers"])[b"Content-Length"] == b"20002"
    assert (len(body["body"]), body["more_body"]) == (20_002, False)


async def test_a_part_of_a_static_file_is_that_part(handler: ThreadedHandler) -> None:
    start, body = await get(handler, "/static/room.js", range="bytes=0-5")
    assert (start["status"], body["body"]) == (206, b"//room")


async def test_a_network_that_leaves_much_unread_waits_and_others_do_not(
    handler: ThreadedHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "UNREAD_BYTES", 20_000)
    is_read = asyncio.Event()

    async def ask(address: str, *, reads: asyncio.Event | None = None) -> int:
        """The status of the answer; what is sent waits until it `reads`."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            if reads is not None:
                await reads.wait()
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        scope = {"type": "http", "method": "GET", "path": "/static/room.js", "headers": []}
        await handler({**scope, "client": (address, 1)}, receive, send)
        status: int = sent[0]["status"]
        return status

    unread = asyncio.create_task(ask("192.0.2.1", reads=is_read))
    while await ask("192.0.2.1") == 200:  # until the other one has been made
        await asyncio.sleep(0)
    assert await ask("192.0.2.1") == 429
    assert await ask("192.0.2.2") == 200
    is_read.set()
    assert (await unread, await ask("192.0.2.1")) == (200, 200)


async def test_an_answer_of_too_often_is_held_back_and_holds_up_nobody(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that somebody who repeats what is refused is read no faster than that."""
    settings.HTTP_THREADS = 1
    settings.ROOT_URLCONF = ModuleType("urls")
    settings.ROOT_URLCONF.urlpatterns = [
        re_path("^often$", lambda request: HttpResponse(status=429)),
        re_path("", lambda request: HttpResponse()),
    ]
    monkeypatch.setattr(bounds, "REFUSED_S", 3600)
    monkeypatch.setattr(bounds, "LONGEST_REFUSED_S", 3600)
    handler = ThreadedHandler()
    refused = [asyncio.create_task(get(handler, "/often", host="localhost")) for _ in range(3)]
    for _ in range(3):
        start, _body = await get(handler, "/else", host="localhost")
        assert start["status"] == 200
    assert not any(task.done() for task in refused)
    for task in refused:
        task.cancel()
    await asyncio.wait(refused)


async def test_so_many_answers_of_a_network_are_held_back_and_the_next_is_not(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ROOT_URLCONF = ModuleType("urls")
    settings.ROOT_URLCONF.urlpatterns = [re_path("", lambda request: HttpResponse(status=429))]
    for name in ("REFUSED_S", "LONGEST_REFUSED_S"):
        monkeypatch.setattr(bounds, name, 3600)
    handler = ThreadedHandler()
    tasks = {
        asyncio.create_task(get(handler, "/often", host="localhost"))
        for _ in range(bounds.MOST_REFUSED + 2)
    }
    async with asyncio.timeout(20):
        while sum(task.done() for task in tasks) < 2:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=0.1)
    held = [task for task in tasks if not task.done()]
    assert len(held) == bounds.MOST_REFUSED
    for task in held:
        task.cancel()
    await asyncio.wait(held)


@pytest.mark.django_db(transaction=True)
async def test_a_file_that_is_read_for_long_keeps_no_connection_to_the_database(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "long.wav").write_bytes(bytes(10 * bounds.PIECE_BYTES))
    used: list[Any] = []

    def view(request: Any) -> FileResponse:
        Room.objects.exists()
        used.append(connections["default"])
        return FileResponse((tmp_path / "long.wav").open("rb"))

    # As on PostgreSQL: a connection goes back to the pool once it is done with.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    settings.ROOT_URLCONF = ModuleType("urls")
    settings.ROOT_URLCONF.urlpatterns = [re_path("", view)]
    held: list[bool] = []

    async def send(message: Any) -> None:
        held.append(used[0].connection is not None)

    receive = asyncio.Queue[Any]()
    receive.put_nowait({"type": "http.request", "body": b""})
    headers = [(b"host", b"localhost")]
    scope = {"type": "http", "method": "GET", "path": "/file", "headers": headers}
    await ThreadedHandler()({**scope, "query_string": b""}, receive.get, send)
    assert len(held) > 10
    assert not any(held)


async def test_a_file_is_closed_when_its_reader_leaves_in_the_middle(
    settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "long.wav").write_bytes(bytes(10 * bounds.PIECE_BYTES))
    told: asyncio.Queue[Any] = asyncio.Queue()
    told.put_nowait({"type": "http.request", "body": b""})
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 3:
            told.put_nowait({"type": "http.disconnect"})
            await asyncio.Event().wait()  # it reads no more

    scope = {"type": "http", "method": "GET", "path": "/static/long.wav", "headers": []}
    await ThreadedHandler()(scope, told.get, send)
    assert len(sent) == 3
    held = [os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")]
    assert str(tmp_path / "long.wav") not in held


async def test_a_file_is_closed_whose_reader_is_given_up_while_a_slow_disk_opens_it(
    settings: Any, tmp_path: Path
) -> None:
    is_asked_for, is_open = threading.Event(), threading.Event()
    (tmp_path / "long.wav").write_bytes(bytes(10 * bounds.PIECE_BYTES))
    files: list[Any] = []

    def view(request: Any) -> FileResponse:
        is_asked_for.set()
        is_open.wait(10)
        files.append((tmp_path / "long.wav").open("rb"))
        return FileResponse(files[0])

    settings.ROOT_URLCONF = ModuleType("urls")
    settings.ROOT_URLCONF.urlpatterns = [re_path("", view)]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/file", "query_string": b""}
    scope["headers"] = [(b"host", b"localhost")]
    exchange = ApplicationCommunicator(ThreadedHandler(), scope)
    await exchange.send_input({"type": "http.request", "body": b""})
    assert await asyncio.to_thread(is_asked_for.wait, 10)
    exchange.future.cancel()
    await asyncio.wait([exchange.future])
    is_open.set()
    async with asyncio.timeout(10):
        while not files or not files[0].closed:
            await asyncio.sleep(0.01)  # nobody is told
