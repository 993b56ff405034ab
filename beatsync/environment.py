"""Settings from the environment, as operators write them; all that is wrong is said at once.

A value that is empty is none. Quotes around a value are not part of it: a shell and a `.env` take
them off, `docker run --env-file` does not.
"""

import os
import re
import secrets
from collections.abc import Callable, Collection, MutableMapping
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

from beatsync.env_file import read_env_file

_YES = {"true", "yes", "y", "on", "1"}
_NO = {"false", "no", "n", "off", "0"}
_RATE = re.compile(r"[1-9]\d{0,8}/[1-9]\d{0,8}")

Value = TypeVar("Value")


class WrongSettings(ImproperlyConfigured):
    """All that is wrong with the settings: one sentence each, which says how to mend it."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(problems)
        lines = "".join(f"\n  - {problem}" for problem in self.problems)
        super().__init__(
            f"BeatSync does not start. Mend this in the environment or in .env:{lines}"
        )


class Environment:
    """Reads settings. `problems` collects a sentence for each that cannot be read or is refused."""

    def __init__(self, variables: MutableMapping[str, str] = os.environ) -> None:
        self._variables = variables
        self.problems: list[str] = []
        self.in_file: set[str] = set()  # the names in the `.env`
        self.asked: set[str] = set()  # the names of all settings that were read

    def read_file(self, path: Path) -> dict[str, str]:
        """The names and values of a `.env`, which count where the environment has none."""
        try:
            values = read_env_file(path)
        except ImproperlyConfigured as error:
            self.refuse(str(error))
            return {}
        for name, value in values.items():
            self._variables.setdefault(name, value)
        self.in_file = set(values)
        return values

    def text(self, name: str, default: str = "") -> str:
        """The value without blanks and quotes around it."""
        self.asked.add(name)
        return _unquoted(self._variables.get(name, "").strip()) or default

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false, in any of the ways in which people write it."""
        written = self.text(name).lower()
        if written and written not in _YES | _NO:
            self.refuse(f'{name} is true or false, not "{written}".')
        return written in _YES if written in _YES | _NO else default

    def number(self, name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number from `least` to `most`."""
        written = self.text(name)
        if not written:
            return default
        if not re.fullmatch(r"[+-]?\d{1,10}", written):
            self.refuse(f'{name} is a whole number, not "{written}".')
            return default
        if not least <= (number := int(written)) <= most:
            self.refuse(f"{name} is a number from {least} to {most}, not {number}.")
            return default
        return number

    def choice(self, name: str, default: str, choices: Collection[str]) -> str:
        """One of some words, in small letters or capitals."""
        written = self.text(name, default)
        found = next((each for each in choices if each.lower() == written.lower()), None)
        if found is None:
            self.refuse(f'{name} is one of {", ".join(choices)}, not "{written}".')
        return found or default

    def parsed(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """What `parse` makes of the value; `default` where it raises `ImproperlyConfigured`."""
        try:
            return parse(self.text(name))
        except ImproperlyConfigured as error:
            self.refuse(str(error))
            return default

    def url(self, name: str, default: str) -> str:
        """An address that begins with http:// or https://."""
        written = self.text(name, default)
        if not re.fullmatch(r"https?://[^\s/]\S*", written):
            self.refuse(f'{name} begins with https://, unlike "{written}".')
            return default
        return written

    def secret(self, name: str) -> str:
        """A secret from the variable, or from the file that `name`_FILE names.

        A file that is not there is made, with a fresh secret that only its owner may read.
        """
        file = self.text(f"{name}_FILE")
        found = self.text(name)
        if not found and file:
            try:
                return read_or_make_secret(Path(file))
            except (OSError, UnicodeDecodeError) as error:
                self.refuse(f"{name}_FILE cannot be read or made ({type(error).__name__}).")
                return ""
        if not found:
            self.refuse(
                f"{name} is missing. Make one, and keep it: "
                'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
            )
        return found

    def rates(self, prefix: str) -> dict[str, str]:
        """Every rate that a variable with this prefix sets, by the rest of its name.

        A rate such as "30/10" is a count, and seconds.
        """
        found: dict[str, str] = {}
        for name in sorted(name for name in self._variables if name.startswith(prefix)):
            written = self.text(name).replace(" ", "")
            if written and not _RATE.fullmatch(written):
                self.refuse(f'{name} is a count and seconds, such as 30/10, not "{written}".')
            elif written:
                found[name.removeprefix(prefix)] = written
        return found

    def unknown_names(self) -> list[str]:
        """Names in the `.env` that no setting of BeatSync has: slips, or for somebody else."""
        limits = {name for name in self.in_file if name.startswith("LIMIT_")}
        return sorted(self.in_file - self.asked - limits)

    def refuse(self, problem: str) -> None:
        """Note what is wrong with a setting."""
        self.problems.append(problem)

    def raise_problems(self) -> None:
        """Raise `WrongSettings` where anything is wrong."""
        if self.problems:
            raise WrongSettings(self.problems)


def read_or_make_secret(file: Path) -> str:
    """The secret in this file; where there is none yet, a fresh one is written there.

    Of several processes that make it at the same time, one does, and the others read it. Raises
    `OSError` and `UnicodeDecodeError`.
    """
    try:
        found = file.read_text().strip()
    except FileNotFoundError:
        found = ""
    return found or _make_secret(file)


def _make_secret(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_name(f"{file.name}.{os.getpid()}")
    with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as writing:
        writing.write(f"{secrets.token_urlsafe(50)}\n")
    try:
        os.link(made, file)  # fails where another process was first; a rename would overwrite it
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return file.read_text().strip()


def _unquoted(written: str) -> str:
    if len(written) >= 2 and written[0] == written[-1] and written[0] in "\"'":
        return written[1:-1].strip()
    return written
