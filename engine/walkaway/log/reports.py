"""Reports: the decisions that fit a question, each with its figures, and how many there are of each kind.

Questions are answered from evidence, which holds what rules fired, who approved, and what was given and got as exact
numbers. Entries that cannot fit are left out by their bytes, before they are read. Names stand sealed in entries; they
are opened by the salts that the store has, and are `sealed` where these are erased.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any

import msgspec

from walkaway.decide.authority import Standing
from walkaway.decide.decision import amounts
from walkaway.decide.engine import Core
from walkaway.decide.evidence import Evidence, FiredRule, Judgement, Ledger, Number, exact_of, unpack
from walkaway.decide.render import NotTold, Renderer
from walkaway.events import On, Verdict
from walkaway.language.values import Value, folded, format_value
from walkaway.log import store as db
from walkaway.log.policies import Policies, PolicyLost
from walkaway.log.questions import TAKES_ALL, Fired, LogQuestion
from walkaway.log.seal import PREFIX, SEAL, SealedText, Sort
from walkaway.log.store import LogEntry, Store
from walkaway.log.stored import EntryHead, EntryPart, evidence_in, head_of, readable

SEALED = "sealed"
"""What stands for a name whose salt is not at hand."""
MAX_DEALS = 20_000
"""Sealed texts of so many deals are remembered."""
_PAGE = 500
"""So many decisions are looked at together."""
_LIFTS = frozenset({Standing.APPROVED, Standing.WAIVED})
_read = msgspec.json.Decoder().decode


class _Traded(msgspec.Struct, frozen=True):
    """What evidence holds of what our terms give and get."""

    ledger: Ledger


def _exact(number: Number | Fraction) -> int | Fraction:
    return number if isinstance(number, int) else Fraction(number)


_read_traded = msgspec.json.Decoder(_Traded).decode


class DecisionRow:
    """One decision that fits, with what can be told of it; what is told is worked out when it is asked for."""

    def __init__(self, reports: "Reports", entry: LogEntry) -> None:
        self.reports, self.entry, self.stored = reports, entry, readable(entry)
        self.deal = entry.deal or ""

    @cached_property
    def head(self) -> EntryHead:
        """Return what its decision shows in any case."""
        return head_of(self.stored)

    @cached_property
    def part(self) -> EntryPart:
        """Return what was recorded of the decision, opened where its reasoning is sealed."""
        return EntryPart(self.stored, self.items if self.head.sealed else {}, self.head)

    @property
    def is_open(self) -> bool:
        """Return whether it was recorded as evidence of which nothing can be sealed."""
        evidence = bytes(self.stored.evidence)
        return bool(evidence) and TAKES_ALL not in evidence

    @cached_property
    def evidence(self) -> Evidence | None:
        """Return what proves it; none where it was recorded in words, or its reasoning is erased."""
        return evidence_in(self.stored.evidence, unpack) if self.is_open else self.part.evidence

    @cached_property
    def words(self) -> Mapping[str, Any]:
        """Return the decision where it was recorded in words; empty elsewhere."""
        found: Mapping[str, Any] = _read(self.part.data) if self.part.in_words else {}
        return found

    @property
    def items(self) -> Mapping[str, SealedText]:
        """Return the deal's sealed texts that are not erased."""
        return self.reports.items(self.deal)

    @cached_property
    def fired(self) -> tuple[Fired, ...]:
        """Return the rules that fired, those of its own layer before those above it."""
        if self.evidence is None:
            return tuple(
                Fired(r["rule"], r["effect"], r["standing"], self.people(r["by"]), source=r["source"])
                for r in self.words.get("reasons", ())
            )
        return tuple(self._fired(self.evidence, 0))

    def _fired(self, judged: Evidence | Judgement, depth: int) -> Iterator[Fired]:
        for r in judged.reasons:
            yield Fired(r.rule, r.effect, r.standing.value, self.people(r.by), r, depth)
        if judged.above is not None:
            yield from self._fired(judged.above, depth + 1)

    def people(self, said: str) -> tuple[str, ...]:
        """Return the names behind what stands for people, each once."""
        return tuple(dict.fromkeys(self.person(each) for each in said.split(", "))) if said else ()

    def person(self, said: str) -> str:
        """Return the name behind what stands for a person: the name as it was written, or `sealed`."""
        return self.reports.person(self.deal, said)

    @cached_property
    def event(self) -> Mapping[str, Any]:
        """Return the event's content, names sealed."""
        found: Mapping[str, Any] = _read(bytes(self.stored.event))
        return found

    @property
    def actor(self) -> str:
        """Return who did it; empty where nobody says."""
        return self.person(str(self.event.get("actor") or self.event.get("approver") or ""))

    @cached_property
    def renderer(self) -> Renderer | None:
        """Return what tells of its policy; none where that cannot be read any more."""
        return self.reports.renderer(self.head.policy.sha256, self.head.currency)

    @property
    def values(self) -> Mapping[str, Value]:
        """Return the terms that were judged, each in the smallest unit of its issue; none where it was in words."""
        if self.evidence is None or self.renderer is None or self.evidence.terms is None:
            return {}
        issues = self.renderer.policy.issues
        found = {n: exact_of(value, issues[n].unit) for n, value in self.evidence.terms.items() if n in issues}
        return {n: value for n, value in found.items() if not isinstance(value, Fraction)}

    @property
    def currency(self) -> str:
        """Return the currency that amounts are in; empty where it is not known."""
        return self.renderer.policy.currency if self.renderer is not None else ""

    def amount(self, number: Number | Fraction | None) -> Decimal | None:
        """Return an amount in units of money, to its smallest coin."""
        if number is None or self.renderer is None:
            return None
        scale = self.renderer.policy.money.scale
        return Decimal(round(_exact(number))).scaleb(1 - len(str(scale)))

    @property
    def ledger(self) -> Ledger | None:
        """Return the ledger of its evidence, without reading the rest where that can be; none where it has none."""
        if self.is_open:
            return evidence_in(self.stored.evidence, _read_traded).ledger
        return None if self.evidence is None else self.evidence.ledger

    @cached_property
    def traded(self) -> tuple[int | Fraction, int | Fraction] | None:
        """Return what our terms give and get, exactly; none for what puts no terms of ours on the table."""
        ledger = self.ledger
        if ledger is not None:
            return None if ledger.give is None else (_exact(ledger.give), _exact(ledger.get or 0))
        said = amounts({k: v for r in self.words.get("reasons", ()) for k, v in r["facts"].items()})
        give, get = said.get("give.value"), said.get("get.value")
        return (
            None if give is None or self.head.on == On.THEIR_OFFER else (give.amount, get.amount if get else Fraction())
        )

    @property
    def conceded(self) -> bool:
        """Return whether our terms give more than they get."""
        return self.traded is not None and self.traded[0] > self.traded[1]

    @property
    def breach(self) -> bool:
        """Return whether something of ours was sent, accepted or closed against its verdict."""
        ours = (On.OPEN, On.OUR_OFFER, On.OUR_ACCEPTANCE, On.CLOSE)
        return self.head.verdict != Verdict.PROCEED and self.head.on in ours

    @property
    def give(self) -> Decimal | None:
        """Return what our terms give, in money."""
        return self._told(0)

    @property
    def get(self) -> Decimal | None:
        """Return what our terms get, in money."""
        return self._told(1)

    def _told(self, place: int) -> Decimal | None:
        if self.traded is None:
            return None
        if self.evidence is None:  # in words an amount stands in units of money
            return Decimal(self.traded[place].numerator) / Decimal(self.traded[place].denominator)
        return self.amount(self.traded[place])

    @property
    def balance(self) -> Decimal | None:
        """Return what they have given more than we after the event, in money; none where it was recorded in words."""
        if self.evidence is None:
            return None
        sums = self.evidence.ledger.after or self.evidence.ledger.before
        return self.amount(str(Fraction(sums.ours) + Fraction(sums.theirs)))

    @property
    def terms(self) -> Mapping[str, str]:
        """Return the terms that were judged, as people write them; in words, those that the event names."""
        if self.evidence is None or self.renderer is None:
            said = self.event.get("terms") or {}
            return {name: SEALED if SEAL.match(text.encode()) else text for name, text in said.items() if text}
        issues = self.renderer.policy.issues
        judged = self.evidence.terms or {}
        return {n: format_value(exact_of(judged[n], i.unit), i.unit) for n, i in issues.items() if n in judged}

    def line(self, fired: Fired) -> str:
        """Return where a rule stands: file and line, or `built-in`; empty where its policy cannot be read any more."""
        rule = None if fired.named is None else self.reports.rule(self.renderer, fired)
        if rule is None:
            return fired.source
        return "built-in" if rule.built_in else f"{rule.span.file}:{rule.span.line}"

    def role(self, fired: Fired) -> str:
        """Return by which authority a rule was met or lifted, or whose it asks for; empty where it asks for none."""
        if fired.standing in _LIFTS:
            return self.reports.role(self.deal, fired.people, self.entry.n)
        rule = None if fired.named is None else self.reports.rule(self.renderer, fired)
        return "" if rule is None else rule.effect.to

    def names(self, name: str) -> bool:
        """Return whether somebody of a name did it, approved, or is named as who approved."""
        wanted, items = folded(name), self.items
        said = (items.get(seal.decode()) for seal in SEAL.findall(self.entry.leaf))
        return any(item is not None and item.sort is Sort.NAME and folded(item.text) == wanted for item in said)

    def fits(self, wanted: LogQuestion) -> bool:
        """Return whether it is one that is asked for."""
        if (wanted.conceded and not self.conceded) or (wanted.breach and not self.breach):
            return False
        if wanted.actor is not None and not self.names(wanted.actor):
            return False
        asks = wanted.rule is not None or wanted.overridden or wanted.approved_by is not None
        return not asks or any(True for _ in self.chosen(wanted))

    def chosen(self, wanted: LogQuestion) -> Iterator[Fired]:
        """Return the fired rules that are asked for."""
        name = None if wanted.approved_by is None else folded(wanted.approved_by)
        for fired in self.fired:
            if wanted.rule is not None and fired.rule != wanted.rule:
                continue
            if wanted.overridden and fired.standing != Standing.WAIVED:
                continue
            if name is None or (fired.standing in _LIFTS and name in map(folded, fired.people)):
                yield fired


class Reports:
    """Answers questions from a log; remembers what of it is asked for again.

    Args:
        opens: Whether sealed texts are opened where their salts are at hand; otherwise their seals stay.
    """

    def __init__(self, store: Store, *, opens: bool = True) -> None:
        self.store, self.opens, self.desk = store, opens, Policies(store, Core.PLAIN, lambda _: None)
        self.known: dict[str, Mapping[str, SealedText]] = {}
        self.near: Mapping[str, None] = {}  # deals that are asked for next
        self.renderers: dict[tuple[str, str], Renderer | None] = {}
        self.rules: dict[tuple[int, FiredRule, int], Any] = {}

    def rows(self, wanted: LogQuestion) -> Iterator[DecisionRow]:
        """Return the decisions that fit, in the log's order.

        Raises:
            Diverged: Where an entry is of a form that this release does not know.
            StoreProblem: Where an entry is not what was recorded.
        """
        asked = (wanted.deal, wanted.verdict, wanted.since, wanted.until)
        entries = db.holding(self.store, wanted.parts, *asked) if wanted.parts else db.found(self.store, *asked)
        while page := list(islice(entries, _PAGE)):
            self.near = {entry.deal: None for entry in page if entry.deal is not None}
            for entry in page:
                row = DecisionRow(self, entry)
                if row.fits(wanted):
                    yield row

    def items(self, deal: str) -> Mapping[str, SealedText]:
        """Return the sealed texts of a deal that are not erased, where they are to be opened."""
        if not self.opens:
            return {}
        found = self.known.get(deal)
        if found is None:
            if len(self.known) >= MAX_DEALS:
                self.known.clear()
            self.known |= db.items_of(self.store, [deal, *(d for d in self.near if d not in self.known)])
            found = self.known[deal]
        return found

    def person(self, deal: str, said: str) -> str:
        """Return the name behind what stands for a person in a deal: as it was written, `sealed`, or its seal."""
        if not said.startswith(PREFIX.decode()):
            return said
        seal = said.partition("=")[0]
        item = self.items(deal).get(seal)
        return item.text if item is not None else SEALED if self.opens else seal

    def renderer(self, sha256: str, currency: str = "") -> Renderer | None:
        """Return what tells of a policy, as it stands in deals of a currency; none where that is lost."""
        key = sha256, currency
        if key not in self.renderers:
            try:
                self.renderers[key] = self.desk.find(sha256, currency).engine.renderer
            except PolicyLost:
                self.renderers[key] = None
        return self.renderers[key]

    def rule(self, renderer: Renderer | None, fired: Fired) -> Any:
        """Return the rule of a policy that evidence names; none where there is none."""
        named = fired.named
        for _ in range(fired.depth):
            renderer = None if renderer is None else renderer.above
        if renderer is None or named is None:
            return None
        try:
            return renderer.rule(named)
        except NotTold:
            return None

    @cached_property
    def approvals(self) -> Mapping[str, list[tuple[int, str, str]]]:
        """Return for each deal its approvals: entry, approver, role."""
        found: dict[str, list[tuple[int, str, str]]] = {}
        for entry in db.holding(self.store, (b'"type":"approve"',)):
            event = _read(bytes(readable(entry).event))
            if event.get("type") == "approve" and entry.deal is not None:
                row = (entry.n, str(event["approver"]), str(event["role"]))
                found.setdefault(entry.deal, []).append(row)
        return found

    def role(self, deal: str, people: tuple[str, ...], before: int) -> str:
        """Return the roles by which people approved last before an entry, each once."""
        found: dict[str, str] = {}
        for n, approver, role in self.approvals.get(deal, ()):
            if n < before and (name := self.person(deal, approver)) in people:
                found[name] = role
        return ", ".join(dict.fromkeys(found.values()))

    @cached_property
    def openings(self) -> Mapping[str, Mapping[str, str]]:
        """Return the facts with which each deal opened, as they were written."""
        found: dict[str, Mapping[str, str]] = {}
        for entry in db.holding(self.store, (b'"type":"open"',)):
            event = _read(bytes(readable(entry).event))
            if event.get("type") == "open" and entry.deal is not None:
                facts = {name: str(value) for name, value in event.get("facts", {}).items()}
                for name, value in facts.items():
                    if value.startswith(PREFIX.decode()):
                        item = self.items(entry.deal).get(value)
                        facts[name] = SEALED if item is None else item.text
                found[entry.deal] = facts
        return found
