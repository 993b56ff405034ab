"""`manage.py spotify_reencrypt`: encrypt all tokens with the first key, so that old ones may go."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from music.sources.spotify.models import Account, AccountQuerySet
from rooms.vault import UnreadableToken, is_under_first_key


class Command(BaseCommand):
    help = "Encrypt all tokens with the first of TOKEN_KEYS, and say whether the others may go."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with 1 while a token needs a key that is not the first."""
        changed = sum(_reencrypt(pk) for pk in Account.objects.values_list("pk", flat=True))
        stored = _stored_tokens(Account.objects.all())
        left = {pk for pk, token in stored if not is_under_first_key(token)}
        count = Account.objects.count()
        self.stdout.write(
            f"{changed} of {count} accounts are now encrypted with the first key of TOKEN_KEYS; "
            f"{count - changed - len(left)} were already."
        )
        if left:
            need = "1 account needs" if len(left) == 1 else f"{len(left)} accounts need"
            self.stdout.write(
                f"{need} a key that is not in TOKEN_KEYS. Put it back behind the first one, and "
                "run this again; nothing is lost until then."
            )
            raise SystemExit(1)
        self.stdout.write(
            "The other keys may go as soon as every process runs with this first key."
        )


def _reencrypt(pk: int) -> bool:
    """Save both tokens of an account under the first key; whether one was under another key."""
    with transaction.atomic():
        # Nobody refreshes them between reading and writing.
        account = Account.objects.select_for_update().filter(pk=pk).first()
        if account is None:
            return False
        same = Account.objects.filter(pk=pk)
        if all(is_under_first_key(token) for _, token in _stored_tokens(same)):
            return False
        access, refresh = account.access_token, account.refresh_token
        if isinstance(access, UnreadableToken) or isinstance(refresh, UnreadableToken):
            return False
        same.update(access_token=access, refresh_token=refresh)
    return True


def _stored_tokens(accounts: AccountQuerySet) -> list[tuple[int, str]]:
    """The tokens of these accounts as the database holds them, each with its account's id."""
    raw = accounts.annotate(
        stored_access=Cast("access_token", TextField()),
        stored_refresh=Cast("refresh_token", TextField()),
    ).values_list("pk", "stored_access", "stored_refresh")
    return [(pk, token) for pk, *tokens in raw for token in tokens if token]
