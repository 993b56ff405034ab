"""How long it takes from what staff does in the admin until open screens hear of it.

Two processes on PostgreSQL and Redis serve a room of 200 people, half of them each. Somebody of the
staff hides a message, and posts a notice to all rooms, at one of the processes. Counted is from the
form's POST until the last of the 200 sockets has its frame.
"""

import asyncio
import statistics
import subprocess
import sys

import requests

from bench import report
from bench.client import Listeners, clock
from bench.machine import described
from bench.running import APPLICATION, DAPHNE, POSTGRES, REDIS, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.servers import ROOT, Server

PEOPLE, ROUNDS = 200, 15
HEARD_WITHIN_S = 10.0
LOG_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from chat.models import ChatMessage
user = User.objects.create_superuser("bench", password="only for this bench")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.save()
print(session.session_key, *ChatMessage.objects.order_by("pk").values_list("pk", flat=True))
"""


def main() -> None:
    print(described())
    with (
        installation(database=POSTGRES, layer=REDIS) as environment,
        serving(environment, *DAPHNE, APPLICATION) as one,
        serving(environment, *DAPHNE, APPLICATION) as other,
    ):
        [room] = stage(environment, Wanted(people=PEOPLE, queue=10, messages=2 * ROUNDS))
        ran = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", LOG_IN],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        login, *messages = ran.stdout.split()
        rows = asyncio.run(_measure(one, other, room, login, messages))
    head = ["action", "median ms", "longest ms"]
    print(report.table(f"From the form to the last of {PEOPLE} screens", head, rows))


async def _measure(
    one: Server, other: Server, room: Stage, login: str, messages: list[str]
) -> list[list[object]]:
    listeners = [Listeners(one.port), Listeners(other.port)]
    half = len(room.cookies) // 2
    path = f"/ws/rooms/{room.code}/"
    await listeners[0].join(path, room.cookies[:half])
    await listeners[1].join(path, room.cookies[half:])
    hidden, noticed = [], []
    for number in range(ROUNDS):
        form = {"rule": "Spam", "id": messages[number]}
        hidden.append(await _time(listeners, one, login, "hide", form, b"chat.hidden"))
        form = {"words": "Measured", "text": f"Notice {number}"}
        noticed.append(await _time(listeners, one, login, "notice-all", form, b"site_notice"))
    for each in listeners:
        each.close()
    return [
        [name, round(statistics.median(times)), round(max(times))]
        for name, times in (("hide a message", hidden), ("a notice to all rooms", noticed))
    ]


async def _time(
    listeners: list[Listeners],
    server: Server,
    login: str,
    offer: str,
    form: dict[str, str],
    words: bytes,
) -> float:
    """Milliseconds from sending a form until every socket has a frame with these words."""
    all_heard, heard = asyncio.Event(), 0

    def note(_: float, frame: bytes) -> None:
        nonlocal heard
        heard += words in frame
        if heard >= PEOPLE:
            all_heard.set()

    for each in listeners:
        each.on_frame = note
    token = "a" * 32
    began = clock()
    posting = asyncio.create_task(
        asyncio.to_thread(
            requests.post,
            f"{server.url}/admin/offer/{offer}/",
            data={**form, "csrfmiddlewaretoken": token},
            cookies={"login": login, "csrftoken": token},
            headers={"Origin": server.url},
            allow_redirects=False,
            timeout=HEARD_WITHIN_S,
        )
    )
    await asyncio.wait_for(all_heard.wait(), HEARD_WITHIN_S)
    took_ms = (clock() - began) * 1000
    answer = await posting
    assert answer.status_code == 303, answer.status_code
    return took_ms
