"""Personal text apart from the record, which holds `sealed:` and a salted SHA-256; text and salt lie beside it.

Names of people, notes and reasons are always sealed, deal facts and issues where the policy says `personal: yes`. The
engine itself is given the seal of a text for the text, so that no digest rests on it and a decision can be replayed
after its texts are erased. A name keeps its seal within a deal, and where it is another one's of the same person, as
names are compared, that one's seal stands behind it: whether two events have the same actor stays known. Behind both
stands the role in which, by the policy, whoever acts for us did it, so that a decision that rests on it is made again.
What rules reckon with cannot be given sealed; under a policy with such a personal *quantity* the whole reasoning of
each decision, figures and digests, is one sealed text.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from walkaway.deal.cover import ROLE_BEHIND, SEALED, name_of
from walkaway.deal.encode import Content, canonical
from walkaway.decide.decision import KnownParty, PolicyRef, UsedRate
from walkaway.events import THEM, AnyEvent
from walkaway.language.empty import EMPTY
from walkaway.language.values import Kind, folded
from walkaway.policy.model import Policy

PREFIX = b"sealed:"
SALT_BYTES = 16
SEAL = re.compile(rb"sealed:[0-9a-f]{64}")
_BEHIND = re.compile(rb"(sealed:[0-9a-f]{64})=(sealed:[0-9a-f]{64})?")
_NAMED = re.compile(rb"(sealed:[0-9a-f]{64})(?:=(?:sealed:[0-9a-f]{64})?)?(?:@[a-z0-9_-]+)?")


_SAYING = frozenset({"open", "offer", "accept"})
"""The events by which somebody says terms in a role."""


class Sort(StrEnum):
    """What was sealed: a person's name, a text, a value that rules reckon with, a decision's reasoning."""

    NAME = "name"
    TEXT = "text"
    QUANTITY = "quantity"
    DECISION = "decision"


class SealedText(msgspec.Struct, frozen=True, gc=False):
    """One text that lies beside the record, with the seal that stands for it there."""

    seal: str
    salt: bytes
    sort: Sort
    text: str


class SealedPlace(msgspec.Struct, frozen=True):
    """Where a personal text stands in an event's content: *holder* has it under the last name of *path*."""

    path: tuple[str, ...]
    sort: Sort
    holder: dict[str, Any]

    @property
    def text(self) -> str:
        """Return what stands there."""
        return str(self.holder[self.path[-1]])

    def put(self, text: str) -> None:
        """Put *text* there."""
        self.holder[self.path[-1]] = text


def seal(text: str, salt: bytes) -> str:
    """Return the seal of *text*: `sealed:` and the SHA-256, in hexadecimal, of the salt and the text in UTF-8."""
    return "sealed:" + hashlib.sha256(salt + text.encode()).hexdigest()


def sealed(text: str, salt: bytes, sort: Sort) -> SealedText:
    """Seal *text*."""
    return SealedText(seal(text, salt), salt, sort, text)


class Seals:
    """Seals the texts of one event; a name keeps the seal that it has in its deal.

    Args:
        names: The seals of the deal's names, the first of each person first.
        salt: Gives 16 random bytes, others each time.
        people: Folded name → id, as the policy declares; empty where every name stands for itself.
        others: Where somebody's name was erased who has moved or approved terms: the seals of the deal's people who are
            somebody else. Of anybody else nobody knows it, and nothing stands behind the name. None where none was.
        spoken_as: Folded name → role, as the policy declares.

    Attributes:
        fresh: What was sealed now.
        count: How many texts were, known names included.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        salt: Callable[[], bytes],
        people: Mapping[str, str],
        others: Collection[str] | None = None,
        spoken_as: Mapping[str, str] = EMPTY,
    ) -> None:
        self.names, self.salt, self.people, self.others = names, salt, people, others
        self.spoken_as = spoken_as
        self.fresh: list[SealedText] = []
        self.count = 0

    def __call__(self, place: SealedPlace) -> str:
        """Return the seal of the text at *place*."""
        self.count += 1
        if place.sort is not Sort.NAME:
            return self.new(place.text, place.sort)
        content = place.holder
        says = place.path == ("actor",) and content["type"] in _SAYING and content.get("by") != THEM
        role = self.spoken_as.get(folded(place.text), "") if says else ""
        return self.of_name(place.text) + (f"{ROLE_BEHIND}{role}" if role else "")

    def of_name(self, text: str) -> str:
        """Return the seal of a name, and behind it that of the same person: of the id, or of the name known first."""
        own, who = self.known(text), name_of(self.people, text)
        if self.people:
            same = self.known(who) if who else own
        else:
            same = next((seal for name, seal in self.named() if name_of({}, name) == who), own)
        if self.others is not None and same not in self.others:
            return f"{own}="
        if same == own and not (self.people and who):
            return own
        self.count += 1
        return f"{own}={same}"

    def known(self, name: str) -> str:
        """Return a name's seal in its deal, sealed now where it has none."""
        return dict(self.named()).get(name) or self.new(name, Sort.NAME)

    def named(self) -> Iterator[tuple[str, str]]:
        """Return the names of the deal with their seals, in the order in which they came."""
        yield from self.names.items()
        yield from ((item.text, item.seal) for item in self.fresh if item.sort is Sort.NAME)

    def of_decision(self, reasoning: bytes) -> str:
        """Return the seal of a decision's reasoning."""
        return self.new(reasoning.decode(), Sort.DECISION)

    def new(self, text: str, sort: Sort) -> str:
        """Seal *text* with a salt of its own."""
        self.fresh.append(sealed(text, self.salt(), sort))
        return self.fresh[-1].seal


def standing_behind(leaf: bytes) -> dict[str, str]:
    """Return the seals in a leaf that stand behind a name's, for the same person; empty where nobody is known."""
    return {own.decode(): same.decode() for own, same in _BEHIND.findall(leaf)}


def others_than_erased(
    acting: Iterable[str], items: Collection[str], entries: Callable[[], Iterable[tuple[int, msgspec.Raw]]]
) -> set[str] | None:
    """Return whose seals are of others than those erased by whom it is known whose approval counts in a deal.

    A name that was written otherwise is of an erased person too, where that one's seal stands behind it.

    Args:
        acting: Who they are, as names are compared.
        items: The seals of the deal's texts that are not erased.
        entries: Gives the events of its entries.

    Returns:
        None where none of them was erased.
    """
    for name in acting:
        if name.startswith(SEALED) and name not in items:
            break
    else:
        return None
    behind: dict[str, str] = {}
    for _, data in entries():
        behind |= standing_behind(bytes(data))
    return {own for own in items if behind.get(own, own) in items}


def restore(data: bytes, texts: Mapping[str, str]) -> bytes:
    """Put texts back into canonical JSON where their seals stand inside of strings; others stay sealed."""
    if PREFIX not in data:
        return data

    def text(match: re.Match[bytes]) -> bytes:
        found = texts.get(match[1].decode())
        return match[1] if found is None else canonical(found)[1:-1]

    return _NAMED.sub(text, data)


class Sealer:
    """Knows which fields are personal under one policy."""

    def __init__(self, policy: Policy) -> None:
        personal = [d for d in policy.deal.values() if d.personal]
        texts = {d.name for d in personal if d.unit.kind is Kind.TEXT and not _is_read(policy, f"deal.{d.name}")}
        self.facts = {d.name: Sort.TEXT if d.name in texts else Sort.QUANTITY for d in personal}
        self.issues = frozenset(i.name for i in policy.issues.values() if i.personal)
        self.is_open = not self.issues and Sort.QUANTITY not in self.facts.values()

    def places(self, content: Content) -> Iterator[SealedPlace]:
        """Return the places of *content* where something personal stands."""
        for name in ("actor", "approver"):
            if name in content:
                yield SealedPlace((name,), Sort.NAME, content)
        for name in ("note", "reason", "asked", "proof"):
            if name in content:
                yield SealedPlace((name,), Sort.TEXT, content)
        if self.facts and "facts" in content:
            facts = content["facts"]
            yield from (SealedPlace(("facts", n), self.facts[n], facts) for n in sorted(facts) if n in self.facts)
        if self.issues:
            terms, limits = content.get("terms", {}), content.get("limits", {})
            yield from (SealedPlace(("terms", n), Sort.QUANTITY, terms) for n in sorted(terms) if n in self.issues)
            for n in sorted(limits):
                if n in self.issues:
                    yield from (SealedPlace(("limits", n, t), Sort.QUANTITY, limits[n]) for t in sorted(limits[n]))

    def seal(self, content: Content, event: AnyEvent, token: Callable[[SealedPlace], str]) -> AnyEvent:
        """Seal *content* in place, and give *event* as the engine may see it: texts sealed, quantities as they are."""
        changed: dict[str, Any] = {}
        for place in self.places(content):
            found = token(place)
            place.put(found)
            if place.sort is not Sort.QUANTITY:
                if len(place.path) == 1:
                    changed[place.path[0]] = found
                else:
                    changed["facts"] = {**changed.get("facts", event.facts), place.path[1]: found}  # type: ignore[union-attr]
        return msgspec.structs.replace(event, **changed) if changed else event

    def opened(self, content: Content, texts: Mapping[str, str]) -> list[SealedPlace]:
        """Put the quantities of a recorded content back in place; give those whose text is erased."""
        lost = []
        for place in self.places(content):
            if place.sort is Sort.QUANTITY:
                text = texts.get(place.text)
                if text is None:
                    lost.append(place)
                else:
                    place.put(text)
        return lost


def _is_read(policy: Policy, fact: str) -> bool:
    """Return whether a rule, a table, a worth or what is said rests on a deal fact."""
    said = any(fact in rule.say for rule in policy.rules)
    return said or fact in policy.mentioned or fact in policy.fixed or fact in policy.needed


class ShownDecision(Protocol):
    """What every decision shows, in words or as evidence."""

    @property
    def at(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def deal(self) -> str: ...

    @property
    def door(self) -> str | None: ...

    @property
    def event(self) -> str: ...

    @property
    def on(self) -> str: ...

    @property
    def party(self) -> KnownParty | msgspec.UnsetType: ...

    @property
    def rates(self) -> tuple[UsedRate, ...]: ...

    @property
    def verdict(self) -> str: ...


def closed_decision(decision: ShownDecision, policy: PolicyRef | str, token: str) -> bytes:
    """Return what stays readable of a decision whose reasoning is sealed.

    Args:
        policy: Which policy decided; of evidence its content hash.
    """
    party = {} if decision.party is msgspec.UNSET else {"party": decision.party}
    priced = {key: said for key, said in (("currency", decision.currency), ("rates", decision.rates)) if said}
    return canonical(
        {
            **priced,
            "at": decision.at,
            "deal": decision.deal,
            "door": decision.door,
            "event": decision.event,
            "on": decision.on,
            **party,
            "policy": policy,
            "sealed": token,
            "verdict": decision.verdict,
        }
    )
