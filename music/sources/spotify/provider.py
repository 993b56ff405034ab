"""Spotify for django-allauth, which does the OAuth dance: state, PKCE (S256), and the way back.

It stores nothing: `LoginAdapter` in `pages` takes over when a login is complete. Unlike
the provider that allauth ships, this one sends the token in a header instead of the address, and
knows what a 403 of `/me` means.
"""

from typing import Any

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import (
    OAuth2Adapter,
    OAuth2CallbackView,
    OAuth2LoginView,
)
from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from music.sources.spotify import tokens
from music.sources.spotify.errors import SpotifyError
from music.sources.spotify.login import SCOPES, Purpose, profile_of, redirect_uri
from music.sources.spotify.models import Account
from music.sources.spotify.tokens import Grant
from rooms import access


class SpotifyOAuth2Adapter(OAuth2Adapter):
    """Where Spotify is, and what is asked there. Refusals are the cause of its `OAuth2Error`s."""

    provider_id = "spotify"

    @property
    def authorize_url(self) -> str:
        return f"{settings.SPOTIFY_ACCOUNTS_URL}/authorize"

    @property
    def access_token_url(self) -> str:
        return f"{settings.SPOTIFY_ACCOUNTS_URL}/api/token"

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return redirect_uri(f"{request.scheme}://{request.get_host()}")

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> Grant:
        try:
            return tokens.ask(
                grant_type="authorization_code",
                code=request.GET["code"],
                redirect_uri=client.callback_url,
                code_verifier=pkce_code_verifier or "",
            )
        except SpotifyError as refusal:
            raise OAuth2Error from refusal

    def parse_token(self, data: Grant) -> SocialToken:
        return SocialToken(token=data.access_token)  # never saved

    def complete_login(
        self, request: HttpRequest, app: Any, token: SocialToken, *, response: Grant, **kwargs: Any
    ) -> SocialLogin:
        """A login that carries what was granted, and to whom."""
        try:
            profile = profile_of(response.access_token)
        except SpotifyError as refusal:
            raise OAuth2Error from refusal
        login = self.get_provider().sociallogin_from_response(request, {"id": profile.account_id})
        login.grant, login.profile = response, profile
        return login


class SpotifyProvider(OAuth2Provider):
    id = "spotify"
    name = "Spotify"
    account_class = ProviderAccount
    oauth2_adapter_class = SpotifyOAuth2Adapter
    pkce_enabled_default = True

    def extract_uid(self, data: dict[str, str]) -> str:
        return data["id"]

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """What of a request counts: where to go after, and what for; nobody adds scopes to it."""
        return {
            "process": "login",
            "next_url": next_page(request),
            "scope": self._scopes(request),
            "purpose": purpose_of(request).value,  # kept until the way back
            "auth_params": {"show_dialog": "true"} if request.GET.get("other") else {},
        }

    def _scopes(self, request: HttpRequest) -> list[str]:
        """Those of the purpose, and what this browser's account has permitted for rooms.

        Who logs in again to listen along must not lose what their own room needs.
        """
        asked = list(SCOPES[purpose_of(request)])
        if purpose_of(request) == Purpose.FIND:
            return asked
        guest = access.guest_in(request.COOKIES)
        known = Account.objects.of_guest(guest).first() if guest else None
        had = known.scopes.split() if known and known.hosts else []
        return [scope for scope in SCOPES[Purpose.HOST] if scope in (*asked, *had)]


def purpose_of(request: HttpRequest) -> Purpose:
    """What somebody logs in for."""
    asked = request.GET.get("purpose")
    return next((purpose for purpose in Purpose if purpose == asked), Purpose.HOST)


def next_page(request: HttpRequest) -> str:
    """The page to go to after the login: one of ours, by its path alone."""
    asked = request.GET.get("next", "")
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    # Browsers drop tabs and line breaks from an address, and may read another one then.
    return asked if ours and asked.isprintable() else "/"


provider_classes = [SpotifyProvider]
login = OAuth2LoginView.adapter_view(SpotifyOAuth2Adapter)
callback = OAuth2CallbackView.adapter_view(SpotifyOAuth2Adapter)
