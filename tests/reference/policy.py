"""What a policy says, read with plain PyYAML: worths, limits, rules and layers. Shares no code with the engine.

A policy is the dict that its YAML is; layers are a list of such dicts, the uppermost first. `Policy(layers)` is what
they say together: limits are the tighter ones, and rules only add to each other.
"""

import csv
import unicodedata
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml
from tests.reference.conditions import Expression, Value, names, value

Package = dict[str, Value]
"""Issue → value, every declared issue present; terms that nobody declared stand in it beside them."""

VERDICTS = ("proceed", "trade", "hold", "escalate", "refuse", "walk")
THRESHOLDS = ("wish", "want", "walk")
LEDGER = ("give", "asked", "get", "move", "balance", "ours", "theirs", "room", "offer")
"""Groups of facts that are computed from worths: whoever reads one reads the facts that the worths rest on."""
OURS = ("our offer", "our acceptance", "their acceptance", "our terms")
TERMS = (*OURS, "their offer")

BUILT_IN = {
    "beyond-walk": {"on": ["our offer", "our acceptance", "their acceptance"], "then": "refuse"},
    "beyond-walk theirs": {"on": ["their offer"], "then": "trade"},
    "short-of-want": {"on": ["their offer"], "then": "trade"},
    "unprepared": {"on": list(TERMS), "then": "hold"},
    "left": {"on": ["our terms"], "then": "refuse"},
    "unvalued": {"on": list(TERMS), "then": "hold"},
    "less-than-they-offer": {"on": ["our offer"], "then": "hold"},
}
"""The rules every policy has. Their conditions stand in `calculus.py`, since they are the calculus."""


def load(folder: Path) -> dict[str, object]:
    """Return a policy as the dict its YAML is, every scalar a text, the rows of its tables read in."""
    policy = yaml.load((folder / "policy.yaml").read_text(), yaml.BaseLoader)
    for table in policy.get("tables", {}).values():
        if "file" in table:
            table["rows"] = list(csv.DictReader((folder / table["file"]).read_text().splitlines()))
    return policy


def folded(name: object) -> str:
    """Return a name as names are compared: NFKC, case folded, without unseen signs, blanks joined."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", str(name or "")).casefold()).casefold()
    text = unicodedata.normalize("NFKC", text)
    return " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())


class Policy:
    """What layers say together.

    Args:
        layers: The policy judged by, and all above it, the uppermost first.
        below: Layers that add issues under it. They are declared, and worth at most what it allows, at least nothing.
    """

    def __init__(self, layers: list[dict], below: list[dict] = ()) -> None:
        self.layers = layers
        self.below = [name for layer in below for name in layer.get("issues", {})]
        self.issues: dict[str, list[dict]] = {}
        self.deal: dict[str, object] = {}
        self.definitions: dict[str, object] = {}
        self.tables: dict[str, dict] = {}
        self.patterns: dict[str, dict] = {}
        self.signals: list[str] = []
        self.roles: list[str] = []
        self.rules: list[dict] = []
        self.settings: dict[str, object] = {}
        self.people: dict[str, list[str]] = {}
        self.packages: list[dict] = []
        self.results: dict[tuple, Any] = {}
        for place, layer in enumerate((*layers, *below)):
            upper = place < len(layers)
            for name, issue in layer.get("issues", {}).items():
                if upper or name not in self.issues:
                    self.issues.setdefault(name, []).append(issue)
            self.deal = {**layer.get("deal", {}), **self.deal}
            self.tables = {**layer.get("tables", {}), **self.tables}
            if not upper:
                continue
            self.below = [name for name in self.below if name not in layer.get("issues", {})]
            self.definitions = {**layer.get("define", {}), **self.definitions}
            self.patterns = {**layer.get("pattern", {}), **self.patterns}
            self.signals += [s for s in layer.get("signals", []) if s not in self.signals]
            self.roles = [r for r in layer.get("roles", []) if r not in self.roles] + self.roles
            self.packages += [layer["package"]] if "package" in layer else []
            self.people = {**layer.get("people", {}), **self.people}
            for key in ("theirs_base", "undeclared", "clock", "allows"):
                if key in layer:
                    self.settings.setdefault(key, layer[key])
            self.rules += self._rules(layer)

    def _rules(self, layer: dict) -> list[dict]:
        """Return the rules of one layer. One that is there already keeps its effect, and gets another beside it."""
        found = []
        if layer is self.layers[0]:
            found = [{"id": name, **rule} for name, rule in BUILT_IN.items()]
            undeclared = layer.get("undeclared", "hold")
            found = [
                {**r, "then": undeclared} if r["id"] == "unvalued" else r
                for r in found
                if not (r["id"] == "unvalued" and undeclared == "ignore")
            ]
        off = {"short-of-want"} if layer.get("rules", {}).get("short-of-want") == "off" else set()
        found = [r for r in found if r["id"] not in off]
        for name, rule in layer.get("rules", {}).items():
            if rule == "off":
                continue
            above = next((r for r in (*self.rules, *found) if r["id"] == name), {})
            found.append({**above, **rule, "id": name})
        return found

    # --- Numbers --------------------------------------------------------------------------------------------------

    def known(self, facts: Mapping[str, Value]) -> dict[str, Value]:
        """Return `deal.NAME` for every deal fact, defaults included."""
        found: dict[str, Value] = {}
        for name, said in self.deal.items():
            default = said.get("default") if isinstance(said, dict) else None
            found[f"deal.{name}"] = facts.get(name, value(default))
        return found

    def missing(self, facts: Mapping[str, Value]) -> list[str]:
        """Return the deal facts that are asked for and not stated."""
        optional = {n for n, s in self.deal.items() if isinstance(s, dict) and s.get("optional") in ("yes", True)}
        return [n for n, v in self.known(facts).items() if v is None and n.removeprefix("deal.") not in optional]

    def number(self, text: object, facts: Mapping[str, Value]) -> Value:
        """Return what an expression of the deal's facts comes to."""
        return Expression(str(text)).evaluate(self.known(facts), self.definitions, self.cell)

    def cell(self, table: str, keys: list[Value], column: str) -> Value:
        """Return the cell of the first row whose keys match."""
        said = self.tables[table]
        columns = said["key"] if isinstance(said["key"], list) else [said["key"]]
        for row in said["rows"]:
            if all(row[c] in ("", "*", "-") or value(row[c]) == k for c, k in zip(columns, keys, strict=True)):
                return value(row[column])
        return None

    def remembered(self, compute: Callable[..., Any], facts: Mapping[str, Value], *args: Value) -> Any:
        """Return what a method computes from facts, which is the same as often as it is asked."""
        key = (compute.__name__, args, frozenset(facts.items()))
        if key not in self.results:
            self.results[key] = compute(*args, facts)
        return self.results[key]

    def start(self, facts: Mapping[str, Value]) -> Package:
        """Return the start terms."""
        return dict(self.remembered(self._start, facts))

    def _start(self, facts: Mapping[str, Value]) -> Package:
        return {
            name: value(said[0]["start"]) if isinstance(value(said[0]["start"]), bool) or "one of" in said[0]
            else self.number(said[0]["start"], facts)
            for name, said in self.issues.items()
        }  # fmt: skip

    def worth(self, issue: str, at: Value, facts: Mapping[str, Value]) -> Fraction | None:
        """Return what a value is worth to us, over the start value of its issue."""
        return self.remembered(self._worth, facts, issue, at)

    def _worth(self, issue: str, at: Value, facts: Mapping[str, Value]) -> Fraction | None:
        said, start = self.issues[issue][0], self.start(facts)[issue]
        if "one of" in said:
            of = {str(k): self.number(v, facts) for k, v in said["one of"].items()}
            worth = None if None in (of[at], of[start]) else of[at] - of[start]
        elif said["type"] == "yes/no":
            each = self.number(said["worth"], facts)
            worth = None if each is None else each * (int(at) - int(start))
        else:
            rate = Expression(str(said["worth"])).rate(self.known(facts), self.cell)
            worth = None if rate is None or start is None else rate * (at - start)
        if worth is None or (len(self.layers) == 1 and not self.below):
            return worth
        return self._allowed(issue, worth)

    def _allowed(self, issue: str, worth: Fraction) -> Fraction:
        """Return the worth that a layer's new issue may have: at most what each layer above it allows."""
        if issue in self.below:
            return max(Fraction(0), min(worth, self._allowance(self.layers)))
        owner = next(n for n, layer in enumerate(self.layers) if issue in layer.get("issues", {}))
        return min(worth, self._allowance(self.layers[:owner])) if owner else worth

    def _allowance(self, above: list[dict]) -> Fraction:
        return min(value(layer.get("allows", {}).get("issue_worth", "0")) for layer in above)

    def total(self, package: Package, facts: Mapping[str, Value]) -> Fraction:
        """Return W: the worth of a package over the start terms."""
        return sum((self.worth(i, package[i], facts) for i in self.issues), Fraction(0))

    def base(self, facts: Mapping[str, Value]) -> Fraction | None:
        """Return what the start terms are worth."""
        return self.remembered(self._base, facts)

    def _base(self, facts: Mapping[str, Value]) -> Fraction | None:
        return self.number(self.packages[0].get("base", "0"), facts) if self.packages else Fraction(0)

    def other(self, package: Package) -> Package:
        """Return the terms of a package that nobody declared."""
        return {name: at for name, at in package.items() if name not in self.issues}

    def no_worse(self, one: Package, another: Package, facts: Mapping[str, Value]) -> bool:
        """Tell whether *one* is on every declared issue at least as good for us as *another*."""
        return all(self.worth(i, one[i], facts) >= self.worth(i, another[i], facts) for i in self.issues)

    # --- Limits ---------------------------------------------------------------------------------------------------

    def limits(
        self, facts: Mapping[str, Value], given: Mapping[str, Mapping[str, Value]]
    ) -> tuple[dict[str, Value], list[str]]:
        """Return `walk.discount` and the like, of all layers and the deal the tightest, and those still missing."""
        found: dict[str, Value] = {}
        missing = []
        for name, sources in (*self.issues.items(), ("package", self.packages)):
            if name in self.below:
                continue
            for threshold in THRESHOLDS:
                said = [s[threshold] for s in sources if threshold in s]
                values = [self.limit(name, text, facts) for text in said if text != "per deal"]
                if (deals := given.get(name, {}).get(threshold)) is not None:
                    values = [*values, deals] if threshold == "walk" else [deals]
                elif threshold == "walk" and ("per deal" in said or None in values):
                    missing.append(f"walk.{name}")
                values = [v for v in values if v is not None]
                for at in values:
                    old = found.get(f"{threshold}.{name}")
                    if old is None or self.tighter(name, at, old, facts):
                        found[f"{threshold}.{name}"] = at
        return found, missing

    def limit(self, name: str, text: object, facts: Mapping[str, Value]) -> Value:
        said = self.issues[name][0] if name != "package" else {}
        return value(text) if "one of" in said or said.get("type") == "yes/no" else self.number(text, facts)

    def tighter(self, name: str, one: Value, another: Value, facts: Mapping[str, Value]) -> bool:
        """Tell whether a limit is better for us than another one."""
        if name in ("package", "batna"):
            return one > another
        return self.worth(name, one, facts) > self.worth(name, another, facts)

    def reads(self, rule: dict) -> set[str]:
        """Return the deal facts, limits and alternatives that a rule reads, also through tables, definitions, worths.

        What approves a rule away covers it only as long as these are what they were.
        """
        texts = [rule[k] for k in ("when", "unless") if k in rule]
        read = {n for text in texts for n in names(text, self.definitions)}
        if rule["id"] in BUILT_IN:
            read |= {"room.beyond_walk", "room.short_of_want", "batna.worth", *(f"deal.{n}" for n in self.deal)}
        if any(n.split(".")[0] in LEDGER for n in read):
            read |= {n for s in self.issues.values() for n in names(s[0].get("worth", s[0].get("one of")), {})}
            read |= {n for s in self.issues.values() for n in names(s[0]["start"], {})}
        if "offer.worth" in read or "room.package" in read or "room.beyond_walk" in read:
            read |= {n for p in self.packages[:1] for n in names(p.get("base", "0"), {})}
        for name in [n for n in read if n.split(".")[0] in (*THRESHOLDS, "room")]:
            which, _, issue = name.partition(".")
            every = [*self.issues, "package"] if issue in ("beyond_walk", "short_of_want") else [issue]
            threshold = "want" if issue == "short_of_want" else "walk" if which == "room" else which
            for one in every:
                read.add(f"{threshold}.{one}")
                for said in self.packages if one == "package" else self.issues.get(one, []):
                    read |= set(names(said.get(threshold, ""), self.definitions))
        return {n for n in read if n.split(".")[0] in ("deal", *THRESHOLDS, "batna")}

    # --- People ---------------------------------------------------------------------------------------------------

    def person(self, name: object) -> str:
        """Return who a name is; empty where nobody is known by it."""
        if not self.people:
            return folded(name)
        return next((i for i, also in self.people.items() if folded(name) in map(folded, (i, *also))), "")

    def rank(self, role: str) -> int:
        """Return a role's authority; -1 where it has none."""
        return self.roles.index(role) if role in self.roles else -1
