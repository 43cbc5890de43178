"""The JSON Schema of policy files, for editors: hover text, completion and first diagnostics while typing.

Made from the tables of `fields`, so that an editor and the reader know the same keys. It accepts every policy that
the reader accepts; what only the reader knows (names, kinds, guards, tables) is for `walkaway lint` to find.
"""

from collections.abc import Mapping

from walkaway.language import source
from walkaway.policy.parse.fields import NAME, RULE_NAME, SECTIONS, SHORT, Field
from walkaway.policy.parse.rules import built_in_rules

Schema = dict[str, object]
"""A JSON Schema (draft-07), with the keywords editors know beside it: `markdownDescription`, `defaultSnippets`."""

DRAFT = "http://json-schema.org/draft-07/schema#"
_NAME_RULE = "lower-case letters, digits and `_`, beginning with a letter, 48 characters at most"
_RULE_NAME_RULE = "lower-case letters, digits, `-` and `_`, 80 characters at most"
_CHANGED_IN_BUILT_IN = ("then", "to", "door", "why", "say", "source", "concern")

WORDS: Mapping[str, str] = {
    "proceed": "Nothing stands in the way: send our offer, or accept theirs.",
    "trade": "Only with something in return: counter, and ask for it.",
    "hold": "Not now: prepare, or wait for their move.",
    "escalate": "The role named under `to` must approve first.",
    "refuse": "Outside policy at any price.",
    "walk": "Leave: door `open`, or `closed` for bad faith.",
    "mandatory": "It always decides.",
    "overridable": "The role named under `by` may lift it for one offer.",
    "advisory": "It is reported and never decides.",
    "shadow": "It is only logged, to try a rule out.",
    "relationship": "Between people: conduct, trust, patience.",
    "risk": "What may go wrong: limits, preparation, authority.",
    "value": "What is given and got.",
    "open": "Thank them, say why, invite them back.",
    "closed": "No counteroffer, no way back.",
    "unique": "No two rows may match the same deal.",
    "first": "Of the rows that match, the topmost counts.",
    "or better": "An approval covers the value that it names, and every one that is better for us.",
    "as named": "An approval covers the value that it names, and no other.",
    "seller": "We sell.",
    "buyer": "We buy.",
    "any": "Every event.",
    "signal": "Somebody observed conduct.",
    "tick": "Time has passed.",
    "kill": "All offers of ours are stopped.",
    "resume": "Offers of ours go on.",
    "probe": "An agent was told whether terms would pass.",
    "request": "Somebody asks for an approval.",
    "decline": "Somebody declines one that was asked for.",
    "percent": "`12%`; four decimals at most.",
    "money": "`10,000 USD`, in the policy's currency.",
    "months": "`12 months`.",
    "days": "`30 days`, `2 weeks`.",
    "day": "A day of the calendar: `2026-10-01`.",
    "duration": "`2 hours`, `3 days`; to the second.",
    "count": "A whole number: `3`.",
    "number": "A number with four decimals at most: `2.5`.",
    "yes/no": "`yes` or `no`.",
    "text": "Any text, compared for equality only.",
}
"""What a word under `choice` means, where it does not speak for itself."""

_SNIPPETS: dict[str, Schema] = {
    "rules": {
        "${1:name-of-the-rule}": {
            "why": "${2:The principle, for colleagues and auditors.}",
            "on": "${3|our offer,their offer,our acceptance,their acceptance,signal,tick,any|}",
            "when": "${4:give.value > get.value}",
            "then": "${5|trade,hold,escalate,refuse,walk|}",
        }
    },
    "issues": {
        "${1:name}": {
            "type": "${2|percent,money,months,days,day,duration,count,number,yes/no|}",
            "start": "${3:0%}",
            "worth": "${4:-1% of deal.list_price per 1%}",
        }
    },
}
"""What an editor offers to write in one go under a key of the policy."""


def json_schema() -> Schema:
    """Return the schema of a policy file."""
    policy = _section("policy")
    return {
        "$schema": DRAFT,
        "description": "What a company will and will not concede; every offer of a deal is decided under it.",
        **policy,
        "required": list(_IN_EVERY_LAYER),
        "allOf": [{"if": {"properties": {"extends": False}}, "then": _whole()}],
        "definitions": {"conditions": _section("condition")},
    }


_IN_EVERY_LAYER = ("policy", "version")
"""Keys that no layer takes over from the one above."""
_IN_LAYERS = frozenset({"policy", "issue", "rule"})
"""Sections of which a layer may say a part, and take over the rest."""


def _whole() -> Schema:
    """Return what a policy that extends none must say; a layer may leave it to the one above."""
    built_in = {key.value.split()[0]: True for key, _ in built_in_rules()}
    return {
        "required": _required("policy"),
        "properties": {
            "issues": {"additionalProperties": {"required": _required("issue"), **_TYPED}},
            "rules": {"properties": built_in, "additionalProperties": {"required": _required("rule")}},
        },
    }


def _required(name: str) -> list[str]:
    return [f.key for f in SECTIONS[name] if f.required]


def _section(name: str) -> Schema:
    """Return the schema of a mapping with the keys of one table."""
    fields = SECTIONS[name]
    found: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {f.key: _field(f) for f in fields},
    }
    if _required(name) and name not in _IN_LAYERS:
        found["required"] = _required(name)
    return found | _MORE.get(name, {})


_ENTRIES = {
    "deal": "A fact that each deal states when it opens.",
    "issue": "An issue: one attribute that is negotiated.",
    "line_fact": "A fact that each deal states of each of its lines.",
    "line_issue": "One attribute that is negotiated of each line.",
    "line_condition": "A fact of all lines, and the condition that is asked of each.",
    "line_number": "A fact of all lines, and the number that is taken of each.",
    "table": "A decision table: its rows give values for the deals they match.",
    "pattern": "Two events of one deal, the earlier first, that mean something together.",
    "claim": "A claim: what is always so of the policy's answers, or never.",
    "rule": "A rule: where its condition holds at an event it listens to, its verdict counts.",
    "expression": "A name for a condition or a quantity.",
    "person": "A person, by an id: the names that it goes by, or these and the role in which it acts.",
    "budget": "A budget: what all deals of one key may give away together.",
    "mandate": "A role, and what it may offer by itself.",
    "label": "A role, a signal, a derived fact, a figure of lines or a word of a choice, with what people call it.",
}
"""What a name in a map stands for."""

_EMPTY = {"may"}
"""Lists that may be empty: a role may concede on nothing by itself."""
_TYPED: Schema = {"oneOf": [{"required": ["type"]}, {"required": ["one of"]}]}
_LEGS: Schema = {"enum": ["our offer", "their offer", "our acceptance", "their acceptance"]}
_MORE: dict[str, Schema] = {
    "condition": {"minProperties": 1},
    "deal": _TYPED,
    "line_fact": _TYPED,
    "line_issue": _TYPED,
    "mandate": {
        "additionalProperties": {
            "description": "How far the role may go on an issue: `at most 10%`, a word, or a list of words.",
            "anyOf": [{"type": ["string", "boolean"]}, {"type": "array", "items": {"type": ["string", "boolean"]}}],
        },
        "minProperties": 1,
    },
    "claim": {"oneOf": [{"required": ["always"]}, {"required": ["never"]}]},
    "pattern": {
        "additionalProperties": _LEGS | {"description": "A leg: a name, and the event it stands for."},
        "propertyNames": {"pattern": f"^{NAME}$", "patternErrorMessage": f"A leg's name: {_NAME_RULE}."},
        "minProperties": 3,
        "maxProperties": 3,
    },
    "rule": {
        # Twice not: a key that is left out must not begin a condition, and editors complete from `required`.
        "allOf": [
            {"if": {"not": {"properties": {"then": {"not": {"const": "escalate"}}}}}, "then": {"required": ["to"]}},
            {
                "if": {"not": {"properties": {"enforcement": {"not": {"const": "overridable"}}}}},
                "then": {"required": ["by"]},
            },
            {"if": {"required": ["door"]}, "then": {"properties": {"then": {"const": "walk"}}}},
        ]
    },
}
"""What holds between the keys of a section."""


def _field(field: Field) -> Schema:
    """Return the schema of what stands under a key."""
    shapes = [_shape(shape, field) for shape in field.shape.split("|")]
    inner: Schema = shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    found: Schema = {"description": field.meaning, "markdownDescription": field.meaning, **inner}
    if field.examples and "examples" not in found:
        found["examples"] = list(field.examples)
    if field.key in _SNIPPETS:
        found["defaultSnippets"] = [
            {"label": f"a new entry of {field.key}", "description": field.meaning, "body": _SNIPPETS[field.key]}
        ]
    return found


def _shape(shape: str, field: Field) -> Schema:
    """Return the schema of one shape; the names are those of `fields.Field`."""
    sort, _, inner = shape.partition(":")
    match sort:
        case "text" | "value":
            return {"type": ["string", "number", "boolean"]}
        case "count":
            return {
                "type": ["integer", "string"],
                "minimum": 1,
                "maximum": 999_999_999,
                "pattern": "^[1-9][0-9]{0,8}$",
                "patternErrorMessage": "A whole number, 1 or more.",
            }
        case "name":
            return {"type": "string", "pattern": f"^{NAME}$", "patternErrorMessage": f"A name: {_NAME_RULE}."}
        case "expression" | "line_number":
            return {"type": ["string", "number"]}
        case "line_condition":
            return {"type": "string"}
        case "condition":
            return {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/conditions"}]}
        case "date":
            day = "A day: `2026-10-01`."
            return {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$", "patternErrorMessage": day}
        case "label":
            text = {"type": ["string", "number", "boolean"]}
            languages = {"pattern": "^[a-z]{2,3}(-[A-Z]{2})?$", "patternErrorMessage": "A language: `en`, `de-AT`."}
            by_language = {
                "type": "object",
                "additionalProperties": text,
                "propertyNames": languages,
                "minProperties": 1,
            }
            return {"anyOf": [text, by_language]}
        case "choice":
            return _choice(field.choices)
        case "list":
            return {"type": "array", "items": _shape(inner, field), "minItems": int(field.key not in _EMPTY)}
        case "section":
            return _section(inner)
        case "map":
            return _map(inner, field)
        case _:
            raise AssertionError(f"no shape: {shape}")


def _choice(choices: tuple[str, ...]) -> Schema:
    found: Schema = {"enum": list(choices)}
    if any(c in WORDS for c in choices):
        found["markdownEnumDescriptions"] = [WORDS.get(c, "") for c in choices]
    return found


def _map(inner: str, field: Field) -> Schema:
    """Return the schema of names with something behind each; rules may be built-in ones made more severe."""
    if inner == "case":
        return {"type": "object", "additionalProperties": {"type": ["string", "number"]}, "minProperties": 1}
    entry = _section(inner) if inner in SECTIONS else _shape(inner, field)
    if inner == "person":
        entry = {"anyOf": [_shape("list:text", field), entry]}
    if inner in SHORT:
        entry = {"anyOf": [_choice(SHORT[inner]), entry]}
    some: Schema = {} if field.required else {"minProperties": 1}
    if field.key == "one of":
        return {"type": "object", "additionalProperties": entry, **some}
    if field.key == "labels":
        return {"type": "object", "additionalProperties": {"description": _ENTRIES[inner], **entry}, **some}
    if field.key == "define":
        entry = {"anyOf": [entry, _shape("condition", field)]}
    entry = {"description": _ENTRIES[inner], "markdownDescription": _ENTRIES[inner], **entry}
    found: Schema = {"type": "object", "additionalProperties": entry, **some}
    if inner in ("claim", "mandate"):
        return found | _names(RULE_NAME, _RULE_NAME_RULE)
    if inner == "rule":
        return found | {"properties": _built_in()} | _names(RULE_NAME, _RULE_NAME_RULE)
    return found if inner == "person" else found | _names(NAME, _NAME_RULE)


def _names(pattern: str, rule: str) -> Schema:
    return {"propertyNames": {"pattern": f"^{pattern}$", "patternErrorMessage": f"A name: {rule}."}}


def _built_in() -> Schema:
    """Return what a policy may say of the built-in rules."""
    fields = [f for f in SECTIONS["rule"] if f.key in _CHANGED_IN_BUILT_IN]
    found: Schema = {}
    for key, node in built_in_rules():
        why = node.get("why") if isinstance(node, source.Mapping) else None
        principle = why.value if isinstance(why, source.Scalar) else ""
        meaning = f"Built-in rule. {principle} It can be made more severe, never milder."
        change = {"type": "object", "additionalProperties": False, "properties": {f.key: _field(f) for f in fields}}
        off: Schema = {"enum": ["off"], "markdownEnumDescriptions": ["This rule does not apply."]}
        found.setdefault(
            key.value.split()[0],
            {"description": meaning, "markdownDescription": meaning}
            | ({"anyOf": [off, change]} if key.value == "short-of-want" else change),
        )
    return found
