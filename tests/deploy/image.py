"""The image of the Dockerfile, replayed without a builder: files, environment, commands.

What needs Debian or the network is left out: the packages of `requirements.txt` are those of the
tests' own environment, which were installed by the same pins.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from tests.servers import ROOT

HOME = "/srv/beatsync"
VENV = "/venv"


@dataclass
class Stage:
    """One stage of a build: its instructions, and what they set."""

    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all_of(self, keyword: str) -> list[str]:
        return [value for name, value in self.instructions if name == keyword]

    @property
    def environment(self) -> dict[str, str]:
        pairs = " ".join(self.all_of("ENV"))
        return dict(re.findall(r"(\w+)=(\S+)", pairs))


def read_stages() -> list[Stage]:
    """The stages of the Dockerfile, in their order."""
    text = (ROOT / "Dockerfile").read_text()
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    stages: list[Stage] = []
    for keyword, _, value in (line.partition(" ") for line in lines if line.strip()):
        if keyword == "FROM":
            stages.append(Stage(value))
        else:
            stages[-1].instructions.append((keyword, value.strip()))
    return stages


def is_sent(path: str) -> bool:
    """Whether the builder is sent this file, by `.dockerignore`; the last rule that fits counts."""
    sent = True
    for rule in (ROOT / ".dockerignore").read_text().split():
        pattern = rule.removeprefix("!").removeprefix("**/")
        parents = [path, *map(str, Path(path).parents)][:-1]  # the last is "."
        deep = rule.startswith("**/") and any(fnmatch(part, pattern) for part in Path(path).parts)
        if deep or any(fnmatch(each, pattern) for each in parents):
            sent = rule.startswith("!")
    return sent


class Image:
    """The replayed image in a folder; its paths lie below that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stage = read_stages()[-1]
        for path in self._tracked():
            if is_sent(path):
                target = folder / HOME.strip("/") / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path, target)
        for made in ("data", "music", "tmp"):
            (folder / made).mkdir()

    def run(self, command: str | list[str], **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the image to its end."""
        return subprocess.run(
            self._command(command), cwd=self.home, env=self._environment(more),
            capture_output=True, text=True, check=True,
        )  # fmt: skip

    @contextmanager
    def started(self, **more: str) -> Iterator[None]:
        """What the image runs by itself, meanwhile."""
        command = self._command(json.loads(self.stage.all_of("CMD")[-1]))
        log = self.folder / "log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                command, cwd=self.home, env=self._environment(more), stdout=out, stderr=out
            )
        try:
            yield
            assert process.poll() is None, log.read_text()
        finally:
            process.terminate()
            process.wait(20)

    @property
    def home(self) -> Path:
        return self.folder / HOME.strip("/")

    def healthcheck(self) -> list[str]:
        command: list[str] = json.loads(self.stage.all_of("HEALTHCHECK")[0].split("CMD ")[1])
        return command

    def here(self, text: str) -> str:
        """A text of the Dockerfile, with the paths at which things lie here."""
        bin_here = str(Path(sys.executable).parent)
        text = re.sub(r"(?<![\w/.])/(srv|data|music|tmp)\b", rf"{self.folder}/\1", text)
        return text.replace(f"{VENV}/bin:$PATH", f"{bin_here}:/usr/bin:/bin")

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        own = {name: self.here(value) for name, value in self.stage.environment.items()}
        return {**own, **more, "HOME": "/nonexistent"}

    def _command(self, command: str | list[str]) -> list[str]:
        if isinstance(command, str):
            return ["sh", "-c", self.here(command)]
        return [self.here(part) for part in command]

    def _tracked(self) -> list[str]:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ,
        )  # fmt: skip
        return [path for path in listed.stdout.splitlines() if (ROOT / path).is_file()]
