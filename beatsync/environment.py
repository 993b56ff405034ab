"""Values from the environment, as operators write them: an empty one is none, a slip is named."""

import re
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

_YES_OR_NO = {"true", "false", "yes", "no", "y", "n", "on", "off", "1", "0"}
_RATE = re.compile(r"[1-9]\d{0,8}/[1-9]\d{0,8}")


class Environment(environ.Env):
    """Reads settings. Raises `ImproperlyConfigured` with the name of what cannot be read."""

    def get_value(
        self,
        var: str,
        cast: Any = None,
        default: Any = environ.Env.NOTSET,
        parse_default: bool = False,
    ) -> Any:
        """One value; every reader of this class asks here."""
        written = self.ENVIRON.get(var, "").strip()
        if not written and default is not self.NOTSET:
            return default
        if cast is bool and written.lower() not in _YES_OR_NO:
            raise ImproperlyConfigured(f'{var} is true or false, not "{written}".')
        try:
            return super().get_value(var, cast, default, parse_default)
        except ValueError:
            raise ImproperlyConfigured(f'{var} is a whole number, not "{written}".') from None

    def rate(self, var: str, *, default: str) -> str:
        """How often is too often, such as "30/10": a count, and seconds."""
        written: str = self.str(var, default=default).replace(" ", "")
        if not _RATE.fullmatch(written):
            raise ImproperlyConfigured(
                f'{var} is a count and seconds, such as {default}, not "{written}".'
            )
        return written
