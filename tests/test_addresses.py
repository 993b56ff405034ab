"""Where a server is reached, as the operator writes it and as the machine knows it."""

import socket
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from beatsync import addresses
from beatsync.env_file import read_env_file

WRITTEN = """\ufeffSECRET_KEY=ab$cd # a comment
# PORT=1
export HOST = 0.0.0.0
  PORT=9000   # where
PUBLIC_URL = "https://party.example"\r
MUSIC_DIRS='/srv/Rock, Pop'
EMPTY=
"""


def test_a_settings_file_may_have_comments_exports_blanks_quotes_and_a_mark(
    tmp_path: Path,
) -> None:
    file = tmp_path / ".env"
    file.write_text(WRITTEN)
    assert read_env_file(file) == {
        "SECRET_KEY": "ab$cd",
        "HOST": "0.0.0.0",
        "PORT": "9000",
        "PUBLIC_URL": "https://party.example",
        "MUSIC_DIRS": "/srv/Rock, Pop",
        "EMPTY": "",
    }
    assert read_env_file(tmp_path / "none") == {}


def test_a_settings_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    for encoding in ("utf-16", "latin-1"):
        file.write_text("MUSIC_DIRS=/srv/Musik für Gäste", encoding=encoding)
        with pytest.raises(ImproperlyConfigured, match="Save it as UTF-8"):
            read_env_file(file)


def test_what_a_shell_keeps_in_host_is_not_listened_on() -> None:
    for kept in ("x86_64-conda-linux-gnu", "anas-laptop", "", None):
        assert addresses.listen_address(kept, "0.0.0.0") == "0.0.0.0"
        assert addresses.listen_address(kept, None) == "127.0.0.1"
    for chosen in ("0.0.0.0", "192.168.1.7", "::", "localhost"):
        assert addresses.listen_address(chosen, "10.0.0.1") == chosen


def test_a_comma_in_the_name_of_a_folder_is_part_of_it() -> None:
    for written, found in {
        "/srv/Rock, Pop": ["/srv/Rock, Pop"],
        "/srv/Rock, Pop,/srv/b": ["/srv/Rock, Pop", "/srv/b"],
        "~/Music, ../more, ./c": ["~/Music", "../more", "./c"],
        " /a , /b,": ["/a", "/b"],
        "": [],
    }.items():
        assert addresses.folders(written) == found, written


def test_a_public_address_is_an_origin_in_lower_case() -> None:
    for written, found in {
        "": "",
        "https://party.example/": "https://party.example",
        " HTTPS://Party.Example:8443 ": "https://party.example:8443",
        "https://party.example:443": "https://party.example",  # as browsers write it in Origin
        "http://[2001:DB8::1]:80/": "http://[2001:db8::1]",
    }.items():
        assert addresses.public_url(written) == found, written


@pytest.mark.parametrize(
    "written",
    [
        *("https://a.example/jukebox", "party.example", "ftp://a.example", "https://", "/x"),
        *("http://[::1", "https://a.example:99999", "https://me:secret@a.example", "https://a b"),
    ],
)
def test_a_public_address_that_cannot_work_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"such as https://party\."):
        addresses.public_url(written)


def test_a_machine_answers_to_its_names_in_the_local_network_and_all_its_addresses() -> None:
    hosts = addresses.own_hosts()
    short = socket.gethostname().lower().split(".")[0]
    assert {"localhost", "127.0.0.1", "[::1]", short, f"{short}.local", f"{short}.lan"} <= set(
        hosts
    )
    if network := addresses.network_address():
        assert network in hosts
