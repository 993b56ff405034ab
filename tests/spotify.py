"""What tests around Spotify accounts share: browsers that log in there."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from django.http import HttpResponse
from django.test import Client

from music.sources.spotify.models import Account
from rooms import access, clock
from rooms.models import Member

# Spotify leads back to loopback addresses, and to no name such as testserver.
HERE = {"Host": "127.0.0.1:8000"}
TOKEN = "/accounts/api/token"
HOUR_MS = 3600 * 1000


def browser_at_home(member: Member | None = None, **options: bool) -> Client:
    """A browser at the machine itself, with this member's cookie."""
    client = Client(headers=HERE, **options)
    if member is not None:
        client.cookies[access.COOKIE] = access.cookie_of(member.guest)
    return client


def begin(browser: Client, *, next: str = "/", **query: str) -> HttpResponse:
    """Press the button that goes to Spotify."""
    asked = urlencode({"next": next, **query})
    answer: HttpResponse = browser.post(f"/accounts/spotify/login/?{asked}")
    return answer


def asked_of(answer: HttpResponse) -> dict[str, str]:
    """What somebody is sent to Spotify with."""
    return dict(parse_qsl(urlsplit(answer["Location"]).query))


def come_back(browser: Client, address: str) -> HttpResponse:
    """Go where Spotify leads."""
    answer: HttpResponse = browser.get(address.removeprefix("http://127.0.0.1:8000"))
    return answer


def log_in(browser: Client, *, next: str = "/", **query: str) -> HttpResponse:
    """The whole way to Spotify and back, for whoever is signed in there."""
    begun = begin(browser, next=next, **query)
    agreed = requests.get(begun["Location"], allow_redirects=False, timeout=10)
    return come_back(browser, agreed.headers["Location"])


def end_of(browser: Client, answer: HttpResponse) -> HttpResponse:
    """The page of a login that came to nothing. To load that again does not repeat the login."""
    assert answer.status_code == 303
    assert "code=" not in answer["Location"]
    page: HttpResponse = browser.get(answer["Location"])
    assert page.status_code == 200
    return page


def let_expire(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(expires_at_ms=clock.now_ms())
