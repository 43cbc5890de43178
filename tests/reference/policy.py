"""What the layers of a policy say together, and what its texts come to in a deal: worths, limits, room. Judges nothing.

Shares no code with the engine.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from tests.reference.reading import Facts, Reader, Value, folded, names, value
from tests.reference.rules import LIMITS, effects

Package = dict[str, Value]  # issue → value, all declared issues present; what nobody declared stands beside them
NONE, NOTHING = Fraction(0), {}
AMOUNTS, SIGNED = {"money", "months", "days", "duration", "count"}, {"percent", "number"}


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
        self.below = self.issues.keys() - of("issues")  # above, nobody names them for the first time
        self.define, self.people, self.pattern = of("define"), of("people"), of("pattern")
        self.derived = {f"derived.{name}": text for name, text in of("derived").items()}
        self.signals = [s for layer in layers for s in layer.get("signals", ())]
        self.read = Reader(self.define, of("tables", every)).condition
        self.package = next((layer["package"] for layer in layers if "package" in layer), {})
        self.selector = [*{s["by"] for s in (*self.issues.values(), self.package) if "by" in s}]  # one issue, or none
        self.as_named = {i for layer in layers for i, s in layer.get("issues", {}).items() if "approved" in s}
        self.theirs_base, self.ahead = top.get("theirs_base"), value(top.get("clock", {}).get("ahead", "400 days"))
        said = {n: s if isinstance(s, dict) else {} for n, s in self.deal.items()}
        self.unstated = {f"deal.{n}": value(s.get("default")) for n, s in said.items()}
        self.roles: list[str] = []
        for layer in layers:
            self.roles = [r for r in layer.get("roles", ()) if r not in self.roles] + self.roles
        self.rules = list(effects(layers, self.issues, self.define | self.derived, self.read))
        worths = [t for s in self.issues.values() for k, t in s.items() if k in ("worth", "one of", "start", *LIMITS)]
        self.fixed = set(names([*worths, *self.package.values()], {}))  # what worths and limits rest on is stated once

    # --- People, and what events say --------------------------------------------------------------------------------

    def person(self, name: object) -> str:
        """Return who a name is; empty where nobody is known by it."""
        if not self.people:
            return folded(name)
        return next((i for i, also in self.people.items() if folded(name) in map(folded, (i, *also))), "")

    def rank(self, role: str) -> int:
        """Return a role's authority; -1 where it has none."""
        return self.roles.index(role) if role in self.roles else -1

    def may_name(self, issue: str, at: Value) -> bool:
        """Tell whether anybody may name a value of an issue: of its kind, within its bounds, or one of its list."""
        said = self.issues[issue]
        if "one of" in said or "values" in said:
            return at in (said["one of"] if "one of" in said else map(value, said["values"]))
        least, most = (value(said.get(bound)) for bound in ("least", "most"))
        fitting = isinstance(at, bool if said["type"] == "yes/no" else Fraction)
        return fitting and (least is None or at >= least) and (most is None or at <= most)

    def fits(self, event: dict, worth: "Worth") -> bool:
        """Tell whether an event can be: values that may be named, nothing stated twice, no limit looser than ours.

        Args:
            worth: What is stated before it.
        """
        said = [(i, v) for package in event["packages"] for i, v in package.items() if i in self.issues]
        if event["type"] in ("open", "update"):  # a start value that is computed is one that can be said
            now = self.known({**worth.facts, **event.get("facts", {})})
            said += [(i, v) for i in self.issues if (v := self.start(i, now)) is not None]
        if event["type"] != "update":
            return all(self.may_name(i, v) for i, v in said)
        known, again = worth.known, {f"deal.{n}": v for n, v in event.get("facts", {}).items()}
        twice = any(n in self.fixed and known[n] not in (None, v) for n, v in again.items())
        policys = self.limits(known, {})[0] if worth.is_known else {}
        asked = {n: event["limits"].get(n.partition("@")[0]) for n in policys if n.startswith("walk.")}
        looser = any(v is not None and self.is_looser(n, policys[n], v, known) for n, v in asked.items())
        return not twice and not looser and all(self.may_name(i, v) for i, v in said)

    def meetings(self, name: str, legs: Sequence[tuple[str, Package]]) -> Fraction:
        """Return how often the two legs of a pattern have met, among what was heard of terms."""
        (one, first), (two, second) = [(leg, on) for leg, on in self.pattern[name].items() if leg != "when"]
        when = self.read(self.pattern[name]["when"])
        pairs = [(a, b) for n, (k, b) in enumerate(legs) for h, a in legs[:n] if a and b and (h, k) == (first, second)]
        named = [{f"{leg}.{i}": v for leg, terms in ((one, a), (two, b)) for i, v in terms.items()} for a, b in pairs]
        return Fraction(sum(when(facts) is True for facts in named))

    # --- What texts come to in a deal -----------------------------------------------------------------------------

    def known(self, facts: Facts) -> dict[str, Value]:
        """Return `deal.NAME` for every deal fact, as stated, or what it is where nobody states it."""
        return self.unstated | {f"deal.{n}": v for n, v in facts.items() if n in self.deal}

    def asked(self) -> set[str]:
        """Return the deal facts that have to be stated."""
        return {f"deal.{n}" for n, s in self.deal.items() if not isinstance(s, dict) or s.get("optional") != "yes"}

    def start(self, issue: str, known: Facts) -> Value:
        return self._at(issue, self.issues[issue]["start"], known)

    def base(self, known: Facts) -> Fraction | None:
        """Return what the start terms are worth, at a value of the selector where it hangs on that."""
        return self.read(self._told(self.package.get("base", "0"), known))(known)

    def where(self, terms: Package) -> Package:
        """Return the value of the selector in terms: by its own name worths and limits are told apart."""
        return {i: terms[i] for i in self.selector}

    def cases(self) -> list[Package]:
        """Return every value of the selector; nothing, once, where there is none."""
        said = [self.issues[i] for i in self.selector]
        every = [s.get("values") or s.get("one of") or ("yes", "no") for s in said]
        return [{i: value(v)} for i, values in zip(self.selector, every, strict=True) for v in values] or [{}]

    def _told(self, text: object, known: Facts) -> object:
        """Return what a text that is told apart says at a value of the selector; any other as it is."""
        if not isinstance(text, dict):
            return text
        return next(said for at, said in text.items() if value(at) == known[self.selector[0]])

    def _at(self, issue: str, text: object, known: Facts) -> Value:
        """Return a value of an issue, or an amount of the package, as a text says it."""
        said, text = self.issues.get(issue, {}), self._told(text, known)
        return value(text) if "one of" in said or said.get("type") == "yes/no" else self.read(text)(known)

    def limits(self, known: Facts, own: Facts) -> tuple[dict[str, Value], set[str]]:
        """Return the limits, of all layers and the deal the tightest, and those that the deal has to bring.

        A limit is called as `walk.discount`, and by the value of the selector besides where there is one.

        Args:
            own: The limits that the deal brings. A walk value is held beside the policy's, others take their place.
        """
        found, missing = {}, set()
        every = [(known | at | {"package.base": self.base(known | at)}, case(at)) for at in self.cases()]
        for known_, at in every:
            for name in (*self.issues, "package"):
                for limit in LIMITS:
                    said = [layer.get("package", {}) if name == "package" else layer.get("issues", {}).get(name, {})
                            for layer in self.layers]  # fmt: skip
                    texts, deals = [s[limit] for s in said if limit in s], own.get(f"{limit}.{name}")
                    values = [None if t == "per deal" else self._at(name, t, known_) for t in texts]
                    missing |= {f"walk.{name}"} if limit == "walk" and deals is None and None in values else set()
                    values = [*(values if limit == "walk" or deals is None else ()), deals]
                    if values := [v for v in values if v is not None]:
                        tightest = max(values, key=lambda v, of=name, known=known_: self.worth(of, v, known))
                        found[f"{limit}.{name}{at}"] = tightest
        return found, missing

    def limit(self, name: str, limits: Facts, terms: Package) -> Value:
        """Return a limit that binds, at the terms' value of the selector."""
        return limits.get(name + case(self.where(terms)))

    def is_looser(self, limit: str, old: Value, new: Value, known: Facts) -> bool:
        """Tell whether a limit, as it is called, holds us less than it did."""
        of, known = limit.partition("@")[0].partition(".")[2], known | self._case_of(limit)
        return old not in (None, new) and (new is None or self.worth(of, new, known) <= self.worth(of, old, known))

    def _case_of(self, limit: str) -> Package:
        return next((at for at in self.cases() if case(at) and limit.endswith(case(at))), {})

    def worth(self, issue: str, at: Value, known: Facts) -> Fraction | None:
        """Return what a value is worth to us over the start value of its issue; of the package, the amount itself.

        Args:
            known: The deal facts, and the value of the selector by its own name. It itself is worth the package's base.
        """
        if issue not in self.issues:
            return at
        said, start = self.issues[issue], self.start(issue, known)
        worth = NONE
        if issue in self.selector:
            now, begun = (self.base(known | {issue: v}) for v in (at, start))
            worth = None if now is None or begun is None else now - begun
        if worth is not None and "one of" in said:
            each = {str(k): self.read(self._told(v, known))(known) for k, v in said["one of"].items()}
            worth = None if each[at] is None or each[start] is None else worth + each[at] - each[start]
        elif worth is not None and "worth" in said:
            each, _, step = str(self._told(said["worth"], known)).partition(" per ")
            each, steps = self.read(each)(known), self.read(_step(step))({})
            worth = None if None in (each, start) else worth + each / steps * (Fraction(at) - Fraction(start))
        return self._allowed(issue, worth)

    def _allowed(self, issue: str, worth: Fraction | None) -> Fraction | None:
        """Return what an issue of a lower layer may be worth: at most what each layer above it allows."""
        owner = next((n for n, layer in enumerate(self.layers) if issue in layer.get("issues", {})), None)
        most = [value(layer.get("allows", {}).get("issue_worth", "0")) for layer in self.layers[:owner]]
        if owner is None and NONE in most:
            return NONE  # whatever a deal has not stated
        if worth is None:
            return None
        worth = min([worth, *most])
        return max(NONE, worth) if owner is None else worth

    def room(self, terms: Package, known: Facts, worth: Fraction) -> Facts:
        """Return how far terms are within the limits that bind, and those limits.

        Args:
            known: The deal facts, limits as they are called, and the terms' value of the selector.
            worth: What the terms are worth in all.
        """
        at, found = case(self.where(terms)), {"room.beyond_walk": NONE, "room.short_of_want": NONE}
        for i, v in (terms | {"package": worth}).items():
            walk, want = (known.get(f"{limit}.{i}{at}") for limit in ("walk", "want"))
            if walk is not None:
                far = self.worth(i, v, known) - self.worth(i, walk, known)
                found[f"room.{i}"] = abs(v - walk) * ((far > 0) - (far < 0)) if isinstance(walk, Fraction) else far
                found["room.beyond_walk"] += far < 0 or self.alike(i, v, walk, known)
            if want is not None:
                short = self.worth(i, v, known) < self.worth(i, want, known)
                found["room.short_of_want"] += short or self.alike(i, v, want, known)
        return found | {n.removesuffix(at): known[n] for n in known if at and n.endswith(at)}

    def derive(self, facts: Facts) -> Facts:
        """Return what terms come to by each derived fact; not known where a factor is not."""
        return {name: self.read(text)(facts) for name, text in self.derived.items()}

    def alike(self, issue: str, at: Value, limit: Value, known: Facts) -> bool:
        """Tell whether a word is worth the same as a limit here, and less elsewhere, or else declared past it."""
        if (
            isinstance(limit, Fraction)
            or at == limit
            or self.worth(issue, at, known) != self.worth(issue, limit, known)
        ):
            return False
        kinds = {f"deal.{n}": s.get("type") if isinstance(s, dict) else s for n, s in self.deal.items()}
        ahead = [NONE]
        for large, sign in product(kinds, (1, -1)):
            much = {n: Fraction(10**9 if n == large else 1) for n, kind in kinds.items() if kind in AMOUNTS}
            there = known | much | {n: Fraction(sign) for n, kind in kinds.items() if kind in SIGNED}
            ahead.append(self.worth(issue, at, there) - self.worth(issue, limit, there))
        if any(ahead) and (min(ahead) == 0 or max(ahead) == 0):
            return min(ahead) < 0
        words = [str(word) for word in self.issues[issue].get("one of", ())] or [False, True]
        here, bound, start = (words.index(w) for w in (at, limit, self.start(issue, known)))
        return start == bound or (here - bound) * (start - bound) < 0


class Worth:
    """What terms are worth to us in one deal, and its limits, by what is stated of it.

    Args:
        facts: The deal facts by name.
        own: The limits that the deal brings, as `walk.discount`.
        alternatives: Name → what it is worth, and until when.
    """

    def __init__(self, policy: Policy, facts: Facts, own: Facts = NOTHING, alternatives: Facts = NOTHING) -> None:
        self.policy, self.facts, self.own, self.alternatives = policy, facts, own, alternatives
        self.known = policy.known(facts)
        self.found = {}  # what was asked for once
        self.start = {i: policy.start(i, self.known) for i in policy.issues}
        self.base = policy.base(self.known | policy.where(self.start))  # what the start terms are worth
        self.is_known = None not in (self.base, *(self.w(i, self.start) for i in policy.issues))
        self.limits, lacks = policy.limits(self.known, own) if self.is_known else ({}, {"worths"})
        best = [worth for worth, _ in alternatives.values() if worth is not None]
        self.limits |= {"batna.worth": max(best)} if best else {}
        self.missing = {n for n in policy.asked() if self.known[n] is None} | lacks

    def w(self, issue: str, terms: Package) -> Fraction:
        """Return what an issue is worth over its start value, in whole terms."""
        where = self.policy.where(terms)
        asked = (issue, terms[issue], *where.values())
        if asked not in self.found:
            self.found[asked] = self.policy.worth(issue, terms[issue], self.known | where)
        return self.found[asked]

    def W(self, terms: Package) -> Fraction:  # noqa: N802, the contract's letter
        """Return what whole terms are worth over the start terms."""
        return sum((self.w(i, terms) for i in self.policy.issues), NONE)

    def d(self, new: Package, old: Package) -> dict[str, Fraction]:
        """Return by how much each issue is worth more in new terms; the selector moves first, at the old values."""
        first = old | self.policy.where(new)
        found = {i: self.w(i, new) - self.w(i, first) for i in self.policy.issues}
        return found | dict.fromkeys(self.policy.selector, self.W(first) - self.W(old))

    def no_worse(self, one: Package, another: Package) -> bool:
        """Tell whether terms are on every issue worth at least as much to us as others; the selector has no order."""
        alike = self.policy.where(one) == self.policy.where(another)
        return alike and all(self.w(i, one) >= self.w(i, another) for i in self.policy.issues)

    def covers(self, terms: Package, named: Package) -> bool:
        """Tell whether an approval of what is named covers terms: no better ones, alike where `as named` is said."""
        return self.no_worse(terms, named) and all(terms[i] == named[i] for i in self.policy.as_named)

    def whole(self, terms: Package) -> Fraction:
        """Return what whole terms are worth in all."""
        return self.base + self.W(terms)

    def other(self, terms: Package) -> Package:
        """Return the terms that nobody declared."""
        return {name: at for name, at in terms.items() if name not in self.policy.issues}


def case(at: Package) -> str:
    """Return how a limit is called further that is told apart by a value of the selector."""
    return "".join(f"@{v}" for v in at.values())


def _step(text: str) -> str:
    """Return the step that a worth is stated for: one, where no number is."""
    return "1" if not text else text if text.strip()[0].isdigit() else f"1 {text}"
