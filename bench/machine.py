"""The machine under the benches: its cores, what a process has used of them, and how to say so.

Linux only: processes are pinned to cores and read through `/proc`.
"""

import os
import platform
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What is measured runs on one core, what loads it on another; on a single core, both share it.
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
FILES = 20_000
# Parts of the names of threads: PulseAudio's and its clients', Chromium's that render audio.
SOUND_THREADS = ("pulseaudio", "null-sink", "threaded-ml", "Audio")
# Chromium mixes in a process of its own.
SOUND_PROCESS = b"audio.mojom.AudioService"


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run on one core; processes started meanwhile stay there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def come_first() -> bool:
    """Go before others here, with all that has been started by now; False: not allowed.

    A desktop lets the threads of its sound run in real time; a container without a sound service
    does not. Linux weighs whole sessions against each other, and a browser opens one of its own:
    call this again when it runs.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -15)
        for pid in (os.getpid(), *descendants(os.getpid())):
            _weigh_session(pid)
            _hurry_sound(pid)
    except PermissionError:
        return False
    return True


def _weigh_session(pid: int) -> None:
    try:
        Path(f"/proc/{pid}/autogroup").write_text("-15")
    except PermissionError:
        raise
    except OSError:
        pass  # has ended meanwhile, or this kernel does not group by session


def _hurry_sound(pid: int) -> None:
    """Let the threads of a process that make sound run in real time."""
    process = Path(f"/proc/{pid}")
    for comm in process.glob("task/*/comm"):
        try:
            is_mixer = SOUND_PROCESS in (process / "cmdline").read_bytes()
            if is_mixer or any(word in comm.read_text() for word in SOUND_THREADS):
                os.sched_setscheduler(int(comm.parent.name), os.SCHED_RR, os.sched_param(1))
        except (FileNotFoundError, ProcessLookupError):
            continue  # has ended meanwhile


def descendants(pid: int) -> list[int]:
    """The processes that this one has started, and those that they have started."""
    children: dict[int, list[int]] = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(each.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # has ended meanwhile
        children.setdefault(parent, []).append(int(each.parent.name))
    found, ahead = [], [pid]
    while ahead:
        ahead = [child for one in ahead for child in children.get(one, [])]
        found.extend(ahead)
    return found


def cpu_s(pid: int) -> float:
    """CPU seconds that all threads of a process have used, to the nanosecond.

    `/proc/PID/stat` has the same in ticks of 10 ms. The number of a process's CPU clock is made as
    `clock_getcpuclockid(3)` does.
    """
    return time.clock_gettime(~pid << 3 | 2)


def cpu_s_of(name: str) -> float:
    """The same for all running processes of this name together."""
    processes = Path("/proc").glob("[0-9]*/comm")
    return sum(cpu_s(int(each.parent.name)) for each in processes if _says(each, name))


def _says(comm: Path, name: str) -> bool:
    try:
        return comm.read_text().strip() == name
    except (FileNotFoundError, ProcessLookupError):
        return False  # has ended meanwhile


def memory_kb(pid: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(pid)


def allow_many_files() -> None:
    """A socket is a file: allow thousands here and in the servers that are started from here."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def described() -> str:
    """One line for the head of a report."""
    models = [
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"\n{len(CORES)} × {models[0] if models else platform.machine()}, {memory:.0f} GB, "
        f"Linux {platform.release()}, Python {platform.python_version()}, "
        f"load average at the start {os.getloadavg()[0]:.1f}"
    )
