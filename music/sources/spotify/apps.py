from django.apps import AppConfig


class SpotifyConfig(AppConfig):
    name = "music.sources.spotify"
    label = "spotify"

    def ready(self) -> None:
        from music.sources.spotify.signals import music_asked_for
        from music.sources.spotify.source_conditions import tell_rooms

        music_asked_for.connect(tell_rooms)
