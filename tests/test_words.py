"""The catalogue of what the modules say, and the scripts that use it."""

from pathlib import Path

import pytest

from beatsync.server_words import server_words
from beatsync.untranslated import find_untranslated, literals_read, plurals_by_hand, untranslated_in
from beatsync.word_catalogue import OF_REFUSALS, find_faults, leave_out_words_of_server

HEAD = "export const EN = /** @type {const} */ ({\n"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A folder of scripts whose catalogue has two keys, of which both are used."""
    (tmp_path / "words/refusals").mkdir(parents=True)
    write(tmp_path, '  "queue.full": "The queue is full.",\n  "refusal.muted": "You are muted."')
    write_page(tmp_path, 'say("queue.full");\nsayOf("refusal", code, {}, "");')
    return tmp_path


def write(scripts: Path, body: str) -> None:
    (scripts / OF_REFUSALS).write_text(f"{HEAD}{body}\n}});\n")


def write_page(scripts: Path, code: str) -> None:
    (scripts / "page.js").write_text(
        f'import {{ say, sayOf }} from "./words/refusals/say.js";\n{code}\n'
    )


def test_every_key_of_the_catalogue_is_there_and_used() -> None:
    assert find_faults(of_server=server_words()) == []


def test_a_key_that_is_missing_is_named(scripts: Path) -> None:
    write_page(scripts, 'say("queue.empty");\nsay("queue.full");\nsayOf("refusal", code, {}, "");')
    assert find_faults(scripts) == ["page.js says “queue.empty”, which the catalogue has not."]


def test_a_key_that_nobody_uses_is_named(scripts: Path) -> None:
    write_page(scripts, 'say("queue.full");')
    assert find_faults(scripts) == ["No script says “refusal.muted”."]


def test_words_that_the_server_has_otherwise_are_named(scripts: Path) -> None:
    said = {"refusal.muted": "No.", "refusal.left": "You left."}
    assert find_faults(scripts, said) == [
        "“refusal.muted” is “No.” on the server and “You are muted.” in the catalogue.",
        "The server has “refusal.left”, which the catalogue has not.",
    ]


def test_an_amount_without_its_singular_is_named(scripts: Path) -> None:
    write(scripts, '  "queue.full": { "other": "{n} wait." },\n  "refusal.muted": "You are muted."')
    assert find_faults(scripts) == [
        "“queue.full” lacks its form for one, or for all other amounts."
    ]


def test_what_the_server_says_in_the_same_words_is_not_served_in_scripts(scripts: Path) -> None:
    write(scripts, '  "queue.full": "The queue is full.",\n  "refusal.muted": "You are muted.",')
    leave_out_words_of_server(scripts)
    assert "queue.full" in (scripts / OF_REFUSALS).read_text()
    assert "refusal.muted" not in (scripts / OF_REFUSALS).read_text()


def test_a_key_that_stands_twice_is_refused(scripts: Path) -> None:
    write(scripts, '  "queue.full": "Full.",\n  "queue.full": "Still full."')
    with pytest.raises(ValueError, match=r"has twice: queue\.full"):
        find_faults(scripts)


def test_templates_and_pages_have_no_words_that_a_language_cannot_replace() -> None:
    assert find_untranslated() == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>{% if is_open %}Join now{% endif %}</p>", ["Join now"]),
        ('<a href="/" aria-label="Back to {{ room }}"></a>', ["Back to …"]),
        ('{% include "row.html" with name="Love it" %}', ["Love it"]),
        ('<input type="submit" value="Search">', ["Search"]),
        ('<input type="radio" name="why" value="spam">', []),
        ("<b>{{ name }}</b> · BeatSync, {{ n }} of them", ["of them"]),
        ('<p>{% translate "Join now" %} {{ name }}</p>{# Not read. #}', []),
        ("<script>let words;</script>{% block body_class %}room{% endblock %}", []),
    ],
)
def test_text_of_a_template_without_a_translation_is_named(template: str, found: list[str]) -> None:
    assert untranslated_in(template) == found


def test_a_plural_by_hand_is_named_by_its_line() -> None:
    assert plurals_by_hand("n = 2\nf\"{n} room{'' if n == 1 else 's'}\"") == [2]
    assert plurals_by_hand('"a" if n != 1 else f"{n}"') == [1]
    assert plurals_by_hand('ngettext("{n} room", "{n} rooms", n)\n1 if n == 1 else 2') == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('class Meta:\n    verbose_name = "room"', "room"),
        ('class Full(Conflict):\n    message = "It is full."', "It is full."),
        ('name = models.CharField("name", max_length=9)', "name"),
        ('forms.CharField(label="Rule")', "Rule"),
        ('Act(key="add", refusal="Only hosts.")', "Only hosts."),
        ('fine(_("Disk"), "is full.")', "is full."),
        ('Sentence(f"{n} wait")', "{n} wait"),
        ('Chart("messages", rows)', "messages"),
        ('def go():\n    raise Invalid("Not here.", detail="not_here")', "Not here."),
    ],
)
def test_a_text_of_python_that_people_read_without_a_translation_is_named(
    code: str, text: str
) -> None:
    ((_line, found),) = literals_read(code)
    assert found == text


def test_only_of_doctors_texts_in_a_terminal_have_a_translation(tmp_path: Path) -> None:
    commands = tmp_path / "music/management/commands"
    commands.mkdir(parents=True)
    for name in ("spotify_doctor", "doctor", "scan_library"):
        (commands / f"{name}.py").write_text('fine(_("Disk"), "is full.")')
    assert find_untranslated(tmp_path) == [
        "music/management/commands/doctor.py:1 has “is full.” untranslated.",
        "music/management/commands/spotify_doctor.py:1 has “is full.” untranslated.",
    ]


def test_texts_of_python_with_a_translation_or_for_machines_are_left_alone() -> None:
    assert literals_read('Sentence(_("It is full."))\nfine(title, text)') == []
    assert literals_read('verbose_name = "no class"\nraise KeyError("No row.")') == []
    assert literals_read('models.CharField(max_length=9)\nfine(_("Disk"), text, "")') == []


# --- Sentences in scripts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        'setText(part(root, "note"), "away");',
        "const words = `${name} is away`;",
        'const title = "Paused";',
        'key.setAttribute("aria-label", isOpen ? "close" : "open");',
        "const note = `${who}’s ${device}`;",
        "const held = n > 0 ? `${`${n} held`}` : key;",
    ],
)
def test_a_sentence_in_a_script_is_named(scripts: Path, code: str) -> None:
    write_page(scripts, f'say("queue.full");\nsayOf("refusal", code, {{}}, "");\n{code}')
    (fault,) = find_faults(scripts)
    assert fault.startswith("page.js:4 says “")


@pytest.mark.parametrize(
    "code",
    [
        '// "It is away" is what it says.\n/** "Is away" */',
        "const found = /It is away/.test(words);",
        'root.querySelector("button, a");',
        'throw new Error("The page is away.");',
        'if (event.key === "Enter") go(`/r/${code}`, { "Content-Type": "text/plain" });',
        'setText(part(root, "note"), say("queue.full"));',
    ],
)
def test_what_no_page_shows_may_stand_in_a_script(scripts: Path, code: str) -> None:
    write_page(scripts, f'say("queue.full");\nsayOf("refusal", code, {{}}, "");\n{code}')
    assert find_faults(scripts) == []
