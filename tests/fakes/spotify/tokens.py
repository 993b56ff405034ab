"""Logins: codes, access tokens, refresh tokens, and who may use what for how long."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from tests.fakes.spotify.clock import Clock
from tests.fakes.spotify.faults import Faults
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.wire import Json, Refused, account_error

SCOPES = (
    "streaming user-read-email user-read-private user-read-playback-state "
    "user-modify-playback-state user-read-currently-playing playlist-read-private "
    "playlist-read-collaborative playlist-modify-private playlist-modify-public "
    "ugc-image-upload user-library-read user-library-modify user-top-read "
    "user-read-recently-played user-follow-read user-follow-modify user-read-playback-position "
    "app-remote-control"
)
CODE_LIVES_S = 600


@dataclass
class Code:
    """What the authorise page gives, to be exchanged once."""

    person: Person
    scopes: str
    redirect_uri: str
    # The S256 challenge; empty without PKCE.
    challenge: str
    given_at: float


@dataclass
class Access:
    """What an access token opens. An app's own token belongs to nobody."""

    person: Person | None
    scopes: frozenset[str]
    expires_at: float


@dataclass
class Login:
    """What a refresh token stands for. Refreshing does not make it live longer."""

    person: Person
    scopes: str
    authorised_at: float
    revoked: bool = False


class Tokens:
    def __init__(self, clock: Clock, faults: Faults) -> None:
        self._clock, self._faults = clock, faults
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Access] = {}
        self._logins: dict[str, Login] = {}

    def code(self, person: Person, scopes: str, redirect_uri: str, challenge: str) -> str:
        written = secrets.token_urlsafe(96)
        self._codes[written] = Code(
            person, scopes, redirect_uri, challenge, given_at=self._clock.now()
        )
        return written

    def exchange(self, written: str, redirect_uri: str, verifier: str) -> Json:
        """Tokens for a code, which is worth nothing from now on, whether they were given or not."""
        code = self._codes.pop(written, None)
        if code is None:
            raise Refused(account_error("invalid_grant", "Invalid authorization code"))
        if self._clock.now() - code.given_at > CODE_LIVES_S:
            raise Refused(account_error("invalid_grant", "Authorization code expired"))
        if redirect_uri != code.redirect_uri:
            raise Refused(account_error("invalid_grant", "Invalid redirect URI"))
        if code.challenge and not verifier:
            raise Refused(account_error("invalid_request", "code_verifier required"))
        if code.challenge and challenge_of(verifier) != code.challenge:
            raise Refused(account_error("invalid_grant", "code_verifier was incorrect"))
        return self.give(code.person, code.scopes)

    def give(self, person: Person, scopes: str, *, authorised_at: float | None = None) -> Json:
        """A fresh pair of tokens, as the token endpoint writes it."""
        began = self._clock.now() if authorised_at is None else authorised_at
        return self._access_answer(person, scopes) | {
            "refresh_token": self._new_login(Login(person, scopes, began))
        }

    def give_to_app(self) -> Json:
        """An access token that is nobody's, without a refresh token."""
        answer = self._access_answer(None, "")
        del answer["scope"]
        return answer

    def refresh(self, written: str) -> Json:
        """A new access token, as the faults say with or without a new refresh token."""
        how = self._faults.refreshing
        login = self._logins.get(written)
        if login is None:
            raise Refused(account_error("invalid_grant", "Invalid refresh token"))
        if login.revoked or how == "revoked":
            raise Refused(account_error("invalid_grant", "Refresh token revoked"))
        age_s = self._clock.now() - login.authorised_at
        if age_s > self._faults.refresh_tokens_live_s or how == "expired":
            raise Refused(account_error("invalid_grant"))
        answer = self._access_answer(login.person, login.scopes)
        if how == "rotates":
            login.revoked = True
            fresh = Login(login.person, login.scopes, login.authorised_at)
            answer["refresh_token"] = self._new_login(fresh)
        return answer

    def access(self, written: str) -> Access | None:
        """What this token opens, were it not for its age; None for one that never was."""
        return self._access.get(written)

    def is_live(self, access: Access) -> bool:
        return self._clock.now() < access.expires_at

    def seconds_left(self, access: Access) -> float:
        return max(0.0, access.expires_at - self._clock.now())

    def expire_access(self, person: Person | None = None) -> None:
        """Let all access tokens, or those of one person, be too old from now on."""
        for access in self._access.values():
            if person is None or access.person is person:
                access.expires_at = 0

    def revoke(self, person: Person) -> None:
        """As when somebody takes the app off their account page."""
        self.expire_access(person)
        for login in self._logins.values():
            if login.person is person:
                login.revoked = True

    def _access_answer(self, person: Person | None, scopes: str) -> Json:
        lives_s = self._faults.access_tokens_live_s
        written = "BQ" + secrets.token_urlsafe(120)
        self._access[written] = Access(
            person, frozenset(scopes.split()), self._clock.now() + lives_s
        )
        return {
            "access_token": written,
            "token_type": "Bearer",
            "expires_in": int(lives_s),
            "scope": scopes,
        }

    def _new_login(self, login: Login) -> str:
        written = "AQ" + secrets.token_urlsafe(96)
        self._logins[written] = login
        return written


def challenge_of(verifier: str) -> str:
    """The S256 challenge of PKCE."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
