# Over 400 lines: every key of a policy, one table after the other.
"""Every key a policy file may hold, with its meaning: the reader, the editor schema and the docs read these tables."""

from collections.abc import Mapping

import msgspec

from walkaway.events import On, Verdict
from walkaway.language.currencies import CURRENCIES
from walkaway.language.values import Kind

NAME = "[a-z][a-z0-9_]{0,47}"
RULE_NAME = "[a-z0-9][a-z0-9_-]{0,79}"

ISSUE_TYPES = tuple(str(kind) for kind in Kind if kind not in (Kind.CHOICE, Kind.TEXT))
DEAL_TYPES = (*ISSUE_TYPES, str(Kind.TEXT))
LINE_TYPES = tuple(kind for kind in ISSUE_TYPES if kind != str(Kind.DAY))
VERDICTS = tuple(v.value for v in Verdict)
EVENTS = (*(str(o) for o in On), "our terms", "any")
ENFORCEMENTS = ("mandatory", "overridable", "advisory", "shadow")
DOORS = ("open", "closed")
CONCERNS = ("relationship", "risk", "value")


class Field(msgspec.Struct, frozen=True):
    """One key.

    Attributes:
        shape: `text name count value expression condition date label list:… map:… section:… choice`; several with `|`.
        choices: The words allowed, where the shape is `choice`.
        examples: What may be written there.
    """

    key: str
    meaning: str
    shape: str
    required: bool = False
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


SHORT: Mapping[str, tuple[str, ...]] = {"deal": DEAL_TYPES, "line_fact": LINE_TYPES}
"""Sections that may be a single word instead."""

_LABEL = Field(
    "label",
    "What people call it where they read it; one text, or one for each language. The name stays its key.",
    "label",
    examples=("Payment days", "{en: Payment days, de: Zahlungsziel}"),
)

_OF_RULES = (
    Field("say", "What may be repeated to the other side; `{fact}` shows a value. Limits are never said.", "text"),
    Field("enforcement", "mandatory (default), overridable, advisory or shadow.", "choice", choices=ENFORCEMENTS),
    Field("by", "With `overridable`: the role that may lift it.", "text"),
    Field(
        "concern",
        "What it is about; equally severe reasons are told in this order: relationship, risk, value.",
        "choice",
        choices=CONCERNS,
    ),
    Field("source", "Where the principle comes from.", "text"),
)
"""What a rule says beside its condition and verdict, and an approval matrix of all its rules."""

SECTIONS: dict[str, tuple[Field, ...]] = {
    "policy": (
        Field("policy", "The policy's name; decisions and logs carry it.", "text", required=True),
        Field("title", "What it is about, in a line.", "text"),
        Field("version", "A whole number, higher with every change.", "count", required=True),
        Field("owner", "Who answers for it.", "text"),
        Field("effective", "The days between which deals may open under it.", "section:effective"),
        Field("extends", "The policies this one tightens: files or folders, seen from here.", "text|list:text"),
        Field("side", "Whether we sell or buy.", "choice", required=True, choices=("seller", "buyer")),
        Field("currency", "ISO 4217 code of every amount.", "choice", required=True, choices=tuple(sorted(CURRENCIES))),
        Field("currencies", "In which other currencies deals may be, and at which rates.", "section:currencies"),
        Field("deal", "Facts each deal must state when it opens.", "map:deal"),
        Field("issues", "What is negotiated: each issue's type, start, worth and limits.", "map:issue", required=True),
        Field("package", "What the start terms are worth as a whole, and its limits.", "section:package"),
        Field(
            "derived",
            "Facts made of the terms on the table: each a product of two issues, read as `derived.NAME`.",
            "map:expression",
            examples=("{total: offer.seats * offer.price}",),
        ),
        Field(
            "lines",
            "The lines of a deal: what is stated and negotiated of each, and what rules read of all as `lines.NAME`.",
            "section:lines",
        ),
        Field("calendar", "Which day an instant is, and where it lies in the fiscal year.", "section:calendar"),
        Field("tables", "Decision tables, in CSV files beside this one.", "map:table"),
        Field("signals", "Kinds of conduct that may be reported.", "list:name"),
        Field("roles", "Who may approve, from the lowest authority to the highest.", "list:name"),
        Field("approvals", "The approval matrix: who has to agree to what, row by row.", "section:approvals"),
        Field("mandates", "Who may offer what: each role with how far it may go by itself.", "map:mandate"),
        Field("budgets", "What all deals together may give away, told apart by what each key names.", "map:budget"),
        Field(
            "labels",
            "What people call roles, signals, derived facts, figures of lines, and words of choices.",
            "map:label",
        ),
        Field("define", "Named conditions and quantities, usable in every rule.", "map:expression"),
        Field(
            "pattern", "Two events of one deal that together mean something; the match count is a fact.", "map:pattern"
        ),
        Field(
            "rules",
            "What is conceded and what is not. The most severe verdict decides; order means nothing.",
            "map:rule",
            required=True,
        ),
        Field(
            "undeclared",
            "What an offer with terms that nobody declared gets: hold (default), refuse, or ignore.",
            "choice",
            choices=("hold", "refuse", "ignore"),
        ),
        Field(
            "theirs_base",
            "What their word counts from: what they said first (said), that within our walk value (walk), or within "
            "the start value (start).",
            "choice",
            choices=("said", "walk", "start"),
        ),
        Field("allows", "What a layer below may add.", "section:allows"),
        Field(
            "uppermost",
            "yes: no policy may be laid above this one, whatever one below it says.",
            "choice",
            choices=("yes", "no"),
        ),
        Field("clock", "What of instants is taken for a slip.", "section:clock"),
        Field("disclosure", "What agents and customers may find out by asking.", "section:disclosure"),
        Field(
            "people",
            "Who is one person under several names: an id, and the names it goes by, or these and the role it acts in.",
            "map:person",
        ),
        Field("prove", "What must be so of every answer, for `walkaway prove` to prove or refute.", "map:claim"),
        Field("require", "What the policy asks of its own scenarios.", "section:require"),
    ),
    "currencies": (
        Field(
            "accepted",
            "The currencies that deals may be in; the policy's own may be left out.",
            "list:choice",
            required=True,
            choices=tuple(sorted(CURRENCIES)),
            examples=("[USD, EUR, GBP]",),
        ),
        Field("rates", "Where rates are published; needed where the policy has amounts of its own.", "section:rates"),
        Field(
            "drift",
            "How far a rate that an event brings may lie from the published one; none may, if left out.",
            "value",
            examples=("5%",),
        ),
    ),
    "rates": (
        Field(
            "file",
            "The CSV file of published rates, beside this one; no part of the policy's hash.",
            "text",
            required=True,
            examples=("rates.csv",),
        ),
        Field(
            "per",
            "The currency one unit of which the rates are for.",
            "choice",
            required=True,
            choices=tuple(sorted(CURRENCIES)),
        ),
        Field(
            "published",
            "The hour in UTC from which a day's rates count, where the file has no column `published`.",
            "text",
            examples=("15:30 UTC",),
        ),
        Field(
            "max_age",
            "So long after its publication a rate counts at most.",
            "value",
            required=True,
            examples=("6 days",),
        ),
    ),
    "calendar": (
        Field(
            "file",
            "The CSV file of its days, beside this one; `walkaway calendar` makes it.",
            "text",
            required=True,
            examples=("calendar.csv",),
        ),
    ),
    "allows": (
        Field(
            "issue_worth",
            "What an issue that a layer below adds may be worth to us at most; nothing, if left out.",
            "value",
            examples=("5,000 USD",),
        ),
    ),
    "disclosure": (
        Field(
            "asks",
            "How many of their asks are answered: since the other side last moved, and in all deals with it.",
            "text",
            required=True,
            examples=("3 per round, 6 per party",),
        ),
    ),
    "clock": (
        Field(
            "ahead",
            "How far after the latest event of its deal an event is held until it is confirmed; 400 days, if left out.",
            "value",
            examples=("400 days",),
        ),
    ),
    "require": (
        Field(
            "coverage",
            "The least share of rules, leaves and boundaries that its scenarios exercise (`walkaway test --coverage`).",
            "value",
            required=True,
            examples=("100%",),
        ),
    ),
    "effective": (
        Field("from", "First day, as 2026-10-01: of UTC, or of the `calendar:`.", "date", examples=("2026-10-01",)),
        Field("to", "Last day, as 2026-12-31: of UTC, or of the `calendar:`.", "date", examples=("2026-12-31",)),
    ),
    "deal": (
        Field("type", "What sort of value it is.", "choice", choices=DEAL_TYPES),
        Field("one of", "The words it may be.", "list:text", examples=("[smb, mid-market, enterprise]",)),
        Field(
            "optional",
            "yes: a deal may leave it out, and rules must guard it with `known(…)`.",
            "choice",
            choices=("yes", "no"),
        ),
        Field("default", "Its value where a deal leaves it out.", "value"),
        Field("least", "The smallest value that a deal may state.", "value", examples=("0", "1 USD")),
        Field("most", "The greatest value that a deal may state.", "value", examples=("10,000",)),
        Field("personal", "yes: it names or describes a person.", "choice", choices=("yes", "no")),
        Field("meaning", "What it tells, in a line.", "text"),
        _LABEL,
    ),
    "issue": (
        Field("type", "What sort of value it is.", "choice", choices=ISSUE_TYPES),
        Field("one of", "Its possible words, each with its worth to us.", "map:expression"),
        Field(
            "by",
            "The issue by whose value its worth or limits are told apart, each value with its own: `by: term`.",
            "text",
            examples=("term",),
        ),
        Field(
            "start",
            "Its value before anybody has offered anything.",
            "expression",
            required=True,
            examples=(
                "0%",
                "12 months",
                "no",
            ),
        ),
        Field(
            "worth",
            "What it is worth to us in money: `-1% of deal.list_price per 1%`; a cost is negative.",
            "expression|map:case",
            examples=("-1% of deal.list_price per 1%", "0.125% of deal.list_price per month", "3,000 USD"),
        ),
        Field("wish", "The aspiration.", "expression|map:case"),
        Field("want", "The target.", "expression|map:case", examples=("8%",)),
        Field(
            "walk",
            "The walk-away value, still acceptable itself; `per deal` where every deal must bring one.",
            "expression|map:case",
            examples=("20%", "floors[deal.segment].walk", "per deal"),
        ),
        Field(
            "step",
            "How far apart offers of it lie among people, for counteroffers: `12 months`, `0.5%`, `1,000 USD`.",
            "value",
        ),
        Field(
            "approved",
            "What of it an approval covers: the value named and all better for us (default), or that value alone.",
            "choice",
            choices=("or better", "as named"),
        ),
        Field("least", "The smallest value that anybody may name for it.", "value", examples=("0%", "1 month")),
        Field("most", "The greatest value that anybody may name for it.", "value", examples=("100%", "60 months")),
        Field(
            "values",
            "The only values that anybody may name for it, in place of `least`, `most` and `step`.",
            "list:value",
            examples=("[12 months, 24 months, 36 months]",),
        ),
        Field(
            "theirs",
            "What it is worth to the other side, as far as we know, written like `worth`; for naming moves only.",
            "expression|map:expression",
        ),
        Field(
            "owed",
            "So long after a deal is won they have to deliver what they promised of it, with proof.",
            "value",
            examples=("60 days after close",),
        ),
        Field("personal", "yes: it names or describes a person.", "choice", choices=("yes", "no")),
        _LABEL,
    ),
    "package": (
        Field(
            "by",
            "The issue by whose value the base or limits of the whole are told apart, each value with its own.",
            "text",
            examples=("term",),
        ),
        Field(
            "base",
            "What the start terms are worth as a whole.",
            "expression|map:case",
            examples=("deal.list_price",),
        ),
        Field("wish", "The aspiration for the whole.", "expression|map:case"),
        Field("want", "The target for the whole.", "expression|map:case"),
        Field(
            "walk",
            "The least worth we accept; `per deal` where every deal must bring it.",
            "expression|map:case",
            examples=(
                "80% of deal.list_price",
                "per deal",
            ),
        ),
    ),
    "lines": (
        Field(
            "facts",
            "What each deal states of a line when it opens, read as `line.NAME`.",
            "map:line_fact",
            examples=("{list: money}",),
        ),
        Field("issues", "What is negotiated of each line, read as `line.NAME`.", "map:line_issue", required=True),
        Field("at most", "So many lines a deal may have; 50, if left out, and no more.", "count", examples=("20",)),
        Field(
            "any",
            "Facts that hold where something is so of any line: each name with a condition.",
            "map:line_condition",
            examples=("{deep: line.discount > 30%}",),
        ),
        Field("every", "Facts that hold where something is so of every line.", "map:line_condition"),
        Field(
            "sum",
            "Facts that add up a number over all lines: each name with an expression.",
            "map:line_number",
            examples=("{net: (100% - line.discount) of line.list}",),
        ),
        Field(
            "worst",
            "Facts that are the value of a line which is worst for us: each name with one issue of a line.",
            "map:line_number",
            examples=("{discount: line.discount}",),
        ),
    ),
    "line_fact": (
        Field("type", "What sort of value it is.", "choice", choices=LINE_TYPES),
        Field("one of", "The words it may be.", "list:text", examples=("[hardware, software]",)),
        Field(
            "optional",
            "yes: a line may leave it out, and conditions must guard it with `known(…)`.",
            "choice",
            choices=("yes", "no"),
        ),
        Field("default", "Its value where a line leaves it out.", "value"),
        Field("least", "The smallest value that a line may state.", "value", examples=("0 USD",)),
        Field("most", "The greatest value that a line may state.", "value", examples=("10,000",)),
        Field("meaning", "What it tells, in a line.", "text"),
    ),
    "line_issue": (
        Field("type", "What sort of value it is.", "choice", choices=LINE_TYPES),
        Field("one of", "Its possible words, each with its worth to us.", "map:expression"),
        Field(
            "start",
            "Its value before anybody has offered anything, the same for every line.",
            "value",
            required=True,
            examples=("0%",),
        ),
        Field(
            "worth",
            "What it is worth to us in money: `-1% of line.list per 1%`; a cost is negative.",
            "expression",
            examples=("-1% of line.list per 1%",),
        ),
        Field("least", "The smallest value that anybody may name for it.", "value", examples=("0%",)),
        Field("most", "The greatest value that anybody may name for it.", "value", examples=("100%",)),
    ),
    "table": (
        Field("file", "The CSV file, beside this one.", "text", required=True),
        Field("key", "The column that chooses the row, or a list of them.", "list:name|text", required=True),
        Field("hit", "unique: one row may match; first: the topmost counts.", "choice", choices=("unique", "first")),
    ),
    "approvals": (
        Field(
            "table",
            "The CSV file, beside this one: a column for each issue and fact that it looks at, and `approver`.",
            "text",
            required=True,
            examples=("matrix.csv",),
        ),
        Field(
            "on",
            "The events it listens to, which are terms of ours; `our terms`, if left out.",
            "choice|list:choice",
            choices=("our terms", "our offer", "our acceptance", "their acceptance"),
        ),
        Field("hit", "unique: one row may match; first: the topmost counts.", "choice", choices=("unique", "first")),
        Field("why", "The principle, for colleagues and auditors.", "text"),
        *_OF_RULES,
    ),
    "mandate": (
        Field(
            "may",
            "The issues that it may concede on; all, if left out. Other keys are issues, with how far it may go.",
            "list:name",
            examples=("[support, term]",),
        ),
    ),
    "person": (
        Field("names", "The names it goes by, beside its id.", "list:text", examples=("[sol, Sol Doe]",)),
        Field(
            "role",
            "In which role it acts for us, one that `mandates` or `roles` names; events need not state it, and state no"
            " other.",
            "text",
            required=True,
            examples=("solution-engineer",),
        ),
    ),
    "budget": (
        Field(
            "sum",
            "What is added up of each deal: what the terms let through last give on the start terms, net.",
            "choice",
            required=True,
            choices=("give.net",),
        ),
        Field(
            "of",
            "What tells sums apart: `party`, a `quarter`, `fiscal_year` or `month` of the calendar, a `utc_quarter`,"
            " `utc_year` or `utc_month`, and deal facts that are words; one sum of all deals, if left out.",
            "list:name",
            examples=("[rep, quarter]",),
        ),
        Field("most", "How much may be given in all.", "value", required=True, examples=("50,000 USD",)),
        Field(
            "then",
            "The verdict on terms of ours that would give more: escalate, hold or refuse.",
            "choice",
            required=True,
            choices=("hold", "escalate", "refuse"),
        ),
        Field(
            "to",
            "With `escalate`: the role whose approval is needed; or `{role: director, count: 2}`, of several people.",
            "text|section:to",
        ),
        Field("why", "The principle, for colleagues and auditors.", "text"),
        *_OF_RULES,
    ),
    "pattern": (Field("when", "What the two events must satisfy together.", "condition", required=True),),
    "rule": (
        Field(
            "why",
            "The principle, for colleagues and auditors.",
            "text",
            required=True,
            examples=("Every concession buys something of equal value.",),
        ),
        Field(
            "on",
            "The events it listens to: one, a list, or `any`.",
            "choice|list:choice",
            required=True,
            choices=EVENTS,
        ),
        Field(
            "when",
            "The condition: an expression, or `all:`, `any:`, `none:` with a list.",
            "condition",
            examples=("give.value > get.value", "room.discount < 3%", "signals.deception >= 1"),
        ),
        Field("unless", "The condition that keeps it from firing.", "condition", examples=("approved.manager",)),
        Field(
            "then",
            "The verdict, or `conclude:` and a name that other rules read.",
            "choice|section:conclude",
            required=True,
            choices=VERDICTS,
        ),
        Field("door", "With `walk`: open, or closed for bad faith.", "choice", choices=DOORS),
        Field(
            "to",
            "With `escalate`: the role whose approval is needed; or `{role: director, count: 2}`, of several people.",
            "text|section:to",
        ),
        *_OF_RULES,
    ),
    "claim": (
        Field(
            "always",
            "What holds at every event; it may read `verdict`, `door` and `event` beside the facts.",
            "condition",
            examples=("verdict = walk or signals.deception = 0",),
        ),
        Field(
            "never",
            "What holds at no event; it may read `verdict`, `door` and `event` beside the facts.",
            "condition",
            examples=("verdict = proceed and room.discount < 0%",),
        ),
        Field(
            "on",
            "The events it is about; left out, all that know what it reads.",
            "choice|list:choice",
            choices=EVENTS,
        ),
        Field("why", "The intent, for colleagues and auditors.", "text"),
    ),
    "to": (
        Field("role", "The role whose approval is needed.", "text", required=True),
        Field("count", "Of how many different people.", "count", examples=("2",)),
    ),
    "conclude": (Field("conclude", "The name other rules read as `concluded.NAME`.", "name", required=True),),
    "condition": (
        Field("all", "Every one of these holds.", "list:condition"),
        Field("any", "At least one of these holds.", "list:condition"),
        Field("none", "None of these holds.", "list:condition"),
    ),
}
