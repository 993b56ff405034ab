"""Playlists that only point to a station: .m3u and .pls."""

MOST_ENTRIES = 5
PLAYLIST_BYTES = 64 * 1024
_M3U = {"audio/x-mpegurl", "audio/mpegurl", "application/x-mpegurl"}
_PLS = {"audio/x-scpls", "audio/scpls", "application/pls+xml"}
# What servers say of files that they do not know.
_UNKNOWN = {"", "text/plain", "application/octet-stream", "binary/octet-stream"}


def is_playlist(content_type: str, path: str) -> bool:
    """Whether an answer is a playlist, by its type, or by its name where the type says nothing."""
    if content_type in _M3U | _PLS:
        return True
    ends = path.partition("?")[0].lower().endswith((".m3u", ".pls"))
    return ends and content_type in _UNKNOWN


def entries(text: str) -> list[str]:
    """The addresses in a playlist in their order, at most `MOST_ENTRIES`.

    None of a playlist of segments (HLS): those are pieces of sound, not stations.
    """
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    if any(line.upper().startswith("#EXT-X-") for line in lines):
        return []
    if any(line.lower() == "[playlist]" for line in lines):
        pairs = (line.partition("=") for line in lines)
        found = [value.strip() for key, _, value in pairs if key.strip().lower()[:4] == "file"]
    else:
        found = [line for line in lines if line and not line.startswith("#")]
    return [each for each in found if each][:MOST_ENTRIES]
