"""Every key of the policy language beside every tool: where the reference uses a key, and a small policy of each kind.

A `Row` is a policy that lives by some keys, with the events that exercise it, and what each tool has to say of it.
"""

import json
from collections.abc import Iterator, Mapping

import msgspec

from walkaway.language import source
from walkaway.policy.parse.fields import SECTIONS

Key = tuple[str, str]
"""A section of the language, as the code calls it, and a key of it."""


def used(text: str) -> Iterator[tuple[Key, source.Scalar]]:
    """Yield each key that a policy uses, with the place where it stands."""
    yield from _below(source.read(text.encode(), "policy.yaml").unwrap(), "policy")


def _below(node: source.Node, section: str) -> Iterator[tuple[Key, source.Scalar]]:
    fields = {field.key: field for field in SECTIONS[section]}
    for key, value in node.entries if isinstance(node, source.Mapping) else ():
        if key.value not in fields:
            continue
        yield (section, key.value), key
        for shape in fields[key.value].shape.split("|"):
            sort, _, inner = shape.rpartition(":")
            if sort == "map" and isinstance(value, source.Mapping):
                below = [child for _, child in value.entries]
            else:
                below = list(value.items) if isinstance(value, source.Sequence) else [value]
            for child in below if inner in SECTIONS else ():
                yield from _below(child, inner)


Happened = tuple[int, str, Mapping[str, object]]
"""An event: its day of October, its type, and what else it says."""


class Row(msgspec.Struct, frozen=True):
    """A policy that lives by some keys.

    Attributes:
        text: What it says beside the head that all have.
        events: What happens, as `(day of October, type, fields)`.
        verdicts: What is answered, one after the other; the tools agree on it.
        change: A text of it, and another one in its place.
        differs: What `diff` says of it: another `answer`, the `same` ones, or what of it no formula knows.
        claim: What is proved of it.
        leaf: What coverage asks about, among others, with both values at its boundary; empty where it asks nothing.
        mutant: What one mutant is about that the events kill; empty where there is none.
        left_out: Why columns leave its deals to the engine; empty where they take them.
        names: What of it an editor gives another name, separated by blanks; the answers stay the same.
        facts: What rules may read by it.
        files: The files beside it.
    """

    text: str
    events: tuple[Happened, ...]
    verdicts: str
    change: tuple[str, str]
    differs: str = "answer"
    claim: str = "seen"
    leaf: str = ""
    mutant: str = ""
    left_out: str = ""
    names: str = "discount"
    facts: str = ""
    files: Mapping[str, str] = {}

    @property
    def policy(self) -> str:
        """Return the policy's text."""
        return HEAD + self.text

    def lines(self) -> list[bytes]:
        """Return the events as lines of one deal, a `kill` and a `resume` of none."""
        found = []
        for number, (day, sort, fields) in enumerate(self.events):
            at = f"2026-10-{day:02d}T09:00:00Z"
            whose = {} if sort in ("kill", "resume") else {"deal": "d"}
            found.append(json.dumps({"id": f"e{number}", **whose, "at": at, "type": sort, **fields}).encode())
        return found


HEAD = "policy: small\nversion: 1\nside: seller\ncurrency: USD\nroles: [manager, cfo]\n"
DISCOUNT = '  discount: {type: percent, start: 0%, least: 0%, most: 100%, worth: "-1,000 USD per 1%", walk: 30%}\n'


def we(day: int, **terms: object) -> Happened:
    """Return an offer of ours."""
    return day, "offer", {"by": "us", "actor": "ana", "terms": terms}


def rep(day: int, **terms: object) -> Happened:
    """Return an offer of a rep of ours."""
    _, sort, fields = we(day, **terms)
    return day, sort, {**fields, "role": "rep"}


def opened(day: int = 1, **more: object) -> Happened:
    """Return the opening of the deal."""
    return day, "open", more


def seen(condition: str) -> str:
    """Return a claim that terms of ours which a condition is about never proceed."""
    return f"prove:\n  seen: {{never: '({condition}) and verdict = proceed', on: our offer}}\n"


CALENDAR = "".join(
    [
        "day,starts,fiscal_year,quarter,month,business\n",
        *(
            f"2026-{month:02d}-{day:02d},2026-{month:02d}-{day:02d}T00:00:00Z,2026,4,{month - 9},yes\n"
            for month, days in ((10, 31), (11, 30), (12, 31))
            for day in range(1, days + 1)
        ),
    ]
)
RATES = "day,currency,rate\n2026-09-30,USD,1.25\n2026-10-05,USD,1.5\n"
BY_TERM = "{12 months: -1% of deal.year per 1%, 24 months: -2% of deal.year per 1%}"

ROWS: Mapping[str, Row] = {
    "label": Row(
        "deal: {list: {type: money, least: 1 USD, label: List price}}\nissues:\n"
        + DISCOUNT
        + "  payment: {type: days, start: 30 days, least: 0 days, most: 90 days, worth: -10 USD per day, label: {en: "
        "Payment days, de: Zahlungsziel}}\nlabels: {cfo: Head of Finance}\nrules:\n"
        "  late: {why: Late., on: our offer, when: offer.payment > 45 days, then: refuse}\n"
        + seen("offer.payment > 46 days"),
        (opened(facts={"list": "100 USD"}), we(2, payment="45 days"), we(3, payment="46 days")),
        "proceed proceed refuse",
        ("Payment days", "Days to pay"),
        differs="same",
        leaf="offer.payment > 45 days",
        mutant="late",
        names="payment",
        facts="offer.payment deal.list",
    ),
    "calendar": Row(
        "calendar: {file: calendar.csv}\nissues:\n"
        + DISCOUNT
        + "rules:\n  end: {why: Late., on: our offer, when: calendar.days_to_quarter_end < 80 days "
        "and offer.discount > 0%, then: refuse}\n"
        + seen("calendar.days_to_quarter_end < 79 days and offer.discount > 1%"),
        (opened(), we(12, discount="5%"), we(13, discount="4%"), we(14, discount="3%")),
        "proceed proceed refuse refuse",
        ("< 80 days", "< 70 days"),
        leaf="calendar.days_to_quarter_end < 80 days",
        mutant="end",
        left_out="CALENDAR",
        facts="calendar.days_to_quarter_end calendar.day",
        files={"calendar.csv": CALENDAR},
    ),
    "day": Row(
        "deal: {renewal: day}\nissues:\n"
        + DISCOUNT
        + "  begins: {type: day, start: deal.renewal, worth: 0 USD per day}\nrules:\n"
        "  gap: {why: A gap., on: our offer, when: offer.begins > deal.renewal + 7 days, then: refuse}\n"
        + seen("offer.begins > deal.renewal + 8 days"),
        (opened(facts={"renewal": "2027-02-01"}), we(2, begins="2027-02-08"), we(3, begins="2027-02-09")),
        "proceed proceed refuse",
        ("+ 7 days", "+ 6 days"),
        leaf="offer.begins > deal.renewal + 7 days",
        mutant="gap",
        names="begins",
        facts="offer.begins deal.renewal",
    ),
    "by": Row(
        'deal: {year: {type: money, default: "100,000 USD", least: 0.01 USD}}\nissues:\n'
        "  term: {type: months, values: [12 months, 24 months], start: 12 months}\n"
        "  discount: {type: percent, start: 0%, least: 0%, most: 100%, approved: as named, by: term, worth: "
        + BY_TERM
        + ", walk: {12 months: 20%, 24 months: 18%}}\n"
        "package: {by: term, base: {12 months: deal.year, 24 months: 2 * deal.year}, walk: 75% of package.base}\n"
        "rules: {}\n",
        (
            opened(),
            we(2, discount="20%"),
            we(3, term="24 months"),
            we(4, discount="18%"),
            we(5, discount="18.0001%"),
        ),
        "proceed proceed refuse proceed refuse",
        ("24 months: 18%", "24 months: 17%"),
        mutant="walk at 24 months of discount",
        claim="nothing-beyond-walk",
        left_out="SELECTED",
        names="term discount",
        facts="offer.term walk.discount",
    ),
    "derived": Row(
        "issues:\n  seats: {type: count, start: 50, least: 1, most: 100, worth: 40 USD per 1}\n"
        "  price: {type: money, start: 40 USD, least: 1 USD, most: 100 USD, worth: 50 USD per 1 USD}\n"
        "derived: {total: offer.seats * offer.price}\nrules:\n"
        '  thin: {why: Thin., on: our offer, when: "derived.total < 1,500 USD", then: refuse}\n'
        + seen("derived.total < 1,400 USD"),
        (opened(), we(2, price="30 USD"), we(3, price="29.99 USD")),
        "proceed proceed refuse",
        ("< 1,500 USD", "< 1,600 USD"),
        leaf="derived.total < 1,500 USD",
        mutant="thin",
        left_out="DERIVED",
        names="total seats",
        facts="derived.total",
    ),
    "lines": Row(
        "issues:\n  term: {type: months, start: 12 months, least: 1 month, most: 60 months, worth: 100 USD per month}\n"
        'lines:\n  facts: {list: {type: money, least: 0 USD, most: "10,000 USD"}}\n'
        "  issues: {off: {type: percent, start: 0%, least: 0%, most: 100%, worth: -1% of line.list per 1%}}\n"
        "  at most: 5\n  any: {deep: line.off > 30%}\n  every: {small: line.off <= 10%}\n"
        "  sum: {net: (100% - line.off) of line.list}\n  worst: {most_off: line.off}\nrules:\n"
        "  deep: {why: Deep., on: our offer, when: lines.deep, then: refuse}\n"
        '  thin: {why: Thin., on: our offer, when: "lines.net < 700 USD and lines.most_off > 10% and not lines.small", '
        "then: refuse}\n" + seen("lines.deep"),
        (
            opened(facts={"lines": {"a": {"list": "500 USD"}, "b": {"list": "500 USD"}}}),
            we(2, lines={"a": {"off": "30%"}, "b": {"off": "30%"}}),
            we(3, lines={"a": {"off": "30%"}, "b": {"off": "30.01%"}}),
        ),
        "proceed proceed refuse",
        ("line.off > 30%", "line.off > 29%"),
        leaf="lines.net < 700 USD",
        mutant="deep",
        left_out="LINES",
        names="deep net small most_off term",
        facts="lines.net lines.deep",
    ),
    "currencies": Row(
        'currencies: {accepted: [EUR], rates: {file: rates.csv, per: EUR, published: "14:00 UTC", '
        "max_age: 20 days}, drift: 5%}\nissues:\n"
        '  fee: {type: money, start: "0 USD", worth: -1 USD per 1 USD, walk: "5,000 USD"}\nrules:\n'
        '  much: {why: Much., on: our offer, when: "offer.fee > 1,000 USD", then: refuse}\n'
        + seen("offer.fee > 1,001 USD"),
        (opened(currency="EUR"), we(2, fee="800 EUR"), we(3, fee="800.01 EUR")),
        "proceed proceed refuse",
        ("> 1,000 USD", "> 900 USD"),
        leaf="offer.fee > 1,000 USD",
        mutant="much",
        left_out="NOT_PLAIN",
        names="fee",
        facts="fx.rate fx.drift",
        files={"rates.csv": RATES},
    ),
    "approvals": Row(
        "issues:\n"
        + DISCOUNT
        + "approvals: {table: matrix.csv, hit: first, on: our offer}\nrules: {}\n"
        + seen("offer.discount > 20%"),
        (opened(), we(2, discount="5%"), we(3, discount="15%"), we(4, discount="20%"), we(5, discount="20.01%")),
        "proceed proceed escalate escalate refuse",
        ("hit: first", "hit: first, enforcement: advisory"),
        leaf="",
        mutant="approvals-cfo",
        names="manager discount",
        facts="offer.discount approved.cfo",
        files={"matrix.csv": "discount,approver\n<= 5%,nobody\n<= 15%,manager\n<= 20%,manager and cfo\n*,refuse\n"},
    ),
    "owed": Row(
        "issues:\n" + DISCOUNT + '  story: {type: yes/no, start: no, worth: "2,000 USD", owed: 9 days after close}\n'
        "rules:\n  overdue: {why: Late., on: tick, when: owed.late >= 1, then: escalate, to: cfo}\n"
        "prove:\n  seen: {never: owed.late.story and verdict = proceed, on: tick}\n",
        (
            opened(),
            we(2, story="yes"),
            (3, "accept", {"by": "them"}),
            (4, "close", {"outcome": "won"}),
            (13, "tick", {}),
            (14, "tick", {}),
            (15, "update", {"delivered": ["story"], "proof": "a page", "actor": "ana"}),
        ),
        "proceed proceed proceed proceed proceed escalate proceed",
        ("owed: 9 days", "owed: 10 days"),
        leaf="owed.late >= 1",
        differs="what is owed, and until when",
        mutant="story",
        left_out="OWED",
        names="story",
        facts="owed.late owed.open.story",
    ),
    "mandates": Row(
        "issues:\n" + DISCOUNT + '  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic}\n'
        "mandates: {rep: {may: [discount], discount: at most 10%}, manager: {discount: at most 20%}}\nrules: {}\n"
        + seen(
            "known(offer.role) and offer.role = rep and offer.discount > 10% and "
            "offer.discount > ours.cleared.discount and not approved.manager"
        ),
        (opened(), rep(2, discount="10%"), rep(3, discount="10.0001%"), rep(4, discount="5%", support="gold")),
        "proceed proceed escalate escalate",
        ("at most 10%", "at most 11%"),
        mutant="mandates-rep-to-manager",
        names="manager support",
        left_out="EVENT_FACT",
        facts="offer.role",
    ),
    "people": Row(
        "people: {ana: {names: [Ana Doe], role: rep}}\nissues:\n"
        + DISCOUNT
        + "mandates: {rep: {discount: at most 10%}}\n"
        "rules: {}\n"
        + seen(
            "known(offer.role) and offer.role = rep and offer.discount > 10% and "
            "offer.discount > ours.cleared.discount and not approved.manager"
        ),
        (opened(), we(2, discount="10%"), we(3, discount="10.0001%")),
        "proceed proceed escalate",
        ("role: rep", "role: cfo"),
        differs="in which roles people act",
        mutant="mandates-rep-to-manager",
        names="discount",
        left_out="LANGUAGE",
        facts="offer.role",
    ),
    "concern": Row(
        "issues:\n" + DISCOUNT + "rules:\n"
        "  much: {why: Much., on: our offer, when: offer.discount > 5%, then: hold, concern: value}\n"
        "  zeal: {why: Zeal., on: our offer, when: offer.discount > 6%, then: hold, concern: relationship}\n"
        + seen("offer.discount > 6%"),
        (opened(), we(2, discount="5%"), we(3, discount="5.0001%"), we(4, discount="7%")),
        "proceed proceed hold hold",
        ("concern: value", "concern: risk"),
        differs="same",
        leaf="offer.discount > 5%",
        mutant="zeal",
        names="zeal",
        facts="offer.discount",
    ),
    "budgets": Row(
        "deal: {team: {one of: [a, b]}}\nissues:\n"
        + DISCOUNT
        + "budgets:\n  goodwill: {sum: give.net, of: [team, utc_quarter], "
        'most: "8,000 USD", then: refuse, why: Spent.}\n'
        "rules: {}\n" + seen("known(budget.goodwill) and budget.goodwill >= 0 USD and give.net > 8,000 USD"),
        (opened(facts={"team": "a"}), we(2, discount="8%"), we(3, discount="8.0001%")),
        "proceed proceed refuse",
        ("8,000 USD", "7,000 USD"),
        mutant="budgets-goodwill",
        names="goodwill team",
        left_out="BUDGETS",
        facts="budget.goodwill",
    ),
    "kill": Row(
        "issues:\n" + DISCOUNT + "rules:\n"
        "  calm: {why: Calm., on: our offer, when: offer.discount > 5% and not ours.halted, then: refuse}\n"
        + seen("ours.halted or offer.discount > 5%"),
        (
            opened(),
            we(2, discount="5%"),
            (3, "kill", {"approver": "carla", "role": "cfo", "reason": "Prices are wrong."}),
            we(4, discount="5%"),
            we(5, discount="6%"),
            (6, "resume", {"approver": "carla", "role": "cfo", "reason": "They are right."}),
            we(7, discount="5.0001%"),
        ),
        "proceed proceed proceed hold hold proceed refuse",
        ("offer.discount > 5%", "offer.discount > 6%"),
        leaf="offer.discount > 5%",
        mutant="calm",
        names="calm cfo",
        facts="ours.halted",
    ),
}
