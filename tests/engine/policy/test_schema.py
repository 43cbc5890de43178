"""The schema for editors: it knows the keys that the reader knows, accepts what it accepts, and says what is wrong."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from hypothesis import given
from tests.helpers.findings import BASE
from tests.helpers.generated import Case
from tests.helpers.strategies import bounded, cases

from walkaway.language import source
from walkaway.policy import load, read
from walkaway.policy.parse.fields import SECTIONS
from walkaway.policy.schema import json_schema

ROOT = Path(__file__).parents[3]
POLICIES = sorted([*ROOT.glob("rules/*/policy.yaml"), *ROOT.glob("cli/walkaway_cli/starter/policy.yaml")])
SHIPPED = (ROOT / "rules" / "saas-discounting" / "policy.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def validate() -> Callable[[Any], Any]:
    """Return what checks data against the schema."""
    compiled: Callable[[Any], Any] = fastjsonschema.compile(json_schema())
    return compiled


def as_editor_reads(node: source.Node) -> Any:
    """Return plain data as a YAML 1.2 reader has it: `yes` is text, `7` is a number."""
    match node:
        case source.Mapping(entries):
            return {key.value: as_editor_reads(value) for key, value in entries}
        case source.Sequence(items):
            return [as_editor_reads(item) for item in items]
        case source.Scalar(value, quoted=False) if re.fullmatch(r"[-+]?[0-9]+", value):
            return int(value)
        case source.Scalar(value, quoted=False) if re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?", value):
            return float(value)
        case source.Scalar(value, quoted=False) if value in ("true", "false", "null", "~", ""):
            return {"true": True, "false": False}.get(value)
        case source.Scalar(value):
            return value


def data_of(text: str | bytes) -> Any:
    """Read YAML as an editor does."""
    return as_editor_reads(source.read(text if isinstance(text, bytes) else text.encode(), "policy.yaml").unwrap())


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: p.parent.name)
def test_every_shipped_policy_fits(validate, policy: Path) -> None:
    """What the reader takes without an error, the schema accepts."""
    assert load(policy).value is not None
    validate(data_of(policy.read_bytes()))


@pytest.mark.slow
@bounded(60)
@given(cases(2))
def test_what_the_reader_accepts_fits(validate, case: Case) -> None:
    """No editor underlines what walkaway takes."""
    if case.read() is not None:
        validate(data_of(case.policy()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    walk: floors", "    wlak: floors"),
        ("version: ", "versoin: "),
        ("    why: ", "    becuase: "),
        ("  prepay: {type: yes/no,", "  prepay: {type: yes/no, colour: red,"),
        ("package: {base:", "package: {bsae:"),
        ("      all: [", "      every: ["),
    ],
)
def test_an_unknown_key_does_not_fit(validate, old: str, new: str) -> None:
    """A misspelt key is wrong at every level."""
    assert old in SHIPPED
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        validate(data_of(SHIPPED.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ("{why: w, on: any, then: trade}", True),
        ("{why: w, on: [our offer, tick], when: no, then: {conclude: big}}", True),
        ("{why: w, on: any, then: {conclude: Big}}", False),
        ("{why: w, on: any, then: escalate}", False),
        ("{why: w, on: any, then: escalate, to: manager}", True),
        ("{why: w, on: any, then: trade, enforcement: overridable}", False),
        ("{why: w, on: any, then: trade, enforcement: overridable, by: manager}", True),
        ("{why: w, on: any, then: trade, door: closed}", False),
        ("{why: w, on: any, then: walk, door: closed}", True),
        ("{why: w, on: any, when: {all: [a > 1, {none: [b < 2]}]}, then: trade}", True),
        ("{why: w, on: any, when: {}, then: trade}", False),
        ("{why: w, on: any, when: [a > 1], then: trade}", False),
        ("{why: w, on: an offer, then: trade}", False),
        ("{on: any, then: trade}", False),
        ("off", False),
    ],
)
def test_a_rule_fits_as_the_reader_would_have_it(validate, rule: str, fits: bool) -> None:
    """Keys that need each other are checked together."""
    text = f"{{policy: p, version: 1, side: seller, currency: USD, issues: {{}}, rules: {{r: {rule}}}}}"
    if fits:
        validate(data_of(text))
    else:
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            validate(data_of(text))


@pytest.mark.parametrize(
    ("rules", "fits"),
    [
        ("{short-of-want: off}", True),
        ("{beyond-walk: off}", False),
        ("{beyond-walk: {then: walk}}", True),
        ("{unprepared: {then: escalate, to: manager, why: Prepare.}}", True),
        ("{unprepared: {when: no}}", False),
    ],
)
def test_built_in_rules_can_be_named_as_the_reader_allows(validate, rules: str, fits: bool) -> None:
    """A built-in rule takes no condition of the policy's, and only one can be switched off."""
    text = f"{{policy: p, version: 1, side: seller, currency: USD, issues: {{}}, rules: {rules}}}"
    if fits:
        validate(data_of(text))
    else:
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            validate(data_of(text))


@pytest.mark.parametrize(("mandate", "fits"), [("{may: []}", True), ("{may: [price]}", True), ("{}", False)])
def test_a_role_may_concede_on_nothing(validate, mandate: str, fits: bool) -> None:
    """An empty list says so, and the reader takes it; nothing at all says nothing."""
    issues = "{price: {type: money, start: 5 USD, worth: 1 USD per 1 USD, least: 0 USD}}"
    text = (
        f"{{policy: p, version: 1, side: seller, currency: USD, issues: {issues}, roles: [rep, cfo], "
        f"mandates: {{rep: {mandate}}}, rules: {{}}}}"
    )
    assert (read(text.encode(), "policy.yaml", lambda name: None).errors == ()) is fits
    if fits:
        validate(data_of(text))
    else:
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            validate(data_of(text))


def test_every_key_has_its_meaning_as_hover_text() -> None:
    """The schema shows what `fields` says, word for word."""
    found: dict[str, set[str]] = {}

    def collect(node: object) -> None:
        for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            collect(part)
        if isinstance(node, dict) and "type" in node and isinstance(node.get("properties"), dict):
            for key, shown in node["properties"].items():
                found.setdefault(key, set()).add(shown.get("markdownDescription", ""))

    collect(json_schema())
    fields = [field for section in SECTIONS.values() for field in section]
    assert [f.key for f in fields if f.meaning not in found.get(f.key, ())] == []


LAYER = "policy: region\nversion: 1\nextends: ../company\n"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (LAYER, True),
        (LAYER + "issues: {discount: {walk: 10%}}\nrules: {near-the-floor: {then: refuse}}\n", True),
        (LAYER + "issues: {discount: {wlak: 10%}}\n", False),
        (LAYER.replace("version: 1\n", ""), False),
        (LAYER.replace("extends: ../company\n", ""), False),
        (BASE, True),
        (BASE.replace("{type: percent, start: 0%, ", "{"), False),
        (BASE.replace("policy: example", "policy: example\nextends: ../company"), True),
        (BASE.replace("{why: We leave people who lie., ", "{"), False),
        (BASE + "  beyond-walk: {then: walk}\n", True),
    ],
)
def test_a_layer_may_leave_to_the_one_above_what_a_policy_must_say(validate, text: str, fits: bool) -> None:
    """A type, a start, a rule's reason and whole sections; its own name and version it says itself."""
    if fits:
        validate(data_of(text))
    else:
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            validate(data_of(text))
