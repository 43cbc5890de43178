"""Events and verdicts as AsyncAPI 3.0 with JSON Schema: docs/events.asyncapi.json, for code generators and gateways.

`python -m tests.helpers.asyncapi` writes it anew from the fields that the decoder knows. It takes every event that the
decoder takes in its plain form; what only a policy knows, which issue a term is and which values it has, is not in it.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from walkaway.deal.decode.builders import _COMMON, _FIELDS, _OF_NO_DEAL, _REQUIRED
from walkaway.events import EVERY_DEAL, Door, On, Party, Verdict

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "events.asyncapi.json"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

Schema = dict[str, Any]

VALUE: Schema = {
    "description": "A value as people write it: `12%`, `10,000 USD`, `yes`; a number where it means one thing.",
    "type": ["string", "number", "boolean", "null"],
}
LINES: Schema = {
    "description": "The lines of a deal, where its policy has `lines:`: line → what is said of it.",
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": VALUE},
}
NAMED: Schema = {"anyOf": [VALUE, LINES]}
TEXT: Schema = {"type": "string", "minLength": 1}
INSTANT: Schema = {"type": "string", "format": "date-time", "description": "RFC 3339"}
FLAG: Schema = {"enum": [True, False, "yes", "no"]}
WHO: Schema = {"enum": [party.value for party in Party]}
TERMS: Schema = {"type": "object", "additionalProperties": NAMED, "description": "Issue → value."}
NAMES: Schema = {"type": "array", "items": TEXT}
LIMITS: Schema = {
    "type": "object",
    "description": "Issue, or `package` → its limits in this deal.",
    "additionalProperties": {
        "type": "object",
        "properties": {"wish": VALUE, "want": VALUE, "walk": VALUE},
        "additionalProperties": False,
    },
}
ALTERNATIVE: Schema = {
    "type": "object",
    "properties": {"name": TEXT, "kind": TEXT, "worth": VALUE, "until": INSTANT, "actor": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
RATE: Schema = {
    "description": "The rate at which the policy's amounts are converted: `now` in an update, for the one published"
    " last, or one that the event brings: how much of the deal's currency one unit of the policy's is.",
    "anyOf": [
        {"const": "now"},
        {
            "type": "object",
            "properties": {"rate": TEXT, "day": {"type": "string", "format": "date"}, "source": TEXT},
            "required": ["rate", "day", "source"],
            "additionalProperties": False,
        },
    ],
}
FIELDS: dict[str, Schema] = {
    "id": TEXT,
    "deal": TEXT,
    "at": INSTANT,
    "type": TEXT,
    "actor": {"type": "string"},
    "confirmed": FLAG,
    "facts": {"type": "object", "additionalProperties": NAMED, "description": "Deal fact → value."},
    "terms": TERMS,
    "packages": {"type": "array", "items": TERMS, "minItems": 2},
    "limits": LIMITS,
    "batna": VALUE,
    "alternatives": {"type": "array", "items": ALTERNATIVE, "minItems": 1},
    "party": TEXT,
    "follows": TEXT,
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "Of the deal; the policy's, if left out."},
    "fx": RATE,
    "role": TEXT,
    "by": WHO,
    "final": FLAG,
    "until": INSTANT,
    "note": {"type": "string"},
    "via": {"type": "string"},
    "issues": NAMES,
    "of": TEXT,
    "package": {"type": "integer", "minimum": 1},
    "kind": TEXT,
    "policy": TEXT,
    "approver": {"type": "string"},
    "rules": NAMES,
    "override": NAMES,
    "reason": TEXT,
    "outcome": {"enum": ["won", "lost", "walked"]},
    "asked": {"type": "string"},
    "yes": FLAG,
    "cost": {"enum": [0, 1, 2]},
    "permit": TEXT,
    "delivered": {**NAMES, "minItems": 1, "description": "The issues of which they delivered what they owe."},
    "proof": TEXT,
}
"""What each field of an event may hold."""


def document() -> Schema:
    """Return the document."""
    messages = {sort: {"payload": {"$ref": f"#/components/schemas/{sort}"}} for sort in _FIELDS}
    messages["decision"] = {"payload": {"$ref": "#/components/schemas/decision"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "walkaway", "version": VERSION, "license": {"name": "MIT"}},
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "description": "What happened in deals: what `walkaway run --from` reads, one object a message.",
                "messages": {sort: {"$ref": f"#/components/messages/{sort}"} for sort in _FIELDS},
            },
            "decisions": {
                "description": "What each event is answered: what `walkaway run --to` writes with `--format full`.",
                "messages": {"decision": {"$ref": "#/components/messages/decision"}},
            },
        },
        "operations": {
            "decide": {"action": "receive", "channel": {"$ref": "#/channels/events"}},
            "tell": {"action": "send", "channel": {"$ref": "#/channels/decisions"}},
        },
        "components": {"messages": messages, "schemas": {**{s: event(s) for s in _FIELDS}, "decision": DECISION}},
    }


def event(sort: str) -> Schema:
    """Return the schema of the events of a type."""
    names = (*_COMMON, *_FIELDS[sort])
    of_none = sort in _OF_NO_DEAL
    fields = {**FIELDS, "type": {"const": sort}, **({"deal": {"const": EVERY_DEAL}} if of_none else {})}
    return {
        "type": "object",
        "properties": {name: fields[name] for name in names},
        "required": ["id", *(() if of_none else ("deal",)), "at", "type", *_REQUIRED.get(sort, ())],
        "additionalProperties": False,
    }


DECISION: Schema = {
    "type": "object",
    "properties": {
        "event": TEXT,
        "deal": TEXT,
        "at": INSTANT,
        "on": {"enum": [str(on) for on in On]},
        "verdict": {"enum": [verdict.value for verdict in Verdict]},
        "door": {"enum": [None, *(door.value for door in Door)]},
        "reasons": {"type": "array", "items": {"type": "object", "required": ["rule", "effect", "standing"]}},
        "obligations": {"type": "array", "items": {"type": "object", "required": ["kind", "rule", "what"]}},
        "counteroffers": {"type": "array", "items": {"type": "object", "required": ["terms", "verdict"]}},
        "policy": {"type": "object", "required": ["name", "version", "sha256"]},
        "currency": {"type": "string", "description": "Of the deal, where it is not the policy's own."},
        "rates": {"type": "array", "items": {"type": "object", "required": ["pair", "rate", "day", "sha256"]}},
    },
    "required": ["event", "deal", "at", "on", "verdict", "reasons", "policy"],
}
"""The fields of a decision that never change their meaning; there are more."""


def text() -> str:
    """Return the document as the file has it."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8", newline="\n")
