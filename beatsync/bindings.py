"""Finding one's rooms again on any device: a guest bound to an account, which a login proves.

The account is a local one, where the operator allows them (`LOCAL_ACCOUNTS`), or one that the host
has connected for a source of music, whose pages bind it. A login makes nobody another person by
itself: that takes a button, on a page that says whom the browser becomes and what it loses.
"""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from beatsync.logins import end_login
from beatsync.pages import refused
from music.sources import registry
from rooms import access, actions
from rooms.errors import Conflict, RoomError
from rooms.features import Feature
from rooms.models import IdentityBinding, Member, new_guest

LOCAL = "local"
# What `/me` says after one of its buttons; its address holds no more than the name of it.
SAID = {
    "bound": _("Bound. A login to this account finds your rooms on any device."),
    "unbound": _("Unbound. That account finds your rooms no more."),
    "cancelled": _("The login was cancelled. Nothing has changed."),
    "unknown": _("No rooms are bound to this account. Bind it where you host."),
}


def ways_back(guest: uuid.UUID | None) -> dict[str, Any]:
    """By which accounts a guest is found again, by which they could be, and how others log in."""
    bound = _accounts_of(guest) if guest else {}
    facts = {
        kind.name: kind.person_facts(guest) for kind in registry.offered() if kind.person_facts
    }
    return {
        "bound": bound,
        "bound_local": _local_account(guest) if guest else None,
        "local_accounts": settings.LOCAL_ACCOUNTS,
        "source_facts": facts,
        "has_ways_back": bool(settings.LOCAL_ACCOUNTS or facts or bound),
    }


# --- By a local account ---------------------------------------------------------------------------


@require_safe
@never_cache
@ensure_csrf_cookie
def account(request: HttpRequest) -> HttpResponse:
    """One's own account: whose rooms it finds, and ways to the admin and the second factor."""
    if not request.user.is_authenticated:
        return _to_login()
    return render(request, "account/home.html", _rooms_of_account(request))


@require_POST
@never_cache
def bind_account(request: HttpRequest) -> HttpResponse:
    """Let this account find the rooms of this browser."""
    return _change_account(request, _bind)


@require_POST
@never_cache
def unbind_account(request: HttpRequest) -> HttpResponse:
    """Let this account find nobody any more."""
    return _change_account(request, _unbind)


@require_POST
@never_cache
def go_on(request: HttpRequest) -> HttpResponse:
    """Make this browser the person whose rooms the account finds."""
    return _change_account(request, _go_on)


def _change_account(request: HttpRequest, change: Any) -> HttpResponse:
    if not settings.LOCAL_ACCOUNTS:
        raise Http404
    if not request.user.is_authenticated:
        return _to_login()
    try:
        access.count_by_guest(request, "LINKS")
        answer: HttpResponse = change(request)
    except RoomError as refusal:
        return refused(request, refusal, back=reverse("account-home"))
    return answer


def _bind(request: HttpRequest) -> HttpResponse:
    guest = access.known_guest(request)
    actions.bind_identity(guest=guest, provider=LOCAL, account=str(request.user.pk))
    if request.user.is_staff:
        return HttpResponseRedirect(reverse("account-home"), status=303)
    logout(request)  # the guest's cookie is all that they need from here on
    return _to_me("bound")


def _unbind(request: HttpRequest) -> HttpResponse:
    actions.unbind_account(provider=LOCAL, account=str(request.user.pk))
    return HttpResponseRedirect(reverse("account-home"), status=303)


def _go_on(request: HttpRequest) -> HttpResponse:
    guest = access.guest_bound_to(LOCAL, str(request.user.pk))
    if guest is None:
        raise Conflict(_("This account is bound to nobody."), detail="bound_to_nobody")
    response = HttpResponseRedirect("/", status=303)
    access.remember(response, guest)
    if not request.user.is_staff:  # the guest's cookie is all that they need from here on
        logout(request)
    return response


def _rooms_of_account(request: HttpRequest) -> dict[str, Any]:
    if not settings.LOCAL_ACCOUNTS:
        return {}
    here = access.guest_in(request.COOKIES)
    found = access.guest_bound_to(LOCAL, str(request.user.pk))
    return {
        "local_accounts": True,
        "state": "none" if found is None else "here" if found == here else "other",
        "rooms_here": _rooms_of(here),
        "rooms_found": _rooms_of(found),
    }


def _rooms_of(guest: uuid.UUID | None) -> list[Member]:
    if guest is None:
        return []
    members = Member.objects.inside().select_related("room").filter(guest=guest)
    return list(members.order_by("-room_id"))


def _to_login() -> HttpResponse:
    return HttpResponseRedirect(reverse("account_login"), status=303)


# --- On the page of a person ----------------------------------------------------------------------


@require_POST
@never_cache
def unbind(request: HttpRequest) -> HttpResponse:
    """Unbind this browser's person from their account of a provider."""
    try:
        guest = access.known_guest(request)
        access.count_by_guest(request, "LINKS")
    except RoomError as refusal:
        return refused(request, refusal)
    actions.unbind_identity(guest=guest, provider=request.POST.get("provider", ""))
    return _to_me("unbound")


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """Make this browser somebody new, who is logged in to no account.

    Only for a person whom an account finds again: nothing is lost so.
    """
    try:
        guest = access.known_guest(request)
        if not _accounts_of(guest):
            raise Conflict(
                _("No account would find your rooms again. Bind one first."), detail="nothing_bound"
            )
    except RoomError as refusal:
        return refused(request, refusal)
    response = HttpResponseRedirect("/", status=303)
    access.remember(response, new_guest())
    end_login(request, response)
    return response


def _to_me(said: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('me')}?said={said}", status=303)


def _accounts_of(guest: uuid.UUID) -> dict[str, str]:
    bound = IdentityBinding.objects.filter(guest=guest)
    return dict(bound.values_list("provider", "account"))


# --- What is kept of a local account --------------------------------------------------------------


def _local_account(guest: uuid.UUID) -> User | None:
    account = _accounts_of(guest).get(LOCAL)
    return User.objects.filter(pk=account).first() if account else None


def _data_of_guest(guest: uuid.UUID) -> dict[str, Any] | None:
    user = _local_account(guest)
    if user is None:
        return None
    last = user.last_login
    return {
        "name": user.username,
        "made_at_ms": round(user.date_joined.timestamp() * 1000),
        "last_login_at_ms": round(last.timestamp() * 1000) if last else None,
    }


def _erase_account(guest: uuid.UUID) -> None:
    """Delete the account of a host. One of staff stays, for what it has done is in a log."""
    user = _local_account(guest)
    if user is not None and not user.is_staff:
        user.delete()


FEATURE = Feature(name="account", erase_guest=_erase_account, data_of_guest=_data_of_guest)
