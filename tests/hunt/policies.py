"""Random policies, through the real reader: wild ones, small ones for the solver, layers, and ones that bargain."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from tests.helpers.generated import generate
from tests.helpers.generated.case import _written
from tests.helpers.generated.declarations import Draft
from tests.helpers.generated.rules import Rules
from tests.hunt.made import LOWEST, UPPER, Made, Root, made_of

from walkaway.events import Verdict

VERDICTS = tuple(v.value for v in Verdict)
EVEN = {"why": "w", "on": "our terms", "when": "give.value > get.value", "then": "trade"}
LIED = {"why": "w", "on": "any", "when": "signals.deception >= 1", "then": "walk", "door": "closed"}


def wild(rng: Random) -> Made:
    """Return any policy, with a deal that reaches what its rules compare; now and then one that bargains."""
    if rng.randrange(12) == 0:
        return bargaining(rng)
    return _dressed(rng, made_of(generate(rng, 14)))


def small(rng: Random) -> Made:
    """Return a small policy, with claims of its own that may well be proved."""
    made = _dressed(rng, made_of(generate(rng, 8, small=True)))
    root = made.roots[LOWEST]
    claims = _claims(rng, root)
    return made.with_root({**root, "prove": claims} if claims else root)


def _dressed(rng: Random, made: Made) -> Made:
    """Add what generated cases leave out: bounds, a base, undeclared terms, rules that people write."""
    root = dict(made.roots[LOWEST])
    rules = dict(root["rules"])
    if rng.randrange(3) == 0:
        rules["even"] = EVEN
    if rng.randrange(3) == 0:
        root["signals"] = list(dict.fromkeys([*root.get("signals", []), "deception"]))
        rules["lied"] = LIED
    if rng.randrange(5) == 0:
        root["theirs_base"] = rng.choice(("walk", "start", "said"))
    if rng.randrange(6) == 0:
        root["undeclared"] = rng.choice(("hold", "refuse", "ignore"))
    if rng.randrange(8) == 0:
        root["people"] = {"ann": ["Ann Lee", "ann"], "bo": ["bo"], "dee": ["dee"]}
    if root.get("roles") and rng.randrange(6) == 0:
        role = rng.choice(root["roles"])
        rules["asks-two"] = {
            "why": "w", "on": "our terms", "when": "give.value > 0 " + root["currency"],
            "then": "escalate", "to": {"role": role, "count": str(rng.choice((1, 2)))},
        }  # fmt: skip
    return made.with_root({**root, "rules": rules})


def _claims(rng: Random, root: Root) -> dict[str, Any]:
    """Return claims under `prove:` that follow from rules, or nearly do."""
    found: dict[str, Any] = {}
    for name, rule in root["rules"].items():
        if not isinstance(rule, dict) or not isinstance(rule.get("then"), str) or "when" not in rule:
            continue
        if rule["then"] == "proceed" or rng.randrange(4) == 0:
            continue
        milder = VERDICTS[: VERDICTS.index(rule["then"])]
        for answer in dict.fromkeys((*milder, rng.choice(VERDICTS))):
            never: list[Any] = [rule["when"], f"verdict = {answer}"]
            if "unless" in rule:
                never.append({"none": [rule["unless"]]})
            found[f"{name}-never-{answer}"] = {"never": {"all": never}, "on": rule["on"]}
    return found


def layered(rng: Random) -> Made:
    """Return a policy under another one: new issues and rules, tightened limits, effects added to rules above."""
    draft = Draft(rng, small=bool(rng.randrange(2)))
    upper = Rules(rng, draft, []).root()
    below = Rules(rng, draft, [])
    lower: dict[str, Any] = {"policy": "lower", "version": 1, "extends": UPPER}
    rules: dict[str, Any] = {f"l{n}": below.rule(None) for n in range(rng.randint(0, 3))}
    named = {r: n for r, n in upper["rules"].items() if isinstance(n, dict) and isinstance(n.get("then"), str)}
    if named and rng.randrange(2):
        name = rng.choice(sorted(named))
        for key in ("door", "to", "by", "enforcement"):
            named[name] = {k: v for k, v in named[name].items() if k != key}
        rules[name] = named[name] | rng.choice(({"then": "refuse"}, {"then": "hold"}, {"then": "trade"}))
    if rng.randrange(3) == 0:
        walks: Root = {"then": "walk", "door": "open"}
        rules[rng.choice(("short-of-want", "beyond-walk", "unprepared"))] = rng.choice((walks, walks, "off"))
    if draft.roles and rng.randrange(3) == 0:
        lower["roles"] = rng.choice((["clerk", *draft.roles], list(draft.roles), [*draft.roles, "boss"]))
    issues: dict[str, Any] = {}
    if rng.randrange(2):
        worth = f"{rng.choice((1, 900, 5_000_000))} {draft.currency}"
        if rng.randrange(4) == 0:
            upper["allows"] = {"issue_worth": f"1000 {draft.currency}"}
        elif rng.randrange(3) == 0:  # it rests on a fact that nobody states above; worth nothing there, it is known
            lower["deal"], worth = {"size": "money"}, "5% of deal.size"
        issues["extra"] = {"type": "yes/no", "start": "no", "worth": worth}
    if rng.randrange(2):
        one = rng.choice(draft.issues)
        if one.better and one.unit.is_numeric and "walk" in one.node and not one.per_deal:
            issues[one.name] = {"walk": one.node[rng.choice([t for t in ("want", "wish", "walk") if t in one.node])]}
    if issues:
        lower["issues"] = issues
    if rng.randrange(5) == 0:
        lower["undeclared"] = rng.choice(("refuse", "ignore", "hold"))
    lower["rules"] = rules
    return Made({LOWEST: plain(lower), UPPER: plain(upper)}, draft.files)


def plain(root: Mapping[str, Any]) -> Root:
    """Return a tree without marks of the mirror."""
    found: Root = json.loads(json.dumps(_written(dict(root), False)))
    return found


# Policies that bargain


TERMS = {"12 months": 1, "24 months": 2, "36 months": 3}
"""The values of a selector, with how many years each is."""


def _told_apart(rng: Random, issues: dict[str, Any], package: Root | None) -> Root:
    """Return issues and package with worths and limits that hang on a term of one to three years."""
    discount = {key: value for key, value in issues["discount"].items() if key != "worth"}
    discount |= {"by": "term", "worth": {at: f"-{years}% of deal.list_price per 1%" for at, years in TERMS.items()}}
    if "walk" in discount and rng.randrange(2):
        discount["walk"] = dict(zip(TERMS, ("20%", "18%", "15%"), strict=True))
    term = {"type": "months", "values": list(TERMS), "start": rng.choice(("12 months", "24 months"))}
    base = {at: f"{years * 100}% of deal.list_price" for at, years in TERMS.items()}
    whole = {"by": "term", "base": base} | ({} if package is None else {"walk": "80% of package.base"})
    return {"issues": {**issues, "discount": discount, "term": term}, "package": whole}


def bargaining(rng: Random) -> Made:
    """Return a policy of rules that the laws of the calculus are about, with odd worths, currencies and amounts."""
    currency = rng.choice(("USD", "JPY", "KWD"))
    worths = ("1% of deal.list_price per 1%", "deal.list_price / 300 per 1%", f"7 {currency} / 3 per 1%")
    walk, want = rng.choice(("20%", "33.3333%", None)), rng.choice(("8%", "5%", None))
    discount = {"type": "percent", "start": "0%", "worth": f"-1 * ({rng.choice(worths)[:-7]}) per 1%"}
    discount |= {k: v for k, v in (("want", want), ("walk", walk)) if v}
    issues: dict[str, Any] = {"discount": discount}
    if rng.randrange(3):
        least = f"min(1% of deal.list_price, {rng.randint(1, 900)} {currency})"
        worth = rng.choice(("0.125% of deal.list_price", f"10 {currency} / 3", least))
        issues["term"] = {"type": "months", "start": "12 months", "worth": f"{worth} per month"}
    if rng.randrange(2):
        issues["prepay"] = {"type": "yes/no", "start": "no", "worth": "2% of deal.list_price"}
    if rng.randrange(3) == 0:
        issues["support"] = {"one of": {"basic": f"0 {currency}", "gold": "-4% of deal.list_price"}, "start": "basic"}
    rules: dict[str, Any] = {"even": EVEN}
    extra: dict[str, Any] = {
        "cap": {"on": "our terms", "when": "give.net - ours.net > 15% of deal.list_price", "then": "refuse"},
        "near": {"on": "our terms", "when": "room.discount < 3% and give.value > 0 " + currency, "then": "escalate",
                 "to": "director"},
        "below": {"on": "our terms", "when": "room.short_of_want >= 1 and give.value > 0 " + currency,
                  "then": "escalate", "to": "manager"},
        "wait": {"on": ["our offer", "our acceptance"], "when": "ours.in_a_row >= 1 and give.net > 0 " + currency,
                 "then": "hold"},
        "never": {"on": ["our offer", "our acceptance"], "when": "ours.unreturned >= 3 and give.net > 0 " + currency,
                  "then": "walk"},
        "big": {"on": "our terms", "when": "give.run > 6% of deal.list_price", "then": "hold"},
        "busy": {"on": "our terms", "when": "deal.seats < 10 and give.value > 0 " + currency, "then": "hold"},
    }  # fmt: skip
    if not walk:
        del extra["near"]
    if not want:
        del extra["below"]
    for name in rng.sample(sorted(extra), rng.randint(0, len(extra))):
        rules[name] = {"why": "w", **extra[name]}
    if rng.randrange(6) == 0:
        del rules["even"]
        rules = rules or {"busy": {"why": "w", **extra["busy"]}}
    root: Root = {
        "policy": "bargains", "version": 1, "side": "seller", "currency": currency,
        "deal": {"list_price": "money", "seats": {"type": "count", "default": "50"}},
        "issues": issues, "roles": ["manager", "director"], "rules": rules,
    }  # fmt: skip
    if rng.randrange(2):
        root["package"] = {"base": "deal.list_price", "walk": f"{rng.choice((80, 90))}% of deal.list_price"}
    if rng.randrange(5) == 0:
        root |= _told_apart(rng, issues, root.get("package"))
    if rng.randrange(3) == 0:
        root["theirs_base"] = rng.choice(("walk", "walk", "start"))
    return Made({LOWEST: root})
