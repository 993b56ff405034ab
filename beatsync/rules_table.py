"""The table of all rules in `docs/rules.md`, as they are declared.

python manage.py rules_table > docs/rules.md
"""

from rooms.rules import Rule, declared_rules, presets

HEAD = """# The rules of a room

A host chooses them; a preset is where they start. The name is the one of the API. This page is made
from the declarations (`python manage.py rules_table > docs/rules.md`), and a test holds it to them.

"""


def rules_page() -> str:
    """The whole page, as Markdown."""
    titles = [preset.title for preset in presets().values()]
    head = ["name", "what it is called", "values", *titles]
    rows = [head, ["---"] * len(head), *map(_row, declared_rules().values())]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(rule: Rule) -> list[str]:
    values = [rule.in_words(rule.value_in(key)) for key in presets()]
    return [f"`{rule.name}`", rule.title, _values(rule), *values]


def _values(rule: Rule) -> str:
    if rule.is_number:
        unit = f" {rule.unit}" if rule.unit else ""
        none = ", or `null`: no limit" if rule.may_be_none else ""
        return f"{rule.least} to {rule.most}{unit}{none}"
    return ", ".join(f"`{str(option).lower()}`" for option in rule.options)
