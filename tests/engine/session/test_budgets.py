"""Budgets over deals: what others have taken before an entry of the log, and what is answered beyond it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from tests.helpers.currencies import rates
from tests.helpers.findings import read
from tests.helpers.logs import counted_salts

from walkaway import Core, Decision, Policy, Session
from walkaway.deal.budgets import BudgetShare
from walkaway.deal.lines import Line
from walkaway.deal.position import PartyRecord, Position, SpentBudget
from walkaway.decide.known import known_party, party_known
from walkaway.language.values import NotAValue
from walkaway.log.auditing import audit
from walkaway.log.policies import Policies
from walkaway.log.preview import DecisionChanged, Preview, append_as_shown
from walkaway.log.record import Recorder
from walkaway.log.replaying import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import entries
from walkaway.policy import read as read_policy
from walkaway.run.parallel import LogWorker
from walkaway.session.budgets import Taken

POLICY = """policy: goodwill
version: 1
side: seller
currency: USD
deal:
  list_price: {type: money, least: 1 USD}
  rep: text
issues:
  discount: {type: percent, start: 0%, least: 0%, most: 100%, worth: -1% of deal.list_price per 1%, walk: 90%}
  term: {type: months, start: 12 months, least: 1 month, most: 60 months, worth: 0.5% of deal.list_price per month}
package: {base: deal.list_price}
roles: [manager, cfo]
budgets:
  goodwill: {sum: give.net, of: [rep, utc_quarter], most: "50,000 USD", then: escalate, to: cfo}
  each: {sum: give.net, of: [party], most: "60,000 USD", then: refuse}
rules: {}
"""
ABROAD = POLICY.replace("least: 1 USD", "least: 0.01 USD").replace(
    "deal:\n", "currencies: {accepted: [EUR, GBP], rates: {file: rates.csv, per: EUR, max_age: 6 days}}\ndeal:\n", 1
)
Event = dict[str, Any]


def event(n: int, deal: str, sort: str, at: str = "2026-10-05", **fields: Any) -> Event:
    """Return an event."""
    return {"id": f"e{n}", "deal": deal, "at": f"{at}T09:00:00Z", "type": sort, "actor": "ana", **fields}


def opens(n: int, deal: str, rep: str = "ana", price: str = "100,000 USD", **fields: Any) -> Event:
    """Return the opening of a deal of a rep."""
    return event(n, deal, "open", facts={"list_price": price, "rep": rep}, party=f"of {deal}", **fields)


def offers(n: int, deal: str, discount: int | str, **fields: Any) -> Event:
    """Return an offer of ours."""
    return event(n, deal, "offer", by="us", terms={"discount": f"{discount}%"}, **fields)


def course() -> Iterator[Event]:
    """Yield what happens in many deals at random, in order."""
    rng, open_deals, said = Random(7), list[str](), dict[str, list[str]]()
    for n in range(150):
        at, deal = f"2026-{9 + n // 50:02}-{1 + n // 3 % 27:02}", rng.choice(open_deals or [""])
        if len(open_deals) < 5 or rng.random() < 0.1:
            deal = f"D-{n}"
            open_deals.append(deal)
            said[deal] = []
            yield opens(n, deal, rng.choice(["ana", "bob"]), at=at) | {"party": f"Mills {n % 4 if n > 9 else n}"}
            continue
        match rng.randrange(9):
            case 0:
                open_deals.remove(deal)
                yield event(n, deal, "close", at, outcome=rng.choice(["lost", "walked"]))
            case 1 if said[deal]:
                of = said[deal].pop()
                yield event(1000 + n, deal, "approve", at, of=of, approver="carla", role="cfo") | {"actor": "carla"}
                yield event(n, deal, "void", at, of=of, reason="a slip")
            case 2:
                yield event(n, deal, "update", at, facts={"rep": rng.choice(["ana", "bob"])})
            case 3:
                yield event(n, deal, "accept", at, by="them")
            case _:
                said[deal].append(f"e{n}")
                terms = {"discount": f"{rng.randrange(0, 40)}%", "term": f"{rng.choice([12, 18, 24])} months"}
                yield event(n, deal, "offer", at, by="us", terms=terms)


def record(store: Path, policy: Policy, events: list[Event]) -> list[Decision]:
    """Record events by a writer of their own; return their decisions, and nothing of dead letters."""
    with closing(Sqlite(store, writable=True)) as opened:
        recorder = Recorder(opened, policy, counted_salts(), Core.PLAIN)
        answers = [recorder.record([Line(json.dumps(e).encode(), "events", 1)])[0] for e in events]
    return [a.decision for a in answers if hasattr(a, "decision")]


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Return the policy."""
    return read(POLICY).unwrap()


def taken_of(position: Position) -> Fraction:
    """Tell a second time what a deal gives, in cents: the discount less what a longer term is worth."""
    if position.outcome in ("lost", "walked"):
        return Fraction(0)
    discount, term = int(position.cleared["discount"]), int(position.cleared["term"])
    price = int(position.facts["list_price"])
    return max(Fraction(0), price * Fraction(discount, 1_000_000) - price * Fraction(term - 12, 200))


def quarter(instant: int) -> int:
    """Return the quarter of an instant of 2026."""
    return (datetime.fromtimestamp(instant // 1_000_000, UTC).month - 1) // 3


def test_the_sum_is_that_of_all_other_deals_of_the_key_before_the_entry(policy: Policy, tmp_path: Path) -> None:
    """As every deal stands: replaced words, voided ones and lost deals count no more; after restarts as well."""
    deals: dict[str, Position] = {}
    checked = over = 0
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        recorder = Recorder(store, policy, counted_salts(), Core.PLAIN)
        for n, each in enumerate(course()):
            if n % 50 == 49:
                recorder = Recorder(store, policy, counted_salts(n), Core.PLAIN)
            (answer,) = recorder.record([Line(json.dumps(each).encode(), "events", 1)])
            if not hasattr(answer, "decision"):
                continue
            decision, name = answer.decision, each["deal"]
            now = recorder.decider.deals[name].position
            known, before = decision.party, deals.get(name)
            assert known is not msgspec.UNSET
            assert known.budgets is not msgspec.UNSET
            rep = each["facts"]["rep"] if before is None else before.facts["rep"]
            others = [p for d, p in deals.items() if d != name and taken_of(p)]
            of_rep = [p for p in others if p.facts["rep"] == rep]
            of_rep = [p for p in of_rep if quarter(p.ours.conceded_at or 0) == quarter(now.last)]
            of_party = [p for p in others if p.party == now.party]
            for budget, found in (("goodwill", of_rep), ("each", of_party)):
                told = party_known(policy, known).spent[budget]
                assert told == SpentBudget(sum(map(taken_of, found)), answer.entry), (n, budget)
                checked += bool(found)
            over += any(r.rule.startswith("budgets-") for r in decision.reasons)
            deals[name] = now
        policies = Policies(store, Core.PLAIN, lambda _: None)
        assert not [found for found in audit(store, policies) if "budget `" in found.what]
        assert all(came is None for came in replay(store, policies, entries(store)))
    assert checked > 50
    assert over > 5


def test_terms_that_give_more_than_is_left_are_answered_as_the_budget_says(policy: Policy, tmp_path: Path) -> None:
    """To the cent; what was let through already may be said again and taken, whatever others take meanwhile."""
    found = record(
        tmp_path / "log.db", policy,
        [
            opens(1, "A"), offers(2, "A", 30), opens(3, "B"), offers(4, "B", 20), offers(5, "B", "20.0001"),
            opens(6, "C", "bob"), offers(7, "C", 50), offers(8, "C", "50.0001"),
            event(9, "A", "offer", by="us", terms={"discount": "30%", "term": "12 months"}, at="2026-10-06"),
            offers(10, "B", 60, at="2027-01-02"), offers(11, "B", "60.0001", at="2027-01-03"),
        ],
    )  # fmt: skip
    fired = [(d.verdict.value, [r.rule for r in d.reasons]) for d in found]
    assert [v for v, _ in fired] == [
        "proceed", "proceed", "proceed", "proceed", "escalate", "proceed", "proceed", "escalate", "proceed", "escalate",
        "refuse",
    ]  # fmt: skip
    assert fired[4][1] == ["budgets-goodwill"]
    assert fired[10][1] == ["budgets-each", "budgets-goodwill"]
    assert "Have `cfo` approve these terms." in [o.what for o in found[4].obligations]


def test_nobody_but_the_one_writer_of_a_log_knows_a_budget(policy: Policy, tmp_path: Path) -> None:
    """A session in memory and one of several workers hold, and say what they lack; a session with the log knows."""
    events = [opens(1, "A"), offers(2, "A", 10)]
    with Session(policy) as alone:
        held = alone.decide_many(events)[-1]
    assert isinstance(held, Decision)
    assert (held.verdict, [r.rule for r in held.reasons]) == ("hold", ["unprepared"])
    assert held.obligations[0].what == "State the budget `each`, which a log sums up over all deals."
    with Session(policy, str(tmp_path / "log.db")) as knowing:
        assert [d.verdict for d in knowing.decide_many(events) if isinstance(d, Decision)] == ["proceed"] * 2
        assert knowing.ask("A", {"discount": "50.0001%"}, actor="ana").decision.verdict == "escalate"
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        worker = LogWorker(store, [policy], counted_salts(), Core.PLAIN, lambda _: None, 9, in_words=True)
        (answer,) = worker.decide([Line(json.dumps(offers(3, "A", 11)).encode(), "events", 1)]).answers
    assert answer.verdict == "hold"  # type: ignore[union-attr]


def test_a_key_of_which_a_part_is_not_known_is_held(policy: Policy, tmp_path: Path) -> None:
    """Whose deal it is has to be said where a budget is told apart by the party."""
    nameless = {key: value for key, value in opens(1, "A").items() if key != "party"}
    _, held = record(tmp_path / "log.db", policy, [nameless, offers(2, "A", 10)])
    assert held.verdict == "hold"
    assert "State the `party`, by which the budget `each` is told apart." in [o.what for o in held.obligations]


def test_a_decision_that_knew_another_sum_than_the_log_is_found(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It replays, since it rests on what it says it knew; the audit sums up the log once more."""
    file = tmp_path / "log.db"
    record(file, policy, [opens(1, "A"), offers(2, "A", 30), opens(3, "B")])
    was = Taken.at

    def lying(taken: Taken, deal: str, keys: Mapping[str, Any], entry: int | None = None) -> dict[str, SpentBudget]:
        return {name: SpentBudget(100, entry) for name in was(taken, deal, keys, entry)}

    monkeypatch.setattr(Taken, "at", lying)
    (let_through,) = record(file, policy, [offers(4, "B", 45)])
    monkeypatch.undo()
    with closing(Sqlite(file)) as store:
        policies = Policies(store, Core.PLAIN, lambda _: None)
        assert let_through.is_yes
        assert all(came is None for came in replay(store, policies, entries(store)))
        told = [f"{found.entry}: {found.what}" for found in audit(store, policies)]
    knew = "its decision knew of budget"
    assert told == [
        f"3: {knew} `each` 1 USD, before entry 3, by the log it is 0 USD",
        f"3: {knew} `goodwill` 1 USD, before entry 3, by the log it is 30,000 USD",
    ]


def test_a_won_deal_counts_as_it_was_agreed(policy: Policy, tmp_path: Path) -> None:
    """And not as it was let through; what was signed and never agreed leaves it at what was let through."""
    taken = {"discount": "55%", "term": "12 months"}
    beyond = [
        offers(3, "A", 55),
        event(4, "A", "accept", by="them"),
        event(5, "A", "close", outcome="won", terms=taken),
    ]
    found = record(tmp_path / "agreed.db", policy, [opens(1, "A"), offers(2, "A", 10), *beyond, opens(6, "B")])
    assert found[2].verdict == "escalate"
    assert party_known(policy, found[-1].party).spent["goodwill"].taken == 5_500_000
    signed = event(3, "A", "close", outcome="won", terms=taken)
    found = record(tmp_path / "signed.db", policy, [opens(1, "A"), offers(2, "A", 10), signed, opens(4, "B")])
    assert "signed-otherwise" in [reason.rule for reason in found[2].reasons]
    assert party_known(policy, found[-1].party).spent["goodwill"].taken == 1_000_000


def test_sums_of_several_currencies_are_exact(tmp_path: Path) -> None:
    """Each deal at its own pinned rate, in the policy's currency; a sum between two cents is written as a fraction."""
    policy = read_policy(ABROAD.encode(), "policy.yaml", lambda name: rates()).unwrap()
    at = "2026-03-04"
    found = record(
        tmp_path / "log.db", policy,
        [
            opens(1, "A", price="10,000 EUR", currency="EUR", at=at), offers(2, "A", 10, at=at),
            opens(3, "B", price="1,000 GBP", currency="GBP", at=at), offers(4, "B", "12.34", at=at),
            opens(5, "C", at=at),
        ],
    )  # fmt: skip
    assert [d.verdict for d in found] == ["proceed"] * 5
    pairs = {used.pair: Fraction(used.rate) for decision in found[:4] for used in decision.rates}
    of_a = 1000 * pairs["USD/EUR"]
    of_b = Fraction("123.40") * pairs["USD/EUR"] / pairs["GBP/EUR"]
    spent = party_known(policy, found[-1].party).spent["goodwill"].taken
    assert spent == 100 * (of_a + of_b)
    assert spent.denominator > 1
    assert known_party(policy, PartyRecord(spent={"goodwill": SpentBudget(spent, 4)})).budgets == {  # type: ignore[union-attr]
        "goodwill": found[-1].party.budgets["goodwill"]  # type: ignore[union-attr]
    }


def test_a_deal_that_moves_to_a_version_without_budgets_takes_nothing_any_more(policy: Policy, tmp_path: Path) -> None:
    """For the writer that saw it move, for the one that comes after, and for the audit."""
    later = POLICY.replace("version: 1\n", "version: 2\neffective: {from: 2026-11-01}\n")
    without = read(later[: later.index("budgets:")] + "rules: {}\n").unwrap()
    first = [opens(1, "A"), offers(2, "A", 30), opens(3, "B"), offers(4, "B", 1)]
    last = [event(5, "A", "update", at="2026-11-02", policy="goodwill@2"), offers(6, "B", 2, at="2026-11-03")]
    offered = offers(7, "B", 3, at="2026-11-04")
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        told = []
        for events in (first + last, [offered]):
            recorder = Recorder(store, policy, counted_salts(len(told)), Core.PLAIN, others=[without])
            told += [recorder.record([Line(json.dumps(e).encode(), "events", 1)])[0].decision for e in events]  # type: ignore[union-attr]
        spent = [party_known(policy, d.party).spent["goodwill"].taken for d in told if d.deal == "B"]
        assert told[4].policy.version == 2
        assert spent == [3_000_000, 3_000_000, 0, 0]
        assert not list(audit(store, Policies(store, Core.PLAIN, lambda _: None)))


def test_a_version_that_tells_sums_apart_otherwise_begins_anew(policy: Policy, tmp_path: Path) -> None:
    """What is another fact's value counts for none of this one, though both are written alike."""
    stated, by_desk = "  rep: text\n  desk: {type: text, optional: yes}\n", POLICY.replace("[rep, ", "[desk, ")
    versions = [
        read(text.replace("  rep: text\n", stated)).unwrap()
        for text in (POLICY, by_desk.replace("version: 1\n", "version: 2\neffective: {from: 2026-11-01}\n"))
    ]
    given = {"list_price": "100,000 USD", "rep": "bob", "desk": "ana"}
    later = [event(n, deal, "open", at="2026-11-02", facts=given, party=deal) for n, deal in ((3, "B"), (5, "C"))]
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as store:
        recorder = Recorder(store, versions[0], counted_salts(), Core.PLAIN, others=versions[1:])
        told = [opens(1, "A"), offers(2, "A", 30), later[0], offers(4, "B", 20, at="2026-11-02"), later[1]]
        answers = [recorder.record([Line(json.dumps(e).encode(), "events", 1)])[0] for e in told]
    found = [answer.decision for answer in answers]  # type: ignore[union-attr]
    assert [d.policy.version for d in found] == [1, 1, 2, 2, 2]
    assert [party_known(policy, d.party).spent["goodwill"].taken for d in found] == [0, 0, 0, 0, 2_000_000]


def test_what_is_known_of_a_budget_is_read_back_as_it_was(policy: Policy) -> None:
    """Whole amounts as people write them, and others as fractions."""
    for taken in (0, 1, 123_456, Fraction(100, 3), Fraction(1, 7)):
        known = PartyRecord(spent={"goodwill": SpentBudget(taken, 9)})
        assert party_known(policy, known_party(policy, known)) == known


@pytest.mark.parametrize("said", ["1/0 USD", "1/00 USD", "1/3 EUR", "-1/3 USD", "1/3", "1" * 5000 + "/3 USD", "x USD"])
def test_what_was_never_written_of_a_budget_is_no_amount(policy: Policy, said: str) -> None:
    """Whoever changed a log is told so, however long or odd what stands there is."""
    known = known_party(policy, PartyRecord(spent={"goodwill": SpentBudget(Fraction(1, 3), 9)}))
    told = {"goodwill": msgspec.structs.replace(known.budgets["goodwill"], taken=said)}  # type: ignore[union-attr, index]
    with pytest.raises(NotAValue):
        party_known(policy, msgspec.structs.replace(known, budgets=told))  # type: ignore[type-var]


def test_a_sum_of_hundreds_of_rates_is_told_at_a_sensible_length_and_never_as_less(policy: Policy) -> None:
    """Beyond 300 digits of a denominator as the next such part above it, which is read back as it was."""
    taken, exact = Taken(), Fraction(0)
    for n in range(10_000, 10_400):
        taken.put(f"D-{n}", {"goodwill": BudgetShare(("ana",), Fraction(10**9, n))})
        exact += Fraction(10**9, n)
    found = taken.at("D", {"goodwill": ("ana",)})["goodwill"]
    assert exact.denominator > 10**300 >= found.taken.denominator
    assert exact < found.taken <= exact + Fraction(1, 10**300)
    known = PartyRecord(spent={"goodwill": found})
    assert party_known(policy, known_party(policy, known)) == known


def test_an_event_is_recorded_as_it_was_shown_though_other_deals_went_on(policy: Policy, tmp_path: Path) -> None:
    """What is shown has no entry yet; another sum is another decision, and nothing is written."""
    file, late = tmp_path / "log.db", json.dumps(offers(4, "B", 10)).encode()
    record(file, policy, [opens(1, "A"), opens(2, "B"), offers(3, "A", 30)])

    def shown() -> Decision:
        with closing(Sqlite(file)) as store, store.reading():
            found = Preview(store, [policy], counted_salts(9), lambda _: None).decide(late)
        assert isinstance(found, Decision)
        return found

    before = shown()
    record(file, policy, [opens(5, "C", "bob"), offers(6, "A", 32)])
    with closing(Sqlite(file, writable=True)) as store:
        with pytest.raises(DecisionChanged):
            append_as_shown(store, [policy], late, before, counted_salts(), lambda _: None)
        again = shown()
        record(file, policy, [opens(7, "D", "bob")])
        assert append_as_shown(store, [policy], late, again, counted_salts(), lambda _: None) == 6


def test_a_decision_whose_reasoning_is_sealed_shows_what_it_knew_of_budgets(tmp_path: Path) -> None:
    """Under a policy with a personal quantity: replay rests on it, and the audit looks at it."""
    personal = read(POLICY.replace("  rep: text\n", "  rep: text\n  salary: {type: money, personal: yes}\n")).unwrap()
    file, said = tmp_path / "log.db", {"facts": {"list_price": "100,000 USD", "rep": "ana", "salary": "9 USD"}}
    record(file, personal, [opens(1, "A") | said, offers(2, "A", 30), opens(3, "B") | said, offers(4, "B", 20)])
    with closing(Sqlite(file)) as store:
        last = list(entries(store))[-1]
        assert (
            b'"budgets":{"each":{"entry":3,"taken":"0 USD"},"goodwill":{"entry":3,"taken":"30,000 USD"}}' in last.leaf
        )
        assert b'"sealed":' in last.leaf
        policies = Policies(store, Core.PLAIN, lambda _: None)
        assert all(came is None for came in replay(store, policies, entries(store)))
        assert not list(audit(store, policies))
