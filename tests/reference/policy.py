"""What the layers of a policy say together, and what its texts come to in a deal. Judges nothing.

Shares no code with the engine.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from tests.reference.reading import Facts, Reader, Value, folded, names, value

LIMITS = ("wish", "want", "walk")
BEYOND = "room.beyond_walk >= 1 or offer.worth <= batna.worth"
BUILT_IN: tuple[dict, ...] = (
    {"id": "beyond-walk", "on": "our terms", "when": BEYOND, "then": "refuse"},
    {"id": "beyond-walk", "on": "their offer", "when": BEYOND, "then": "trade"},
    {"id": "short-of-want", "on": "their offer", "when": "room.short_of_want >= 1", "then": "trade"},
    {"id": "less-than-they-offer", "on": "our offer", "when": "offer.worth < theirs.worth", "then": "hold"},
    {"id": "unprepared", "on": ["our terms", "their offer"], "when": "missing.items >= 1", "then": "hold"},
    {"id": "unvalued", "on": ["our terms", "their offer"], "when": "offer.undeclared >= 1", "then": "hold"},
    {"id": "halted", "on": "our terms", "when": "ours.halted", "then": "hold"},
    {"id": "left", "on": "our terms", "when": "left.closed or left.open or party.left_closed", "then": "refuse"},
    {"id": "no-agreement", "on": "close", "when": 'close.outcome = "won" and not close.agreed', "then": "hold"},
    {"id": "signed-otherwise", "on": "close", "when": 'close.outcome = "won" and close.differs', "then": "refuse"},
    {"id": "outside-tightened-limit", "on": "update", "when": "update.outside", "then": "hold"},
    {
        "id": "party-has-a-deal", "on": "open", "then": "hold",
        "when": "(party.open_deals >= 1 or party.walked >= 1) and not open.follows",
    },
)  # fmt: skip
"""The rules every policy has; what asks the highest role (a void, a looser limit, a reopening) stands where it asks."""


class Policy:
    """What layers say together: a lower one adds rules, roles and issues, tightens limits, and replaces nothing.

    Args:
        layers: The policy judged by, and all above it, the uppermost first.
        below: The layers under it. Their issues are declared, and pay for nothing but what the layers above allow.
    """

    def __init__(self, layers: Sequence[dict], below: Sequence[dict] = ()) -> None:
        def of(section: str, among: Sequence[dict] = layers) -> dict:
            return {name: said for layer in reversed(among) for name, said in layer.get(section, {}).items()}

        every, top = (*layers, *below), layers[0]
        self.layers, self.deal, self.issues = layers, of("deal", every), of("issues", every)
        self.define, self.people, self.pattern = of("define"), of("people"), of("pattern")
        self.signals = [s for layer in layers for s in layer.get("signals", ())]
        self.read = Reader(self.define, of("tables", every)).condition
        self.package = next((layer["package"] for layer in layers if "package" in layer), {})
        self.theirs_base, self.ahead = top.get("theirs_base"), value(top.get("clock", {}).get("ahead", "400 days"))
        self.roles: list[str] = []
        for layer in layers:
            self.roles = [r for r in layer.get("roles", ()) if r not in self.roles] + self.roles
        self.rules = list(self._rules(top.get("undeclared", "hold")))
        worths = [t for s in self.issues.values() for k, t in s.items() if k in ("worth", "one of", "start", *LIMITS)]
        self.fixed = set(names([*worths, *self.package.values()], {}))  # what worths and limits rest on is stated once

    def _rules(self, undeclared: str) -> Iterator[dict]:
        """Yield every effect: what a lower layer says of a rule that is there stands beside it."""
        found = [{**r, "then": undeclared} if r["id"] == "unvalued" else r for r in BUILT_IN]
        off = [n for n, said in self.layers[0].get("rules", {}).items() if said == "off"]
        found = [r for r in found if r["then"] != "ignore" and r["id"] not in off]
        for layer in self.layers:
            for name, said in layer.get("rules", {}).items():
                above = [r for r in found if r["id"] == name] or [{}]
                found += [{**r, **said, "id": name} for r in above if said != "off"]
        for rule in found:
            to = rule.get("to", "")
            role, count = (to["role"], int(to.get("count", 1))) if isinstance(to, dict) else (to, 1)
            yield {
                "enforcement": "mandatory", "by": "", "door": "open", **rule, "to": role, "count": count,
                "on": {rule["on"]} if isinstance(rule["on"], str) else set(rule["on"]),
                "when": self.read(rule.get("when", "yes")), "unless": self.read(rule.get("unless", "no")),
                "reads": (reads := set(names([rule.get("when", ""), rule.get("unless", "")], self.define))),
                "rests": set(self._rests(reads)),
            }  # fmt: skip

    def _rests(self, reads: set[str]) -> Iterator[str]:
        """Yield the facts, limits and alternatives that a rule reads: an approval lifts it while they are as then."""
        for name in reads:
            group, _, of = name.partition(".")
            limit = "want" if of == "short_of_want" else "walk"
            if group == "room":
                every = of in ("beyond_walk", "short_of_want")
                yield from (f"{limit}.{i}" for i in ((*self.issues, "package") if every else (of,)))
            elif group in ("deal", "batna", *LIMITS):
                yield name

    # --- People ---------------------------------------------------------------------------------------------------

    def person(self, name: object) -> str:
        """Return who a name is; empty where nobody is known by it."""
        if not self.people:
            return folded(name)
        return next((i for i, also in self.people.items() if folded(name) in map(folded, (i, *also))), "")

    def rank(self, role: str) -> int:
        """Return a role's authority; -1 where it has none."""
        return self.roles.index(role) if role in self.roles else -1

    def readable(self, event: dict) -> bool:
        """Tell whether every value of a declared issue is one; what nobody declared may be anything."""
        said = [(self.issues.get(i, {}), v) for package in event["packages"] for i, v in package.items()]
        return all(
            v in s["one of"] if "one of" in s else isinstance(v, bool if s["type"] == "yes/no" else Fraction)
            for s, v in said if s
        )  # fmt: skip

    # --- What texts come to in a deal -----------------------------------------------------------------------------

    def known(self, facts: Facts) -> dict[str, Value]:
        """Return `deal.NAME` for every deal fact, as stated, or what it is where nobody states it."""
        said = {n: s if isinstance(s, dict) else {} for n, s in self.deal.items()}
        return {f"deal.{n}": facts.get(n, value(s.get("default"))) for n, s in said.items()}

    def asked(self) -> set[str]:
        """Return the deal facts that have to be stated."""
        return {f"deal.{n}" for n, s in self.deal.items() if not isinstance(s, dict) or s.get("optional") != "yes"}

    def start(self, issue: str, known: Facts) -> Value:
        return self.at(issue, self.issues[issue]["start"], known)

    def at(self, issue: str, text: object, known: Facts) -> Value:
        """Return a value of an issue, or an amount of the package, as a text says it."""
        said = self.issues.get(issue, {})
        return value(text) if "one of" in said or said.get("type") == "yes/no" else self.read(text)(known)

    def limits(self, known: Facts, own: Facts) -> tuple[dict[str, Value], list[str]]:
        """Return the limits, of all layers and the deal the tightest, and those that the deal has to bring.

        Args:
            own: The limits that the deal brings. A walk value is held beside the policy's, others take their place.
        """
        found, missing = {}, []
        for name in (*self.issues, "package"):
            for limit in LIMITS:
                said = [layer.get("package", {}) if name == "package" else layer.get("issues", {}).get(name, {})
                        for layer in self.layers]  # fmt: skip
                texts, deals = [s[limit] for s in said if limit in s], own.get(f"{limit}.{name}")
                values = [None if t == "per deal" else self.at(name, t, known) for t in texts]
                missing += [f"walk.{name}"] if limit == "walk" and deals is None and None in values else []
                values = [*(values if limit == "walk" or deals is None else ()), deals]
                if values := [v for v in values if v is not None]:
                    found[f"{limit}.{name}"] = max(values, key=lambda v, of=name: self.worth(of, v, known))
        return found, missing

    def worth(self, issue: str, at: Value, known: Facts) -> Fraction | None:
        """Return what a value is worth to us over the start value of its issue; of the package, the amount itself."""
        if issue not in self.issues:
            return at
        said, start = self.issues[issue], self.start(issue, known)
        if "one of" in said:
            each = {str(k): self.read(v)(known) for k, v in said["one of"].items()}
            worth = None if each[at] is None or each[start] is None else each[at] - each[start]
        else:
            each, _, step = str(said["worth"]).partition(" per ")
            each, steps = self.read(each)(known), self.read(_step(step))({})
            worth = None if each is None or start is None else each / steps * (Fraction(at) - Fraction(start))
        return worth if worth is None else self._allowed(issue, worth)

    def _allowed(self, issue: str, worth: Fraction) -> Fraction:
        """Return what an issue of a lower layer may be worth: at most what each layer above it allows."""
        owner = next((n for n, layer in enumerate(self.layers) if issue in layer.get("issues", {})), None)
        most = [value(layer.get("allows", {}).get("issue_worth", "0")) for layer in self.layers[:owner]]
        worth = min([worth, *most])
        return max(Fraction(0), worth) if owner is None else worth


def _step(text: str) -> str:
    """Return the step that a worth is stated for: one, where no number is."""
    return "1" if not text else text if text.strip()[0].isdigit() else f"1 {text}"
