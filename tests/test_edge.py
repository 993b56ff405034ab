"""What a request is before any view sees it: whose it is, what it carries, what it may ask for."""

from typing import Any

from rooms.access import address_in


def test_a_client_behind_proxies_has_the_address_that_the_outermost_of_them_saw(
    settings: Any,
) -> None:
    cases = [
        # trusted proxies, X-Forwarded-For lines, the address
        (0, ["198.51.100.7"], "192.0.2.1"),
        (1, [], "192.0.2.1"),
        (1, ["198.51.100.7"], "198.51.100.7"),
        (1, ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        (1, ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        (2, ["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        (2, ["198.51.100.7"], "198.51.100.7"),
        (1, ["198.51.100.7:51234"], "198.51.100.7"),
        (1, ["[2001:db8:1:2:3::4]:51234"], "2001:db8:1:2::/64"),
        (1, ["[2001:db8:1:2:3::4]"], "2001:db8:1:2::/64"),
        (1, ["2001:db8:1:2:3::4"], "2001:db8:1:2::/64"),
        (1, ["::ffff:198.51.100.7"], "198.51.100.7"),
        (1, ["unknown"], "192.0.2.1"),
        (1, [""], "192.0.2.1"),
    ]
    for trusted, lines, address in cases:
        settings.TRUSTED_PROXIES = trusted
        headers = [(b"x-forwarded-for", line.encode()) for line in lines]
        found = address_in({"client": ("192.0.2.1", 4711), "headers": headers})
        assert found == address, f"{trusted} trusted, {lines}"
