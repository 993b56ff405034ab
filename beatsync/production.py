"""What an installation that strangers can reach may not be."""

from collections.abc import Collection, Iterator

# Django's own check warns below 50 characters; many hosts make keys of 32.
LEAST_SECRET_LENGTH, LEAST_SECRET_LETTERS = 32, 8


def refusals(
    *, secret: str, debug: bool, hosts: Collection[str], needs_conductor: bool, has_redis: bool
) -> Iterator[str]:
    """A sentence for each setting with which a public address would be unsafe or silent.

    `needs_conductor`: no web process advances the music, so another process has to.
    """
    if secret and is_guessable(secret):
        yield (
            "SECRET_KEY is short or from an example, so anybody could sign cookies. Make one: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    if debug:
        yield "DEBUG shows strangers what is inside. Leave it away, or set DEBUG=false."
    if "*" in hosts:
        yield "ALLOWED_HOSTS lets in any name. Write your own: ALLOWED_HOSTS=party.example"
    if needs_conductor and not has_redis:
        yield (
            "CONDUCTOR=worker takes a second process, and several need Redis. Set REDIS_URL, or "
            "CONDUCTOR=web."
        )


def is_guessable(secret: str) -> bool:
    """Whether a secret is too short, too simple, or the example of some page."""
    example = secret.lower().startswith(("django-insecure", "change", "secret", "example"))
    is_long = len(secret) >= LEAST_SECRET_LENGTH
    return example or not is_long or len(set(secret)) < LEAST_SECRET_LETTERS
