"""The file `.env`: one reader for all that an operator may write there."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values


def read_env_file(path: Path) -> dict[str, str]:
    """The names and values of a `.env`; without the file, none.

    Understands comments, `export`, blanks around "=", quotes, and the byte-order mark that some
    editors begin a file with. "$" stands for itself: secrets may contain it. Raises
    `ImproperlyConfigured` for a file that is not in UTF-8.
    """
    try:
        values = dotenv_values(path, encoding="utf-8-sig", interpolate=False)
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{path} is not in UTF-8. Save it as UTF-8.") from None
    return {name: value for name, value in values.items() if value is not None}
