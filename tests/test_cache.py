"""What the world outside has said: how long it is gone by, and who asks anew."""

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache as far

from music import cache
from music.cache import Drawer
from rooms import clock
from rooms.errors import Conflict, Unavailable, Unknown
from tests.servers import free_port

SOFT_MS, HARD_MS = 60_000, 3_600_000


class Gone(Unknown):
    pass


class World:
    """What is asked: an answer, or an error, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    def answer(self) -> str:
        self.asked += 1
        if self.error:
            raise self.error
        return f"answer {self.asked}"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def drawer() -> Drawer[str]:
    return Drawer("test", soft_s=60, hard_s=3600, outages=(Unavailable,), refusals=(Gone,))


@pytest.fixture
def redis_is_dead(settings: Any) -> None:
    address = f"redis://127.0.0.1:{free_port()}/0"
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": address}}


def test_a_fresh_answer_is_not_asked_for_again(drawer: Drawer[str], world: World) -> None:
    for _ in range(3):
        assert drawer.get("a", load=world.answer).value == "answer 1"
    assert drawer.get("b", load=world.answer).value == "answer 2"


def test_another_process_finds_what_one_has_asked(drawer: Drawer[str], world: World) -> None:
    drawer.get("a", load=world.answer)
    cache.forget()
    assert drawer.get("a", load=world.answer).value == "answer 1"


def test_after_its_soft_end_an_answer_is_asked_for_anew(drawer: Drawer[str], world: World) -> None:
    drawer.get("a", load=world.answer)
    with clock.shifted(SOFT_MS + 1):
        kept = drawer.get("a", load=world.answer)
    assert (kept.value, kept.stale_since_ms) == ("answer 2", None)


def test_what_another_process_has_asked_anew_is_not_asked_again(
    drawer: Drawer[str], world: World
) -> None:
    drawer.get("a", load=world.answer)
    near = dict(cache._near)
    with clock.shifted(SOFT_MS + 1):
        drawer.get("a", load=world.answer)
        cache._near.update(near)  # as a process that had not noticed
        assert drawer.get("a", load=world.answer).value == "answer 2"


def test_in_an_outage_the_old_answer_is_given_with_the_moment_it_is_from(
    drawer: Drawer[str], world: World
) -> None:
    with clock.held(1_000_000) as go_to:
        drawer.get("a", load=world.answer)
        world.error = Unavailable()
        go_to(1_000_000 + SOFT_MS + 1)
        kept = drawer.get("a", load=world.answer)
        assert (kept.value, kept.stale_since_ms) == ("answer 1", 1_000_000)
        go_to(1_000_000 + HARD_MS + 1)
        with pytest.raises(Unavailable):
            drawer.get("a", load=world.answer)


def test_an_error_that_is_no_outage_is_not_hidden(drawer: Drawer[str], world: World) -> None:
    drawer.get("a", load=world.answer)
    world.error = Conflict()
    with clock.shifted(SOFT_MS + 1), pytest.raises(Conflict):
        drawer.get("a", load=world.answer)


def test_that_there_is_no_such_thing_is_an_answer_for_a_minute(
    drawer: Drawer[str], world: World
) -> None:
    world.error = Gone("Not here.")
    for _ in range(3):
        with pytest.raises(Gone, match="Not here"):
            drawer.get("a", load=world.answer)
    assert world.asked == 1
    world.error = None
    with clock.shifted(SOFT_MS + 1):
        assert drawer.get("a", load=world.answer).value == "answer 2"


def test_twenty_who_ask_at_the_same_time_ask_once(drawer: Drawer[str], world: World) -> None:
    together = threading.Barrier(20)

    def slow() -> str:
        threading.Event().wait(0.2)
        return world.answer()

    def ask(_: int) -> str:
        together.wait(5)
        return drawer.get("a", load=slow).value

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(ask, range(20))) == {"answer 1"}
    assert world.asked == 1


def test_who_comes_while_another_asks_anew_gets_the_old_answer_at_once(
    drawer: Drawer[str], world: World
) -> None:
    drawer.get("a", load=world.answer)
    with clock.shifted(SOFT_MS + 1):

        def asked_in_between() -> str:
            with ThreadPoolExecutor(1) as other:
                old = other.submit(drawer.get, "a", load=world.answer).result(5)
            assert old.value == "answer 1"
            return world.answer()

        assert drawer.get("a", load=asked_in_between).value == "answer 2"


def test_another_process_that_asks_already_is_waited_for(
    drawer: Drawer[str], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "LOADING_S", 0.3)
    far.add(f"{drawer._key(('a',))}.loading", 1, 10)  # and then died
    assert drawer.get("a", load=world.answer).value == "answer 1"
    far.add(f"{drawer._key(('b',))}.loading", 1, 10)

    def answer_elsewhere() -> None:
        cache.write(drawer._key(("b",)), drawer._entry("from elsewhere"), 60)
        far.delete(f"{drawer._key(('b',))}.loading")

    threading.Timer(0.1, answer_elsewhere).start()
    assert drawer.get("b", load=world.answer).value == "from elsewhere"


def test_those_who_wait_for_the_world_outside_leave_threads_for_the_others(
    drawer: Drawer[str], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(cache, "PLACE_S", 0.05)
    drawer.get("known", load=world.answer)

    def asked_in_between() -> str:
        with ThreadPoolExecutor(1) as other:
            assert other.submit(drawer.get, "known", load=world.answer).result(5).value
            with pytest.raises(Unavailable):
                other.submit(drawer.get, "unknown", load=world.answer).result(5)
        return world.answer()

    assert drawer.get("slow", load=asked_in_between).value == "answer 2"


@pytest.mark.usefixtures("redis_is_dead")
def test_without_redis_each_process_has_its_own_memory(drawer: Drawer[str], world: World) -> None:
    assert drawer.get("a", load=world.answer).value == "answer 1"
    assert drawer.get("a", load=world.answer).value == "answer 1"
    cache.forget()
    assert drawer.get("a", load=world.answer).value == "answer 2"


def test_answers_of_an_older_release_are_left_behind(drawer: Drawer[str], world: World) -> None:
    drawer.get("a", load=world.answer)
    newer: Drawer[str] = Drawer("test", soft_s=60, hard_s=60, outages=(), version=2)
    assert newer.get("a", load=world.answer).value == "answer 2"


def test_what_came_together_does_not_go_together(drawer: Drawer[str]) -> None:
    drawer.put({(str(n),): "x" for n in range(20)})
    assert len({entry.soft_until_ms for entry in cache._near.values()}) > 10


def test_names_of_any_kind_and_length_are_keys(drawer: Drawer[str], world: World) -> None:
    names = ["x" * 5000, "with blanks and\nlines", "\ud800", "雨", 7, ""]
    answers = {drawer.get(name, load=world.answer).value for name in names}
    assert len(answers) == len(names)
    assert all(len(drawer._key((name,))) < 200 for name in names)


def test_places_keep_no_more_than_their_number_of_answers_and_bytes() -> None:
    places = cache.Places("few", count=3, most_bytes=2_000)
    drawer: cache.Drawer[tuple[str, ...]] = cache.Drawer(
        "few", soft_s=60, hard_s=60, outages=(), places=places
    )
    long = tuple(f"{n:0100}" for n in range(100))
    assert drawer.get("long", load=lambda: long).value == long[: len(drawer.known("long") or ())]
    assert len(pickle.dumps(drawer.known("long"))) <= 2_000
    for n in range(50):
        assert drawer.get(n, load=lambda n=n: (str(n),)).value == (str(n),)  # type: ignore[misc]
    assert sum(drawer.known(n) is not None for n in range(50)) <= 3


def test_an_answer_whose_place_another_one_took_is_asked_for_again() -> None:
    one = cache.Places("one", count=1, most_bytes=2_000)
    drawer: cache.Drawer[tuple[str, ...]] = cache.Drawer(
        "one", soft_s=60, hard_s=60, outages=(), places=one
    )
    drawer.get("a", load=lambda: ("a",))
    drawer.get("b", load=lambda: ("b",))
    assert not drawer.is_fresh("a")
    assert drawer.get("a", load=lambda: ("again",)).value == ("again",)
