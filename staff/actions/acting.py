"""Who of the staff acts: a user with rights, a reason, and the page from which it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from rooms.actors import Staff
from rooms.errors import NotAllowed
from rooms.models import WHY_LENGTH, Room
from rooms.names import cleaned
from staff.models import AuditEntry


@dataclass(frozen=True)
class Moderator:
    """A user of the admin who does something, and why. What they may is asked of their rights."""

    user: Any
    why: str
    page: str = ""

    @property
    def name(self) -> str:
        return str(self.user.get_username())

    @property
    def reason(self) -> str:
        """The reason as it is kept and read. Raises `Invalid` without one."""
        return cleaned(self.why, what="reason", length=WHY_LENGTH).rstrip(".")

    def may(self, act: str) -> bool:
        """Whether the user has the right to this act of `AuditEntry.Meta.permissions`."""
        return bool(self.user.is_active and self.user.has_perm(f"staff.{act}"))

    @contextmanager
    def acting(
        self,
        act: str,
        *,
        room: Room | None = None,
        target: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> Iterator[Staff]:
        """Do something in one transaction with its entry in the audit log.

        Yields the actor for the actions of the room. Raises `NotAllowed` without the right, and
        `Invalid` without a reason; then, and where an action refuses, nothing is written.
        """
        if not self.may(act):
            raise NotAllowed(
                _("Your account does not have the right to do that."), detail="no_right"
            )
        why = self.reason
        with transaction.atomic():
            AuditEntry.objects.create(
                user=self.user,
                user_name=self.name,
                act=act,
                room=room,
                room_code=room.code if room else "",
                room_name=room.name if room else "",
                target=target[:300],
                why=why,
                page=self.page[:300],
                facts=dict(facts or {}),
            )
            yield Staff(room.pk if room else 0, self.name)
