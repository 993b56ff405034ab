"""Tokens at rest: encrypted with a key from the environment, which can be changed.

`TOKEN_KEYS` holds one or more secrets; the first encrypts, all of them decrypt. Fernet (AES-128-CBC
with HMAC-SHA-256) as in https://github.com/fernet/spec.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField

# What a key is made for, so that the same secret elsewhere gives another key.
_PURPOSE = b"beatsync.tokens."


class UnreadableToken(str):
    """Stands for a token whose key is not known now: empty, and saved again as it was stored.

    The key may be back a moment later, so nothing that is saved meanwhile may erase the token.
    """

    stored: str

    @classmethod
    def of(cls, stored: str) -> Self:
        unreadable = cls()
        unreadable.stored = stored
        return unreadable


def encrypt(text: str) -> str:
    """The text as it may lie in a database."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """The text again; an empty `UnreadableToken` when no key of today fits."""
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken:
        return UnreadableToken.of(stored)


def is_under_first_key(stored: str) -> bool:
    """Whether the first key decrypts it, so that it needs no other one."""
    try:
        Fernet(_key(settings.TOKEN_KEYS[0])).decrypt(stored.encode())
    except InvalidToken:
        return False
    return True


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in settings.TOKEN_KEYS])


def _key(secret: str) -> bytes:
    """32 bytes as Fernet wants them; the secrets are long and random, so one hash is enough."""
    return base64.urlsafe_b64encode(hashlib.sha256(_PURPOSE + secret.encode()).digest())


class EncryptedField(_Text):
    """Text that is encrypted in the database and plain in Python. It cannot be searched for."""

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, UnreadableToken):
            return value.stored
        plain = super().get_prep_value(value)
        return encrypt(plain) if plain else plain

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return decrypt(value) if value else value
