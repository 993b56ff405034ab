"""Requests that must not happen twice: the first answer is kept and given again.

A POST may carry an `Idempotency-Key`. The receipt is written in the transaction of what it
answers, so that a process killed between the two leaves either both or nothing. What is done in
several transactions has one for each of its parts, and one for the whole at the end.
"""

import hashlib
import uuid
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_noop as _

from rooms import clock
from rooms.errors import Invalid, RoomError
from rooms.models import Receipt

KEY_LENGTH = 100
KEPT_MS = 24 * 60 * 60 * 1000
# Refusals that are not kept as the answer.
PASSING = {401, 403, 429, 503}


def once(
    request: HttpRequest,
    guest: uuid.UUID,
    perform: Callable[[], HttpResponse],
    *,
    part: int | None = None,
) -> HttpResponse:
    """Perform a request, or a numbered part of it; or repeat the answer of the first time.

    A key is known for 24 h. Refusals are answers, too, except those that a role or time may turn
    (401, 403, 429, 503). Nothing slow or outside may happen in `perform`: it runs in a transaction.
    Raises `Invalid` for a bad or reused key.
    """
    key = _key_of(request, part)
    if key is None:
        return perform()
    with transaction.atomic():
        # Claim the key first: a simultaneous repeat waits here for the first to commit.
        receipt, fresh = Receipt.objects.select_for_update().get_or_create(
            guest=guest,
            key=key,
            defaults={"request": _fingerprint(request), "status": 0, "body": ""},
        )
        if not fresh and _is_kept(receipt):
            return _first_answer(receipt, request)
        answer = _answer(perform)
        receipt.request, receipt.created_at_ms = _fingerprint(request), clock.now_ms()
        receipt.status, receipt.body = answer.status_code, answer.content.decode()
        receipt.save()
        return answer


def repeated(
    request: HttpRequest, guest: uuid.UUID, *, part: int | None = None
) -> HttpResponse | None:
    """The first answer to a request, or to a numbered part of it, that is a repeat.

    To be asked before anything that a repeat must not do again outside of `once`: count against a
    limit, look up a track that may be gone by now. Raises `Invalid` as `once` does.
    """
    key = _key_of(request, part)
    if key is None:
        return None
    receipt = Receipt.objects.filter(guest=guest, key=key).first()
    if receipt is None or not _is_kept(receipt):
        return None
    return _first_answer(receipt, request)


def _key_of(request: HttpRequest, part: int | None) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= KEY_LENGTH and key.isprintable()):
        raise Invalid(
            _("An Idempotency-Key has 1 to {most} printable characters."), most=KEY_LENGTH
        )
    if key is None or part is None:
        return key
    # The line break keeps it apart from any key that a client could choose.
    return f"{part}\n{hashlib.sha256(key.encode()).hexdigest()}"


def _fingerprint(request: HttpRequest) -> str:
    parts = [(request.method or "").encode(), request.path.encode(), request.body]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _is_kept(receipt: Receipt) -> bool:
    return receipt.created_at_ms > clock.now_ms() - KEPT_MS


def _first_answer(receipt: Receipt, request: HttpRequest) -> HttpResponse:
    if receipt.request != _fingerprint(request):
        raise Invalid(_("That Idempotency-Key was used for another request."))
    return HttpResponse(receipt.body, status=receipt.status, content_type="application/json")


def _answer(perform: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        with transaction.atomic():
            return perform()
    except RoomError as refusal:
        if refusal.status in PASSING:
            raise
        return JsonResponse(refusal.as_json(), status=refusal.status)
