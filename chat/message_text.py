"""What people write, as it is kept: one readable paragraph of limited length and height."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from chat.errors import EmptyMessage, MessageTooLong
from rooms.errors import Invalid
from rooms.names import is_visible, normalised

MESSAGE_LENGTH = 500


def cleaned_message(typed: str) -> str:
    """A message as it is kept: in one line, see `rooms.names.normalised`.

    Raises `EmptyMessage`, `MessageTooLong`, or `Invalid` for half a character (a lone surrogate).
    """
    try:
        typed.encode()
    except UnicodeEncodeError:
        raise Invalid(
            _("That message holds half a character. Type it again."), detail="half_character"
        ) from None
    text = normalised(typed)
    if not any(is_visible(character) for character in text):
        raise EmptyMessage
    if len(text) > MESSAGE_LENGTH:
        raise MessageTooLong(most=MESSAGE_LENGTH, length=len(text))
    return text
