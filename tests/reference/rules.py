"""The rules of a policy: which of them hear something, which fire on what is known, and the answer that they make.

Shares no code with the engine.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.reference.reading import Facts, names

VERDICTS = ("proceed", "trade", "hold", "escalate", "refuse", "walk")
OUR_TERMS = {"our offer", "our acceptance", "their acceptance"}
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


@dataclass
class Answer:
    """The rules that fired, each with what became of it. Of all that decide the most severe is the verdict."""

    fired: list[dict] = field(default_factory=list)
    facts: Facts = field(default_factory=dict)
    heard: tuple[str, ...] = ()
    dead: str = ""  # why the event is a dead letter: it is answered nothing, and changes nothing
    accepting: "Answer | None" = None  # of an offer of theirs: the answer to our accepting it now
    deal: object = None

    @property
    def deciding(self) -> list[dict]:
        return [r for r in self.fired if decides(r) and not r["lifted"]]

    @property
    def verdict(self) -> str:
        return max((r["then"] for r in self.deciding), key=VERDICTS.index, default="proceed")

    @property
    def only_asks(self) -> bool:
        """Tell whether it escalates, and approvals could lift all that decides."""
        lifts = [r["to"] or r["enforcement"] == "overridable" or r["id"] == "unvalued" for r in self.deciding]
        return self.verdict == "escalate" and all(lifts)

    @property
    def rules(self) -> list[str]:
        return sorted({r["id"] for r in self.fired})

    def and_(self, rule: str, then: str, to: str = "") -> "Answer":
        """Return the answer with one more that decides."""
        more = {"id": rule, "then": then, "to": to, "enforcement": "mandatory", "lifted": False, "door": "open"}
        return self.with_([more])

    def with_(self, rules: Iterable[dict]) -> "Answer":
        """Return the answer with more rules that fired."""
        return replace(self, fired=[*self.fired, *rules])


def severest(answers: Sequence[Answer]) -> Answer:
    """Return several answers as one: the most severe, and all that fired."""
    most, dead = max(answers, key=lambda a: severity(a.verdict)), [a.dead for a in answers if a.dead]
    return replace(most, fired=[r for a in answers for r in a.fired], dead="".join(dead[:1]))


def severity(verdict: str) -> int:
    return VERDICTS.index(verdict)


def decides(rule: dict) -> bool:
    return rule["enforcement"] in ("mandatory", "overridable")


def firing(rules: Iterable[dict], heard: Sequence[str], facts: dict) -> list[dict]:
    """Return the rules that hear something and fire on facts; what they conclude is among the facts from then on."""
    words = {*heard, "any"} | (set() if OUR_TERMS.isdisjoint(heard) else {"our terms"})
    hearing = [r for r in rules if r["on"] & words]
    drawing = [r for r in hearing if isinstance(r["then"], dict)]
    for rule in drawing * len(drawing):  # a conclusion may rest on another
        drawn = f"concluded.{rule['then']['conclude']}"
        facts[drawn] = facts.get(drawn) or fires(rule, facts)
    return [r for r in hearing if r not in drawing and fires(r, facts)]


def fires(rule: dict, facts: Facts) -> bool:
    """Tell whether a rule's `when` holds and its `unless` does not; what is not known fires nothing."""
    return rule["when"](facts) is True and rule["unless"](facts) is False


def resting(rule: dict, known: Facts) -> Facts:
    """Return the facts, limits and alternatives that a rule reads: an approval lifts it while they are as then."""
    return {n: v for n, v in known.items() if n.partition("@")[0] in rule["rests"] and v is not None}


def effects(layers: Sequence[dict], issues: Iterable[str], define: Mapping, read: Callable) -> Iterator[dict]:
    """Yield every effect of the rules of layers: what a lower one says of a rule that is there stands beside it."""
    undeclared = layers[0].get("undeclared", "hold")
    found = [{**r, "then": undeclared} if r["id"] == "unvalued" else r for r in BUILT_IN]
    off = [n for n, said in layers[0].get("rules", {}).items() if said == "off"]
    found = [r for r in found if r["then"] != "ignore" and r["id"] not in off]
    for layer in layers:
        for name, said in layer.get("rules", {}).items():
            above = [r for r in found if r["id"] == name] or [{}]
            found += [{**r, **said, "id": name} for r in above if said != "off"]
    for rule in found:
        to = rule.get("to", "")
        role, count = (to["role"], int(to.get("count", 1))) if isinstance(to, dict) else (to, 1)
        yield {
            "enforcement": "mandatory", "by": "", "door": "open", **rule, "to": role, "count": count,
            "on": {rule["on"]} if isinstance(rule["on"], str) else set(rule["on"]),
            "when": read(rule.get("when", "yes")), "unless": read(rule.get("unless", "no")),
            "reads": (reads := set(names([rule.get("when", ""), rule.get("unless", "")], define))),
            "rests": set(_rests(reads, issues)),
        }  # fmt: skip


def _rests(reads: set[str], issues: Iterable[str]) -> Iterator[str]:
    """Yield the facts, limits and alternatives among what a rule reads."""
    for name in reads:
        group, _, of = name.partition(".")
        limit = "want" if of == "short_of_want" else "walk"
        if group == "room":
            every = of in ("beyond_walk", "short_of_want")
            yield from (f"{limit}.{i}" for i in ((*issues, "package") if every else (of,)))
        elif group in ("deal", "batna", *LIMITS):
            yield name
