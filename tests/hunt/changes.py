"""Random changes of a policy as it is written: some change answers, some only the words, and `diff` has to tell."""

import copy
import re
from collections.abc import Callable
from random import Random
from typing import Any

from tests.hunt.made import LOWEST, OTHER, Made, Root

_NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w.]*\.)")
Change = Callable[[Random, Root], None]


def changed(rng: Random, made: Made) -> Made:
    """Return a case with a changed policy beside its own."""
    root = copy.deepcopy(made.roots[LOWEST])
    tables = dict(made.tables)
    for _ in range(rng.choice((1, 1, 1, 2))):
        change = rng.choice(CHANGES)
        try:
            change(rng, root)
        except (KeyError, IndexError):
            continue
    if tables and "tables" in root and rng.randrange(6) == 0:
        name = rng.choice(sorted(tables))
        other = name.replace(".csv", "_other.csv")
        tables[other] = _nudged(rng, tables[name], first=tables[name].index("\n"))
        for node in root["tables"].values():
            if node["file"] == name:
                node["file"] = other
    return Made({**made.roots, OTHER: root}, tables)


def _own(rng: Random, root: Root) -> dict[str, Any]:
    """Return one rule of the policy's own."""
    rules = [r for r in root["rules"].values() if isinstance(r, dict) and "on" in r]
    found: dict[str, Any] = rng.choice(rules)
    return found


def _nudged(rng: Random, text: str, first: int = 0) -> str:
    """Return a text in which one number is moved by one unit of its last digit, or by one."""
    places = [m for m in _NUMBER.finditer(text) if m.start() >= first]
    if not places:
        raise IndexError
    at = rng.choice(places)
    digits = len(at[0].partition(".")[2])
    step = rng.choice((1, 10 ** -min(digits, 4) if digits else 1))
    moved = max(0.0, float(at[0]) + rng.choice((-1, 1)) * step)
    return f"{text[: at.start()]}{moved:.{digits}f}{text[at.end() :]}"


def nudge(rng: Random, root: Root) -> None:
    """Move a number of a condition."""
    rule = _own(rng, root)
    key = rng.choice([k for k in ("when", "unless") if k in rule])
    if isinstance(rule[key], str):
        rule[key] = _nudged(rng, rule[key])


def nudge_limit(rng: Random, root: Root) -> None:
    """Move a limit, a start value, a worth or the base."""
    node = rng.choice([*root["issues"].values(), root["package"]])
    key = rng.choice([k for k in ("start", "worth", "wish", "want", "walk", "base") if k in node])
    node[key] = _nudged(rng, str(node[key]))


def drop_limit(rng: Random, root: Root) -> None:
    """Take a limit away."""
    node = rng.choice([*root["issues"].values(), root["package"]])
    del node[rng.choice([k for k in ("wish", "want", "walk") if k in node])]


def drop_rule(rng: Random, root: Root) -> None:
    """Take a rule away."""
    if len(root["rules"]) > 1:
        del root["rules"][rng.choice(sorted(root["rules"]))]


def other_verdict(rng: Random, root: Root) -> None:
    """Give a rule another verdict."""
    rule = _own(rng, root)
    if isinstance(rule["then"], str) and rule["then"] not in ("walk", "escalate"):
        rule["then"] = rng.choice(("proceed", "trade", "hold", "refuse"))


def enforcement(rng: Random, root: Root) -> None:
    """Enforce a rule otherwise."""
    rule = _own(rng, root)
    if isinstance(rule["then"], str):
        how = rng.choice(("mandatory", "advisory", "shadow", "overridable"))
        rule.pop("by", None)
        rule["enforcement"] = how
        if how == "overridable":
            rule["by"] = rng.choice(root["roles"])


def approver(rng: Random, root: Root) -> None:
    """Let another role lift a rule, or be asked."""
    rule = _own(rng, root)
    key = rng.choice([k for k in ("by", "to") if k in rule])
    rule[key] = rng.choice(root["roles"])


def roles(rng: Random, root: Root) -> None:
    """Give the roles another order, or one more."""
    root["roles"] = rng.choice((root["roles"][::-1], [*root["roles"], "board"], ["clerk", *root["roles"]]))


def listen(rng: Random, root: Root) -> None:
    """Let a rule hear something else."""
    _own(rng, root)["on"] = rng.choice(("our offer", "their offer", "our terms", "any"))


def default(rng: Random, root: Root) -> None:
    """Add, change or take away the default of a deal fact, or make it optional."""
    name = rng.choice([n for n in root["deal"] if n != "list_price"])
    node = root["deal"][name]
    kind = node if isinstance(node, str) else node.get("type")
    whole = {"type": node} if isinstance(node, str) else dict(node)
    values = {"count": "10", "percent": "5%", "yes/no": "yes", "days": "14 days", "months": "12 months"}
    if "default" in whole and rng.randrange(2):
        del whole["default"]
    elif kind in values or "one of" in whole:
        whole["default"] = values[kind] if kind in values else rng.choice(whole["one of"])
    else:
        whole["optional"] = "yes"
    root["deal"][name] = whole


def bound(rng: Random, root: Root) -> None:
    """Bound a deal fact or an issue."""
    name = rng.choice(sorted(root["issues"]))
    units = {"percent": "%", "months": " months", "days": " days", "count": "", "number": ""}
    node = root["issues"][name]
    node["most"] = f"{rng.choice((50, 100))}{units[node['type']]}"


def counting(rng: Random, root: Root) -> None:
    """Count from another base, or take undeclared terms otherwise."""
    if rng.randrange(2):
        was = root.get("theirs_base", "said")
        root["theirs_base"] = rng.choice([base for base in ("said", "walk", "start") if base != was])
    else:
        root["undeclared"] = rng.choice(("hold", "refuse", "ignore"))


def silent(rng: Random, root: Root) -> None:
    """Add a rule that decides nothing."""
    like = dict(_own(rng, root))
    if isinstance(like["then"], str):
        like.pop("by", None)
        root["rules"]["more"] = like | {"enforcement": rng.choice(("advisory", "shadow"))}


def twin(rng: Random, root: Root) -> None:
    """Add a rule that says what another says, or something milder at the same condition."""
    like = dict(_own(rng, root))
    if isinstance(like["then"], str):
        if rng.randrange(2) and like["then"] in ("hold", "refuse"):
            like["then"] = "trade"
        root["rules"]["twin"] = like


def built_in(rng: Random, root: Root) -> None:
    """Change a built-in rule."""
    name = rng.choice(("short-of-want", "beyond-walk", "unprepared", "less-than-they-offer"))
    root["rules"][name] = rng.choice(({"then": "refuse"}, {"then": "walk", "door": "open"}, {"say": "No."}, "off"))


def reworded(rng: Random, root: Root) -> None:
    """Write a condition in other words: nothing changes."""
    rule = _own(rng, root)
    key = rng.choice([k for k in ("when", "unless") if k in rule])
    was = rule[key]
    rule[key] = rng.choice(
        ({"all": [was]}, {"any": [was, was]}, {"none": [{"none": [was]}]}, {"all": [was, {"any": [was]}]})
    )


def reordered(rng: Random, root: Root) -> None:
    """Write rules in another order, with other words: nothing changes."""
    root["rules"] = dict(rng.sample(sorted(root["rules"].items()), len(root["rules"])))
    rule = _own(rng, root)
    rule |= {"why": "Another reason."}
    if rule["then"] != "walk":
        rule["say"] = "We would rather not."


def unreachable(rng: Random, root: Root) -> None:
    """Add an alternative to a condition that never holds: nothing changes."""
    rule = _own(rng, root)
    if "when" in rule:
        never = rng.choice(("ours.offers < 0", "theirs.offers < 0", "missing.items < 0"))
        rule["when"] = {"any": [rule["when"], never]}


def joined(rng: Random, root: Root) -> None:
    """Move a condition under `define:`: nothing changes."""
    rule = _own(rng, root)
    if isinstance(rule.get("when"), str):
        root.setdefault("define", {})["moved_out"] = rule["when"]
        rule["when"] = "moved_out"


def pattern(rng: Random, root: Root) -> None:
    """Change a pattern's condition."""
    node = rng.choice(list(root["pattern"].values()))
    node["when"] = _nudged(rng, node["when"])


CHANGES: tuple[Change, ...] = (
    nudge, nudge, nudge, nudge_limit, nudge_limit, drop_limit, drop_rule, other_verdict, enforcement, approver, roles,
    listen, default, default, default, bound, counting, silent, silent, twin, twin, built_in, reworded, reworded,
    reworded, reordered, reordered, unreachable, unreachable, joined, joined, pattern,
)  # fmt: skip
