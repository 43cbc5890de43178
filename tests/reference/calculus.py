"""The calculus as an oracle: what each event of a deal is answered, and what is remembered after it.

Reads like docs/calculus.md and shares no code with the engine: nothing is fast here, everything is a plain fraction,
and whatever can be computed again from the events is computed again.

    answers = evaluate([policy], events)       # layers from the top down, events as the dicts their JSON is

Every layer is judged with all layers above it, as a policy of its own with a position of its own; the answer is the
most severe of theirs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from tests.reference import happenings
from tests.reference.conditions import Value, seconds, value
from tests.reference.deal import THEM, US, Agreement, Deal, Folding, Word, whole
from tests.reference.judging import (
    NOBODY,
    OUR_ACCEPTANCE,
    OUR_OFFER,
    THEIR_ACCEPTANCE,
    Answer,
    Fired,
    copy_of,
    judge_event,
    judge_ours,
    judge_theirs,
    release,
    severity,
)
from tests.reference.policy import Package, Policy


@dataclass
class World:
    """All deals under one policy."""

    policy: Policy
    deals: dict[str, Deal] = field(default_factory=dict)
    folding: Folding | None = None


@dataclass
class Decision:
    """What all layers say to one event: the most severe of their answers, and the answer of each, the top one first."""

    event: str
    answers: list[Answer]
    deals: list[Deal | None]

    @property
    def verdict(self) -> str:
        return max((a.verdict for a in self.answers), key=severity)

    @property
    def rules(self) -> list[str]:
        return sorted({rule for a in self.answers for rule in a.rules})

    @property
    def dead(self) -> str:
        return next((a.dead for a in self.answers if a.dead), "")

    @property
    def facts(self) -> dict[str, Value]:
        return self.answers[-1].facts

    @property
    def deal(self) -> Deal | None:
        return self.deals[-1]


def evaluate(layers: list[dict], events: Iterable[dict]) -> list[Decision]:
    """Return the decision on each event, in their order."""
    worlds = [World(Policy(layers[: n + 1], layers[n + 1 :])) for n in range(len(layers))]
    found = []
    for event in events:
        answers = [step(world, event) for world in worlds]
        deals = [world.deals.get(event["deal"]) for world in worlds]
        found.append(Decision(event["id"], answers, [copy_of(deal) if deal else None for deal in deals]))
    return found


def step(world: World, event: dict) -> Answer:
    """Answer one event and remember it."""
    deal, at = world.deals.get(event["deal"]), seconds(event["at"])
    if event["type"] == "open":
        return happenings.open_(world, event) if deal is None else Answer("proceed", dead="opened twice")
    if deal is None:
        return Answer("proceed", dead="not opened")
    if at < deal.latest:
        return Answer("proceed", dead="late")
    if deal.outcome:
        return Answer("proceed", dead="closed")
    if not readable(deal, event):
        return Answer("proceed", dead="cannot be read")
    ahead = value(deal.policy.settings.get("clock", {}).get("ahead", "400 days"))
    if at > deal.latest + ahead and event.get("confirmed") not in (True, "yes"):
        return judge_event(deal, at, "far ahead").with_([happenings.built_in("far-ahead", "hold")])
    kept = copy_of(deal)
    expire(deal, at)
    happenings.alternatives(deal, at)
    deal.party_facts = deal.parties[event["id"]] = happenings.party(world, deal, event["id"])
    answer = handle(world, deal, event, at)
    if answer.dead:
        world.deals[event["deal"]] = kept
        return answer
    deal = world.deals[event["deal"]]
    deal.latest = at
    deal.history.append(event)
    deal.verdicts[event["id"]] = answer.verdict
    theirs = event["type"] in ("offer", "accept", "reject", "withdraw") and event.get("by") == THEM
    if answer.verdict == "walk" and (theirs or event["type"] == "signal") and deal.left != "closed":
        deal.left, deal.moved = answer.door, False
    return answer


def handle(world: World, deal: Deal, event: dict, at: Fraction) -> Answer:
    """Answer one event of an open deal, and change the deal."""
    match event["type"], event.get("by"):
        case "offer" | "accept", _ if not deal.valued:
            return judge_ours(deal, at, [{}], OUR_OFFER, NOBODY)  # unprepared; folded once worths are known
        case "offer", "us":
            return our_offer(deal, event, at, resolved(deal, deal.said, event))
        case "offer", _:
            return their_offer(deal, event, at, resolved(deal, None, event), named_by(event))
        case "accept", by:
            return accept(deal, event, at, by)
        case "reject", by:
            return reject(deal, at, by)
        case "close", _:
            return happenings.close(deal, event, at)
        case kind, _:
            return happenings.HANDLERS[kind](world, deal, event, at)


def readable(deal: Deal, event: dict) -> bool:
    """Tell whether every value of a declared issue is one; what nobody declared may be anything."""
    for terms in terms_of(event) if event["type"] in ("offer", "approve", "close") else []:
        for issue, at in terms.items():
            said = deal.policy.issues.get(issue, [{}])[0]
            fits = at in said["one of"] if "one of" in said else isinstance(at, bool) == (said.get("type") == "yes/no")
            if said and not (fits and ("one of" in said or isinstance(at, bool | Fraction))):
                return False
    return True


# --- What an offer says ---------------------------------------------------------------------------------------------


def terms_of(event: dict, key: str = "terms") -> list[Package]:
    """Return the terms that an offer names: one package, or several."""
    return [{i: value(v) for i, v in said.items()} for said in event.get("packages") or [event.get(key, {})]]


def named_by(event: dict) -> set[str]:
    """Return the issues that an offer names."""
    return {i for terms in terms_of(event) for i in terms}


def resolved(deal: Deal, standing: Word | None, event: dict) -> list[Package]:
    """Return the whole packages of an offer: what it leaves out keeps its maker's value."""
    if event["by"] == THEM:
        return deal.least([deal.their_package(terms) for terms in terms_of(event)])
    said = standing.packages[0] if standing else deal.start
    return deal.least([whole(said, terms) for terms in terms_of(event)])


def expire(deal: Deal, at: Fraction) -> None:
    """Withdraw the offers that bind no longer."""
    for by, word in ((US, deal.said), (THEM, deal.word)):
        if word and word.standing and word.until is not None and at > word.until:
            happenings.take_back(deal, by, expired=True)


# --- Ours -----------------------------------------------------------------------------------------------------------


def our_offer(deal: Deal, event: dict, at: Fraction, packages: list[Package], opening: Iterable[Fired] = ()) -> Answer:
    """Answer an offer of ours. One equal to their standing offer is our acceptance; one worse is judged as one too.

    Args:
        opening: What fired on the opening that brings it: it is let through only where both are.
    """
    heard = OUR_OFFER
    if deal.word and deal.word.standing:
        for theirs in deal.word.packages:
            if packages == [theirs]:
                return our_acceptance(deal, event, at, theirs)
            if any(deal.policy.no_worse(theirs, p, deal.facts) and deal.W(p) < deal.W(theirs) for p in packages):
                heard = OUR_OFFER | OUR_ACCEPTANCE
    answer = judge_ours(deal, at, packages, heard, event.get("actor")).with_(opening)
    say(deal, event, at, packages, answer, acceptance=False)
    return answer


def our_acceptance(deal: Deal, event: dict, at: Fraction, package: Package) -> Answer:
    """Answer our acceptance of their standing offer."""
    answer = judge_ours(deal, at, [package], OUR_ACCEPTANCE, event.get("actor"))
    say(deal, event, at, [package], answer, acceptance=True)
    agree(deal, package, US, event.get("actor"), answer)
    return answer


def say(deal: Deal, event: dict, at: Fraction, packages: list[Package], answer: Answer, *, acceptance: bool) -> None:
    """Remember terms of ours as said; as cleared, and in every count, only where they were let through."""
    policy, ours, theirs = deal.policy, deal.counts[US], deal.counts[THEM]
    named, was = set(packages[0]) if acceptance else named_by(event), deal.cleared
    again = [i for i in policy.issues if i in named and i in deal.named]
    taken_back = [i for i in again if deal.w(i, packages[0][i]) > deal.w(i, was[i])]
    for i in named:
        deal.firsts[US].setdefault(i, packages[0].get(i))
    deal.said = Word(packages, event["id"], seconds(event["until"]) if "until" in event and not acceptance else None)
    deal.archive[event["id"]] = (US, packages, set(deal.firsts[US]))
    deal.turned_down[US] = False
    deal.times["our_offer"] = at
    deal.legs += [("our acceptance" if acceptance else "our offer", p) for p in packages]
    if deal.agreement and packages != [deal.agreement.terms]:
        deal.agreement.ended = deal.agreement.ended or "replaced"
    if answer.verdict != "proceed" or not may_clear(deal, event):
        ours["uncleared"] += 1
        deal.movers += [(policy.person(event.get("actor")), p) for p in packages]
        return
    net = answer.facts["give.net"]
    ours["retracted"] += len(taken_back)
    deal.named |= named
    ours["flat"] = 0 if net > 0 else ours["flat"] + (ours["offers"] > 0)
    ours["offers"] += 1
    ours["in_a_row"] += not acceptance
    theirs["in_a_row"] = 0
    if not acceptance and not deal.turned_down[THEM]:
        ours["rejections"] += 1
        deal.turned_down[THEM] = True
    clear(deal, event, at, packages, net)


def clear(deal: Deal, event: dict, at: Fraction, packages: list[Package], net: Fraction) -> None:
    """Let terms through: from now on what we give is measured from them."""
    if net > 0:
        deal.counts[US]["concessions"] += 1
        deal.counts[US]["unreturned"] += 1
        deal.counts[US]["last_give"] = net
        deal.counts[THEM]["unreturned"] = 0
        deal.times["our_concession"] = at
    deal.cleared = dict(packages[0])
    deal.cleared_by.add(event["id"])
    release(deal, packages)


def may_clear(deal: Deal, event: dict) -> bool:
    """Tell whether an event may clear: while a deal is folded again, only if it did the first time."""
    return not deal.folding or deal.folding.may_clear is None or event["id"] in deal.folding.may_clear


def agree(deal: Deal, terms: Package, by: str, actor: object, answer: Answer) -> None:
    """Remember an agreement, and whether it was let through."""
    through = answer.verdict == "proceed"
    deal.agreement = Agreement(dict(terms), by, actor, through)
    deal.settled[by] |= set(deal.policy.issues)
    deal.settled_terms = {i: terms[i] for i in deal.policy.issues}


# --- Theirs ---------------------------------------------------------------------------------------------------------


def their_offer(deal: Deal, event: dict, at: Fraction, packages: list[Package], named: set[str]) -> Answer:
    """Answer an offer of theirs. One equal to what we said is their acceptance; one no worse is answered as one."""
    ours = deal.said.packages if deal.said and deal.said.standing else []
    for said in ours:
        if packages == [said]:
            return their_acceptance(deal, event, at, said)
    after = copy_of(deal)
    they_move(after, event, at, packages, named, acceptance=False)
    answers = []
    for package in packages:
        in_words = any(deal.policy.no_worse(package, said, deal.facts) for said in ours)
        answers.append(judge_theirs(deal, at, package, named, after, in_words))
    answer = max(answers, key=lambda a: severity(a.verdict))
    answer.fired = [f for a in answers for f in a.fired]
    deal.__dict__.update(after.__dict__)
    return answer


def their_acceptance(deal: Deal, event: dict, at: Fraction, said: Package) -> Answer:
    """Answer their acceptance of what we said: counted as their move first, then judged as if we said it."""
    every = set(deal.policy.issues)
    moved = deal.move(said, every)
    they_move(deal, event, at, [said], every, acceptance=True)
    answer = judge_ours(deal, at, [said], THEIR_ACCEPTANCE, NOBODY, THEM)
    answer.facts.update(moved)
    if answer.verdict == "proceed" and may_clear(deal, event):
        clear(deal, event, at, [said], answer.facts["give.net"])
        deal.run_from = dict(deal.cleared)
    agree(deal, said, THEM, None, answer)
    deal.legs.append(("their acceptance", said))
    return answer


def they_move(
    deal: Deal, event: dict, at: Fraction, packages: list[Package], named: set[str], *, acceptance: bool
) -> None:
    """Count an offer or an acceptance of theirs: bases, their last word, and what follows from both."""
    ours, theirs, package = deal.counts[US], deal.counts[THEM], packages[0]
    named = {i for i in named if i in deal.policy.issues}
    moved, first = deal.move(package, named), any(i not in deal.base for i in named)
    concession = moved["move.value"] > 0
    ours_said = deal.said.packages if deal.said else []
    takes = acceptance or any(deal.policy.no_worse(p, s, deal.facts) for p in packages for s in ours_said)
    if deal.said and not takes and not deal.turned_down[US]:
        theirs["rejections"] += 1
        deal.turned_down[US] = True
    deal.before = dict(deal.last)
    for i in named:
        deal.base.setdefault(i, package[i])
        deal.firsts[THEM].setdefault(i, package[i])
        deal.last[i] = package[i]
    if not first or concession:
        theirs["flat"] = 0 if concession else theirs["flat"] + 1
    deal.moved = deal.moved or concession or acceptance or theirs["offers"] == 0
    theirs["offers"] += 1
    theirs["in_a_row"] += not acceptance
    theirs["retracted"] += int(moved["move.retracted"])
    ours["in_a_row"] = 0
    if concession:
        theirs["concessions"] += 1
        theirs["unreturned"] += 1
        theirs["last_give"] = moved["move.value"]
        ours["unreturned"] = 0
        deal.times["their_concession"] = at
    deal.times["their_offer"] = at
    deal.word = Word(packages, event["id"], seconds(event["until"]) if "until" in event and not acceptance else None)
    deal.archive[event["id"]] = (THEM, packages, set(deal.firsts[THEM]))
    deal.turned_down[THEM] = False
    standing = deal.said.packages if deal.said and deal.said.standing else []
    if acceptance or (len(packages) == 1 and any(deal.policy.no_worse(package, s, deal.facts) for s in standing)):
        begins = all(standing[0][i] == deal.cleared[i] for i in deal.policy.issues)  # what they take was let through
    else:
        begins = True
    if begins:
        deal.run_from = dict(deal.cleared)
    if deal.agreement and packages != [deal.agreement.terms]:
        deal.agreement.ended = deal.agreement.ended or "replaced"


# --- Taking and declining -------------------------------------------------------------------------------------------


def accept(deal: Deal, event: dict, at: Fraction, by: str) -> Answer:
    """Answer an acceptance: of a standing offer, of one its maker has replaced, or of some issues only."""
    word, standing = (deal.word, deal.said) if by == US else (deal.said, deal.word)
    current_ones = (None, word.packages if word else [], set(deal.firsts[THEM if by == US else US]))
    maker, packages, named = deal.archive.get(event["of"], (by, [], set())) if "of" in event else current_ones
    if ("of" in event and maker == by) or not packages:
        return Answer("proceed", dead="nothing to accept")
    package = packages[int(event.get("package", 1)) - 1]
    is_last = "of" not in event or (word is not None and word.event == event["of"])
    current = is_last and word.standing and package in word.packages
    if is_last and not current:
        return Answer("proceed", dead="nothing to accept")
    if not set(event.get("issues", [])) <= named:
        return Answer("proceed", dead="never named")
    if "issues" in event:
        taken = {i: package[i] for i in event["issues"]}
        if current:  # of an offer that is replaced it is an offer, and settles nothing
            deal.settled[by] |= set(taken)
            deal.settled_terms |= {i: v for i, v in taken.items() if i in deal.policy.issues}
        whole_ = (
            whole(standing.packages[0] if standing else deal.start, taken) if by == US else deal.their_package(taken)
        )
        said = {**event, "terms": taken}
        return our_offer(deal, said, at, [whole_]) if by == US else their_offer(deal, said, at, [whole_], set(taken))
    if not current:
        said = {**event, "terms": package}
        return (
            our_offer(deal, said, at, [package]) if by == US else their_offer(deal, said, at, [package], set(package))
        )
    return our_acceptance(deal, event, at, package) if by == US else their_acceptance(deal, event, at, package)


def reject(deal: Deal, at: Fraction, by: str) -> Answer:
    """Answer a rejection. It counts once for each offer, and ends what was agreed; what was said stays said."""
    if not (deal.word if by == US else deal.said):
        return Answer("proceed", dead="nothing to reject")
    answer = judge_event(deal, at, "our rejection" if by == US else "their rejection")
    other = THEM if by == US else US
    deal.counts[by]["rejections"] += not deal.turned_down[other]
    deal.turned_down[other] = True
    deal.counts[other]["in_a_row"] = 0
    if by == THEM:
        deal.run_from = dict(deal.cleared)
    if deal.agreement:
        deal.agreement.ended = "rejected"
    return answer
