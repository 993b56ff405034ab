"""Accounts: logging in to look after the site, with a second factor where somebody wants one.

The login, its rate limits and the second factor are django-allauth's. Guests need no account; a
host may have one to find the rooms of a browser again (`beatsync.bindings`).
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import segno
from allauth.account import views as allauth_views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from rooms import access
from rooms.vault import UnreadableToken, decrypt, encrypt
from staff.actions.site import lock_site

if TYPE_CHECKING:
    _CreationForm = UserCreationForm[User]
else:
    _CreationForm = UserCreationForm

FIRST_ADMIN_LINK_S = 60 * 60
_first_admin = signing.TimestampSigner(salt="beatsync.accounts.first-admin")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an admin, and by hosts where the operator allows it.

    A login counts by the address that our limits go by.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.LOCAL_ACCOUNTS)

    def get_client_ip(self, request: HttpRequest) -> str:
        return access.address_of(request)

    def add_message(self, *args: Any, **options: Any) -> None:
        """Pages say what happened; a message would wait for the next page of the admin."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Codes of an authenticator app. Their secrets are encrypted like the tokens of sources."""

    def get_totp_issuer(self) -> str:
        return "BeatSync"

    def build_totp_svg(self, url: str) -> str:
        picture = BytesIO()
        segno.make(url, error="m").save(picture, kind="svg", scale=5, border=2, light="white")
        return picture.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again; a fresh one, which nobody knows, where no key of today fits.

        Codes are made from it. Those of an empty secret anybody could work out.
        """
        secret = decrypt(encrypted_text)
        return generate_totp_secret() if isinstance(secret, UnreadableToken) else secret


class FirstAdminForm(_CreationForm):
    """A name and a password; the account that comes of it may do everything."""

    class Meta:
        model = User
        fields = ("username",)

    def save(self, commit: bool = True) -> Any:
        self.instance.is_staff = self.instance.is_superuser = True
        return super().save(commit)


def is_first_admin_missing() -> bool:
    """Whether nobody can look after this site yet."""
    return not User.objects.filter(is_staff=True, is_active=True).exists()


def first_admin_path() -> str:
    """Where the first admin is made: for an hour, and while there is none."""
    return reverse("first-admin", args=[_first_admin.sign("first")])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ensure_csrf_cookie
def first_admin(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first admin. The link is in the terminal of who has started the server."""
    try:
        _first_admin.unsign(token, max_age=FIRST_ADMIN_LINK_S)
    except signing.BadSignature:
        raise Http404 from None
    if not is_first_admin_missing():
        raise Http404
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _save_first_admin(form)
        login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return HttpResponseRedirect(reverse("admin:index"), status=303)
    return render(request, "account/first_admin.html", {"form": form})


def _save_first_admin(form: FirstAdminForm) -> User:
    """Make the account, unless another request has made one meanwhile. Raises `Http404`.

    Without the lock, two requests with the one link could both find no admin, and make two.
    """
    with transaction.atomic():
        lock_site()
        if not is_first_admin_missing():
            raise Http404
        user: User = form.save()
        return user


def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an account to find one's rooms again with, where the operator allows it."""
    if not settings.LOCAL_ACCOUNTS:
        raise Http404
    answer: HttpResponse = allauth_views.signup(request)
    return answer


log_in = allauth_views.LoginView.as_view(
    # A template calls it: the setting counts as it is at that moment.
    extra_context={"local_accounts": lambda: settings.LOCAL_ACCOUNTS}
)
