"""What the OpenAPI document says about the rules of a room: each by name, with what it may be."""

from typing import Any

from rooms.rules import Rule, declared_rules


def describe_rules(schema: dict[str, Any]) -> None:
    """Name every declared rule where the document describes a room."""
    rules = {name: _kind(rule) for name, rule in declared_rules().items()}
    schema["components"]["schemas"]["RoomShape"]["properties"]["rules"] = {
        "type": "object",
        "required": list(rules),
        "properties": rules,
    }


def _kind(rule: Rule) -> dict[str, Any]:
    if rule.is_switch:
        return {"type": "boolean"}
    if not rule.is_number:
        return {"type": "string", "enum": [str(option) for option in rule.options]}
    number = {"type": "integer", "minimum": rule.least, "maximum": rule.most}
    return {"anyOf": [number, {"type": "null"}]} if rule.may_be_none else number
