"""Addresses."""

from django.urls import include, path, re_path

from beatsync import openapi, pages, rules_page, spotify
from beatsync.api import api

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
    path("r/<str:code>/queue/<str:item>/vote", pages.vote, name="vote"),
    path("r/<str:code>/skip", pages.skip, name="skip"),
    path("r/<str:code>/spotify", spotify.page, name="spotify"),
    path("spotify/not-connected", spotify.not_connected, name="spotify-not-connected"),
    path("spotify/disconnect", spotify.let_go, name="spotify-disconnect"),
    # Of allauth, these two alone; it finds them by their names.
    path("accounts/spotify/login/", spotify.login, name="spotify_login"),
    path("accounts/spotify/login/callback/", spotify.callback, name="spotify_callback"),
    path("privacy", pages.privacy, name="privacy"),
    # Before those of the API, which would build the document for every call.
    path("api/openapi.json", openapi.document),
    path("api/", api.urls),
    path("media/", include("music.media")),
]
handler404 = "beatsync.pages.not_found"
handler500 = "beatsync.pages.server_error"
