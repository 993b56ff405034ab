"""Functions, methods and classes of the apps that nothing uses are deleted."""

import re
from pathlib import Path

import vulture

ROOT = Path(__file__).parent.parent
APPS = ["beatsync", "rooms", "music", "chat", "staff", "discovery"]
# Called by their name in a library, which no code of ours does.
BY_LIBRARIES = """
    Meta Command *Config add_arguments clean_* from_db_value lookups
    is_open_for_signup get_client_ip get_totp_issuer build_totp_svg list_apps pre_social_login
    on_authentication_error authorize_url access_token_url get_callback_url get_access_token_data
    parse_token complete_login extract_uid get_redirect_from_request_kwargs
    gotLength stopProducing kill_all_applications describe collect log_message
    compress_brotli create_compressor immutable_file_test get_range_response
    has_*_permission lookup_allowed get_actions get_changelist get_ordering
""".split()
# What tests put back, or could not do without a wait.
FOR_TESTS = ["clear_cached_*", "clear_kept_parts", "shifted"]
# Registered by their decorator.
REGISTERED = [
    *("@*.get", "@*.post", "@*.put", "@*.patch", "@*.delete", "@*.exception_handler"),
    *("@receiver*", "@register.*", "@admin.*"),
]


def test_nothing_in_the_apps_is_unused() -> None:
    named = [*BY_LIBRARIES, *FOR_TESTS]
    found = vulture.Vulture(ignore_names=named, ignore_decorators=REGISTERED)
    found.scavenge([str(ROOT / app) for app in APPS], exclude=["*/migrations/*"])
    templates = "".join(file.read_text() for file in (ROOT / "templates").rglob("*.html"))
    # Settings, columns of the admin and handlers are named in quotes.
    quoted = " ".join(
        text
        for app in APPS
        for file in (ROOT / app).rglob("*.py")
        for text in re.findall(r'"([\w.]+)"', file.read_text())
    )
    by_text = {*re.findall(r"\w+", templates + " " + quoted.replace(".", " "))}
    kinds = {"function", "method", "class", "property", "import"}
    unused = {
        f"{each.filename.relative_to(ROOT)}: {each.name}"
        for each in found.get_unused_code()
        if each.typ in kinds and each.name not in by_text
    }
    assert unused == set()
