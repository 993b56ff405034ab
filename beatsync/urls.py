"""Addresses."""

from allauth.account import views as account
from django.urls import include, path, re_path

from beatsync import accounts, bindings, log_page, me_page, openapi, pages, rules_page
from beatsync.api import api
from music.sources.registry import source_pages
from staff.admin_site import staff_site

urlpatterns = [
    path("", pages.home, name="home"),
    path("rooms", pages.open_room, name="open-room"),
    path("join", pages.join_by_code, name="join-by-code"),
    path("r/<str:code>", pages.room, name="room"),
    # A link as messages and capital-only QR codes carry it: with marks behind it, in capitals.
    re_path(r"^[rR]/(?P<code>[^/]+)/*$", pages.room),
    path("r/<str:code>/join", pages.join, name="join"),
    path("r/<str:code>/rules", rules_page.rules, name="rules"),
    path("r/<str:code>/end", pages.end_room, name="end-room"),
    path("r/<str:code>/log", log_page.log, name="log"),
    path("r/<str:code>/log/<str:entry>/undo", log_page.undo, name="log-undo"),
    path("r/<str:code>/host", pages.hand_over, name="hand-over"),
    path("r/<str:code>/leave", pages.leave, name="leave"),
    path("r/<str:code>/queue/<str:item>/vote", pages.vote, name="vote"),
    path("r/<str:code>/skip", pages.skip, name="skip"),
    *(path(page.path, pages.source_page(page), name=page.name) for page in source_pages()),
    path("admin/", staff_site.urls),
    path("accounts/", bindings.account, name="account-home"),
    path("accounts/bind/", bindings.bind_account, name="account-bind"),
    path("accounts/unbind/", bindings.unbind_account, name="account-unbind"),
    path("accounts/go-on/", bindings.go_on, name="account-go-on"),
    path("accounts/first/<str:token>/", accounts.first_admin, name="first-admin"),
    # Of allauth, these alone; it finds them by their names.
    path("accounts/login/", accounts.log_in, name="account_login"),
    path("accounts/signup/", accounts.sign_up, name="account_signup"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/again/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/", account.password_change, name="account_change_password"),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("privacy", pages.privacy, name="privacy"),
    path("me", me_page.me, name="me"),
    path("me/link", me_page.link, name="me-link"),
    path("me/data", me_page.data, name="me-data"),
    path("me/unbind", bindings.unbind, name="me-unbind"),
    path("me/sign-out", bindings.sign_out, name="me-sign-out"),
    path("me/erase", me_page.erase, name="me-erase"),
    path("on/<str:token>", me_page.go_on, name="go-on"),
    # Before those of the API, which would build the document for every call.
    path("api/openapi.json", openapi.document),
    path("api/", api.urls),
    path("media/", include("music.media")),
]
handler404 = "beatsync.pages.not_found"
handler500 = "beatsync.pages.server_error"
