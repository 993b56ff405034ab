"""What a process settles before it serves."""

import os
import platform
import subprocess
import sys

import pytest

from tests.servers import ROOT

# Some thousand objects live for a while and then are cycles that nobody refers to, beside many that
# live for ever; the most of the former that were in memory at a time.
DYING_CYCLES = """
from collections import deque
from weakref import WeakSet
from rooms import processes

class Cycle:
    def __init__(self):
        self.me = self

loaded = [[] for _ in range(800_000)]
processes.freeze_loaded_objects()
used, there, most = deque(maxlen=10_000), WeakSet(), 0
for _ in range(400_000):
    used.append(Cycle())
    there.add(used[-1])
    most = max(most, len(there))
print(most)
"""

# Each thread takes some memory; then malloc describes itself.
MANY_THREADS = """
import ctypes
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from rooms import processes

processes.limit_malloc_arenas()
together = Barrier(8)
def work(_):
    together.wait(10)
    return bytearray(5_000)

with ThreadPoolExecutor(8) as pool:
    list(pool.map(work, range(8)))
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def run(program: str) -> str:
    """What a process of its own prints."""
    environment = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True,
    ).stdout  # fmt: skip


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_threads_share_two_arenas_of_malloc() -> None:
    assert run(MANY_THREADS).count("<heap nr=") == 2


def test_what_is_loaded_puts_off_no_collection_of_what_people_leave_behind() -> None:
    assert int(run(DYING_CYCLES)) < 120_000
