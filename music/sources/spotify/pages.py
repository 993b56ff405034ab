"""The pages around a Spotify account: how ready it is, logging in, and letting go of it.

OAuth itself is django-allauth's, with the provider in `music.sources.spotify.provider`. There are
no users here: a login connects an account to the browser that asks, and allauth stores nothing.
"""

import uuid
from typing import Any, Never
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from music import acts
from music.sources.base import SourcePage
from music.sources.spotify import along, commander, memory, provider, readiness
from music.sources.spotify.errors import (
    NotListed,
    OperatorPremium,
    Reconnect,
    SpotifyError,
    WrongClient,
)
from music.sources.spotify.login import (
    Purpose,
    Told,
    connect,
    disconnect,
    redirect_uri,
    refused_address,
)
from music.sources.spotify.models import Account, Connection, Trouble
from music.sources.spotify.outputs import account_changed
from music.sources.spotify.provider import next_page, purpose_of
from music.sources.spotify.readiness import Findings
from music.sources.spotify.shapes import SOURCE
from rooms import access, actions, limits
from rooms.acts import GOVERN
from rooms.errors import Conflict, NotAllowed
from rooms.models import IdentityBinding, Member, Room
from rooms.shapes import room_url

# Who keeps something of an account, or shows it in its rooms: told when one comes or goes.
TOLD: tuple[Told, ...] = (lambda account, _: memory.forget(account), account_changed)
# The longest that somebody is on the way to Spotify and back.
LOGIN_TAKES_S = 15 * 60
# What a page says that somebody is sent back to; the address holds no more than the name of it.
SAID = {
    "connected": _("Connected. What this account can do here stands below."),
    "cancelled": _("The login was cancelled at Spotify. Nothing was connected."),
    "more": _(
        "A room plays through this account, so Spotify has to be asked for that, too. "
        "Connect again."
    ),
    "disconnected": _("Disconnected. The account and its tokens are deleted here."),
    "left": _("Disconnected here. Another browser that is connected to the account keeps it."),
}


# --- Logging in ---------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Go to Spotify and ask for its permission; a GET shows the button that does.

    Raises `RateLimited`, and `Conflict` where Spotify would not lead back to.
    """
    _require_spotify(request)
    if request.method == "POST":
        access.count_by_guest(request, "LOGINS")
        _require_way_back(request)
        # Not for a GET, which is not counted: each would leave a row in the database.
        if not request.user.is_authenticated:
            request.session.set_expiry(LOGIN_TAKES_S)
    answer: HttpResponse = provider.login(request)
    return answer


@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Back from Spotify; leads on to a page whose address holds no code that could come again."""
    _require_spotify(request)
    answer: HttpResponse = provider.callback(request)
    return answer


class LoginAdapter(DefaultSocialAccountAdapter):
    """What happens at the end of a login, in place of allauth's users and sign-ups."""

    def list_apps(self, request: HttpRequest, **which: Any) -> list[SocialApp]:
        """The app of the settings, never one of the database."""
        client, secret = settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET
        return [SocialApp(provider="spotify", client_id=client, secret=secret)]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> Never:
        """Connect the account to this browser, and go on; or find whose rooms are bound to it."""
        if sociallogin.state["purpose"] == Purpose.FIND:
            _end(request, _found_again(sociallogin.profile.account_id))
        guest = access.guest_or_new(request)
        _silence_other(guest, sociallogin.profile.account_id)
        account = connect(
            guest=guest,
            grant=sociallogin.grant,
            profile=sociallogin.profile,
            purpose=Purpose(sociallogin.state["purpose"]),
            tell=TOLD,
        )
        said = "more" if account.trouble in (Trouble.RECONNECT, Trouble.SCOPE) else "connected"
        response = _back_to(sociallogin.state, said=said)
        access.remember(response, guest)
        _end(request, response)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> Never:
        """Say what went wrong, and how to go on; nothing is stored."""
        state = (extra_context or {}).get("state")
        if state is None:
            _end(request, _sorry("old"))
        if error == AuthError.CANCELLED:
            _end(request, _back_to(state, said="cancelled"))
        refusal = exception.__cause__ if exception else None
        if not isinstance(refusal, SpotifyError):
            refusal = Reconnect()  # no code came back with the person
        why, purpose = _WHY.get(type(refusal), "away"), state.get("purpose", Purpose.HOST)
        _end(request, _sorry(why, next=state["next"], purpose=purpose))


# What a refusal at the end of a login means to people; all others: Spotify does not answer.
_WHY: dict[type[SpotifyError], str] = {
    NotListed: "listed",
    Reconnect: "failed",
    OperatorPremium: "operator",
    WrongClient: "operator",
}


@require_safe
def not_connected(request: HttpRequest) -> HttpResponse:
    """Why a login came to nothing, and how to go on."""
    _require_spotify(request)
    why, back = request.GET.get("why", ""), next_page(request)
    if why not in ("old", "away", *_WHY.values()):
        raise Http404
    context = {"why": why, "back": back, "again": login_address(back, purpose=purpose_of(request))}
    return render(request, "spotify/refused.html", context)


def _end(request: HttpRequest, response: HttpResponse) -> Never:
    """Answer this, and keep nothing of the login; who looks after the site stays logged in."""
    if request.user.is_authenticated:
        request.session.pop("socialaccount_states", None)
    else:
        request.session.flush()
    raise ImmediateHttpResponse(response)


def _back_to(state: dict[str, Any], *, said: str) -> HttpResponse:
    page = state["next"]
    mark = "&" if "?" in page else "?"
    return HttpResponseRedirect(f"{page}{mark}{urlencode({'said': said})}", status=303)


def _found_again(account_id: str) -> HttpResponse:
    """On to the page that asks before this browser becomes the person bound to the account.

    The way there is a link of ten minutes' life, as between two devices.
    """
    guest = access.guest_bound_to(SOURCE, account_id)
    if guest is None:
        return _back_to({"next": reverse("me")}, said="unknown")
    token, _ = actions.make_identity_link(guest=guest)
    return HttpResponseRedirect(reverse("go-on", args=[token]), status=303)


def _sorry(why: str, **more: str) -> HttpResponse:
    page = f"{reverse('spotify-not-connected')}?{urlencode({'why': why, **more})}"
    return HttpResponseRedirect(page, status=303)


def login_address(page: str, **more: str) -> str:
    """Where a form begins a login that comes back to this page."""
    return f"{reverse('spotify_login')}?{urlencode({'next': page, **more})}"


def _require_spotify(request: HttpRequest) -> None:
    """Nothing of Spotify is here without a client id, nor listening along unless it is allowed."""
    listens = purpose_of(request) == Purpose.ALONG
    if not settings.SPOTIFY_CLIENT_ID or (listens and not along.is_offered()):
        raise Http404


def _require_way_back(request: HttpRequest) -> None:
    """Raise `Conflict` where Spotify would not lead back to; people would strand there."""
    uri = redirect_uri(_origin(request))
    if refused_address(uri) or not uri.startswith(f"{_origin(request)}/"):
        raise Conflict(" ".join(_way_back(request)))


def _way_back(request: HttpRequest) -> tuple[str, str]:
    found = readiness.app_checks(origin=_origin(request))
    return next((one.sentence, one.next_step) for one in found if one.name == "redirect")


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


# --- The page of a room, and letting go ----------------------------------------------------------


def page(request: HttpRequest, member: Member) -> HttpResponse:
    """How ready Spotify is in this room; the host connects, checks again and disconnects.

    And everybody's own account, where people may listen along on one.
    """
    if not settings.SPOTIFY_CLIENT_ID:
        raise Http404
    hosts = member.may(GOVERN)
    if request.method == "POST" and not hosts:
        raise NotAllowed
    if not member.may(acts.CONTROL):
        return _own_page(request, member)
    account = Account.objects.of_room(member.room).first()
    findings = None
    if request.method == "POST" and account is not None:
        limits.hit_by("SPOTIFY_CALLS", member.pk, access.address_of(request))
        findings = readiness.look(account)
        account = Account.objects.filter(pk=account.pk).first()
    return _page(request, member, account, findings)


@require_POST
def let_go(request: HttpRequest) -> HttpResponse:
    """Disconnect the account of this browser, at once."""
    guest, said = access.guest_in(request.COOKIES), "disconnected"
    if guest is not None:
        _silence_other(guest)
        said = "disconnected" if disconnect(guest, tell=TOLD) else "left"
    return _back_to({"next": next_page(request)}, said=said)


@require_POST
def bind(request: HttpRequest) -> HttpResponse:
    """Let the account that this browser hosts with find its rooms on other devices.

    Raises `NoMembership`, `RateLimited`, `Conflict`, `AlreadyBound`.
    """
    guest = access.known_guest(request)
    access.count_by_guest(request, "LINKS")
    account = _hosting_account(guest)
    if account is None:
        raise Conflict(
            _("Connect your Spotify account in a room of yours first."), detail="connect_first"
        )
    actions.bind_identity(guest=guest, provider=SOURCE, account=account.account_id)
    return _back_to({"next": reverse("me")}, said="bound")


def person_facts(guest: uuid.UUID | None) -> dict[str, Any]:
    """What the page of a person shows of Spotify: the account that finds them, or could.

    And where a form begins the login that does.
    """
    facts: dict[str, Any] = {"login": login_address(reverse("me"), purpose=Purpose.FIND)}
    if guest is not None:
        bound = IdentityBinding.objects.filter(guest=guest, provider=SOURCE).values("account")
        facts["bound"] = Account.objects.filter(account_id__in=bound).first()
        facts["account"] = _hosting_account(guest)
    return facts


def _hosting_account(guest: uuid.UUID) -> Account | None:
    return Account.objects.filter(connections__guest=guest, connections__hosts=True).first()


def _silence_other(guest: uuid.UUID, account_id: str = "") -> None:
    """Stop what sounds through the account of this browser before another one takes its place.

    Once it is forgotten, nobody can. An account that other browsers go on using is left alone.
    """
    theirs = Connection.objects.select_related("account").filter(guest=guest)
    connection = theirs.exclude(account__account_id=account_id).first()
    if connection is None:
        return
    # Who changes to another account leaves this one to its other browsers, also as a host.
    goes = connection.is_last if account_id else connection.holds_account
    if goes:
        commander.silence(connection.account)


def _own_page(request: HttpRequest, member: Member) -> HttpResponse:
    """For those who have no more to do with Spotify than to listen along."""
    own = _own(member)
    if own is None:
        raise NotAllowed
    context = {
        "room": {"code": member.room.code, "name": member.room.name},
        "own": own,
        "said": SAID.get(request.GET.get("said", "")),
    }
    return render(request, "spotify/along.html", context)


def _own(member: Member) -> dict[str, Any] | None:
    """A member's own account, to listen along on; None where there is nothing to say of it.

    One that was connected for that can be disconnected although nobody may listen along any more.
    """
    standing = along.standing(member.room, member.guest)
    account = along.own_account(member.room, member.guest)
    connection = Connection.objects.filter(guest=member.guest).first()
    if not standing and (account is None or connection is None or connection.hosts):
        return None
    here = f"{room_url(member.room)}/spotify"
    return {
        "account": account,
        "trouble": along.trouble_of(account) if account else "",
        "stays": connection is not None and not connection.holds_account,
        "offered": bool(standing),
        "connects": standing == "connect",
        "login": login_address(here, purpose=Purpose.ALONG),
        "other": login_address(here, purpose=Purpose.ALONG, other="1"),
        "let_go": _let_go_address(here),
    }


def _let_go_address(page: str) -> str:
    """Where a form disconnects the account of its browser, and comes back to this page."""
    return f"{reverse('spotify-disconnect')}?{urlencode({'next': page})}"


def _page(
    request: HttpRequest, member: Member, account: Account | None, findings: Findings | None
) -> HttpResponse:
    here = f"{room_url(member.room)}/spotify"
    checks = readiness.checks(origin=_origin(request), account=account, findings=findings)
    context = {
        "room": {"code": member.room.code, "name": member.room.name},
        "hosts": member.may(GOVERN),
        "account": account,
        "again": readiness.helps_to_connect(account, checks),
        "checks": checks,
        "said": SAID.get(request.GET.get("said", "")),
        "login": login_address(here),
        "other": login_address(here, other="1"),
        "let_go": _let_go_address(here),
        "own": _own(member),
        "looked": findings is not None,
    }
    return render(request, "spotify/page.html", context)


# --- What other pages show of it ------------------------------------------------------------------


def room_facts(room: Room, member: Member | None, guest: uuid.UUID | None) -> dict[str, Any]:
    """What a room's page shows a guest: `sdk` is the script of Spotify's player, for the browser
    that has connected the room's account; `along` as of `along.standing`, with its `along_sdk`.
    """
    sdk = ""
    if member is not None:
        own = Account.objects.of_guest(member.guest)
        theirs = Account.objects.of_room(room).filter(pk__in=own)
        sdk = str(settings.SPOTIFY_SDK_URL) if theirs.exists() else ""
    standing = along.standing(room, guest)
    return {"sdk": sdk, "along": standing, "along_sdk": settings.SPOTIFY_SDK_URL}


def line(member: Member) -> str:
    """How Spotify stands in a member's room, for those who see to it; empty for all others."""
    if not member.may(acts.CONTROL):
        return ""
    account = Account.objects.of_room(member.room).first()
    if account is None:
        return gettext("not connected")
    if account.trouble or account.ends_soon:
        return gettext("needs the host")
    if not member.may(GOVERN):
        return gettext("connected")
    return gettext("connected as {account}").format(account=account)


PAGES = (
    SourcePage("r/<str:code>/spotify", page, "spotify", of_room=True),
    SourcePage("spotify/not-connected", not_connected, "spotify-not-connected"),
    SourcePage("spotify/disconnect", let_go, "spotify-disconnect"),
    SourcePage("spotify/bind", bind, "spotify-bind", back=lambda request: reverse("me")),
    SourcePage("accounts/spotify/login/", login, "spotify_login", back=next_page),
    SourcePage("accounts/spotify/login/callback/", callback, "spotify_callback"),
)
