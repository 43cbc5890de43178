# Over 400 lines: one file for one reader, each test a line of JSON and what is found in it.
"""A line of bytes becomes a typed event or findings: code, message, hint, and the very text under the caret."""

import json

import pytest

from walkaway.deal.decode import MAX_LINE, Decoder
from walkaway.deal.decode.reported import Reported
from walkaway.events import Accept, Approve, Close, Limits, Offer, Open, Party, Reject, Signal, Tick, Update
from walkaway.language.codes import Code

HEAD = {"id": "e1", "deal": "D", "at": "2026-10-01T09:00:00Z"}
INSTANT = 1_790_845_200_000_000
"""HEAD's `at`: 20,727 days and 9 hours after 1970, in microseconds."""
ENVELOPE = {
    "specversion": "1.0",
    "source": "/crm",
    "id": "e1",
    "subject": "D",
    "time": "2026-10-01T09:00:00Z",
    "type": "walkaway.offer",
    "datacontenttype": "application/json",
    "data": {"by": "us", "terms": {"discount": "5%"}},
}


@pytest.fixture
def decode(tell):
    """Return a function that decodes a line, or the line an object makes, under the policy `SELLER`."""
    decoder = Decoder(tell().engine.policy)

    def decoded(what):
        line = what if isinstance(what, bytes) else json.dumps(what, ensure_ascii=False).encode()
        return decoder.decode(line, "deal.jsonl", 7)

    return decoded


def event(sort, **fields):
    """Return an event's object."""
    return {**HEAD, "type": sort, **fields}


@pytest.fixture
def finding(decode):
    """Return a function that decodes a line with one mistake: code, message, and the text under the caret."""

    def found(what):
        checked = decode(what)
        assert checked.value is None
        (one,) = checked.findings
        assert (one.span.file, one.span.line) == ("deal.jsonl", 7)
        start = one.span.column - 1
        return one.code, one.message, one.span.text[start : start + one.span.length], one.hint

    return found


# What is read


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        (
            event(
                "open",
                facts={"list_price": "100,000 USD"},
                terms={"discount": "1%"},
                limits={"discount": {"walk": "15%"}, "package": {"want": "90,000 USD"}},
                batna="-78,000.50 USD",
                actor="rep",
            ),
            Open(
                **HEAD,
                instant=INSTANT,
                actor="rep",
                facts={"list_price": 10_000_000},
                terms={"discount": 10_000},
                limits={"discount": Limits(walk=150_000), "package": Limits(want=9_000_000)},
                batna=-7_800_050,
            ),
        ),
        (
            event("offer", by="them", terms={"term": "24 months", "prepay": True, "support": "gold"}),
            Offer(**HEAD, instant=INSTANT, by=Party.THEM, terms={"term": 24, "prepay": 1, "support": "gold"}),
        ),
        (event("accept", by="us"), Accept(**HEAD, instant=INSTANT, by=Party.US)),
        (
            event("accept", by="us", issues=["term"]),
            Accept(**HEAD, instant=INSTANT, by=Party.US, issues=("term",)),
        ),
        (event("reject", by="them"), Reject(**HEAD, instant=INSTANT, by=Party.THEM)),
        (
            event("signal", by="them", kind="abuse", confirmed="no", note="on the phone"),
            Signal(**HEAD, instant=INSTANT, by=Party.THEM, kind="abuse", confirmed=False, note="on the phone"),
        ),
        (
            event("update", facts={"size": 3}, policy="seller"),
            Update(**HEAD, instant=INSTANT, facts={"size": 3}, policy="seller"),
        ),
        (
            event("approve", approver="dana", role="cfo", terms={"discount": "12%"}, until="2026-10-01T11:00:01+02:00"),
            Approve(
                **HEAD,
                instant=INSTANT,
                approver="dana",
                role="cfo",
                terms={"discount": 120_000},
                until=INSTANT + 1_000_000,
            ),
        ),
        (event("tick"), Tick(**HEAD, instant=INSTANT)),
        (event("close", outcome="walked"), Close(**HEAD, instant=INSTANT, outcome="walked")),
    ],
)
def test_every_type_of_event_is_read(decode, fields, read):
    """Values come out typed, in the smallest unit of their kind."""
    assert decode(fields).unwrap() == read


def test_a_cloud_event_is_the_same_event(decode):
    """`type` without its prefix, `subject` as the deal, `time` as the instant, `data` as the rest."""
    plain = event("offer", by="us", terms={"discount": "5%"})
    assert decode(ENVELOPE).unwrap() == decode(plain).unwrap()
    assert decode({**ENVELOPE, "traceparent": "00-1"}).unwrap() == decode(plain).unwrap()
    tick = {k: v for k, v in ENVELOPE.items() if k != "data"} | {"type": "walkaway.tick"}
    assert decode(tick).unwrap() == decode(event("tick")).unwrap()
    facts = {"list_price": "100,000 USD", "segment": "smb", "size": 3}
    opened = {**ENVELOPE, "type": "walkaway.open", "data": {"facts": facts, "actor": "rep"}}
    assert decode(opened).unwrap() == decode(event("open", facts=facts, actor="rep")).unwrap()
    assert decode({**opened, "data": {"facts": {}}}).unwrap() == decode(event("open", facts={})).unwrap()


@pytest.mark.parametrize(
    "at",
    [
        "2026-10-01T11:00:00+02:00",
        "2026-10-01t09:00:00z",
        "2026-10-01 09:00:00.000000Z",
        "2026-09-30T23:30:00-09:30",
        "2026-10-01T09:00:00-00:00",
    ],
)
def test_one_instant_has_many_spellings(decode, at):
    """The offset counts; the spelling is kept."""
    read = decode({**event("tick"), "at": at}).unwrap()
    assert (read.instant, read.at) == (INSTANT, at)


@pytest.mark.parametrize(
    ("fact", "written", "value"),
    [
        ("list_price", "0.01 USD", 1),
        ("list_price", "90,071,992,547,409.92 USD", 2**53),
        ("list_price", "1000.5 USD", 100_050),
        ("size", 3, 3),
        ("size", "1,000", 1000),
        ("size", 3.0, 3),
        ("size", -0.0, 0),
        ("segment", "über 日本", "über 日本"),
    ],
)
def test_numbers_are_exact(decode, fact, written, value):
    """To the cent, and to 2^53 smallest units."""
    for sort in ("update", "open"):
        assert decode(event(sort, facts={fact: written})).unwrap().facts == {fact: value}


def test_a_number_with_many_digits_is_no_float(decode):
    """What a binary float would round to 3 is not 3."""
    for sort in (b"update", b"open"):
        (found,) = decode(
            b'{"id":"e","deal":"D","at":"2026-10-01T09:00:00Z","type":"%b","facts":{"size":3.0000000000000000001}}'
            % sort
        ).findings
        assert found.message == "`size`: `3.0000000000000000001` has more digits than a whole number holds"


def test_a_line_may_end_as_any_system_ends_it(decode):
    """With a carriage return, or spaces around the object."""
    line = json.dumps(event("tick")).encode()
    assert decode(b"  " + line + b" \r\n").unwrap() == decode(line).unwrap()


# What is not


@pytest.mark.parametrize(
    ("line", "message", "under"),
    [
        (b"{", "this is not JSON: input data was truncated", "{"),
        (b'{"id": "a" "b"}', "expected ',' or '}'", '"'),
        (b"garbage", "this is not JSON: JSON is malformed: invalid character", "g"),
        (b"[1]", "an event is a JSON object, not a list", "["),
        (b"null", "an event is a JSON object, not `null`", "n"),
        (b'"x"', 'an event is a JSON object, not `"x"`', '"'),
        (b'{"id": NaN}', "invalid character", "N"),
        (b'{"id": "\xff"}', "", ""),
    ],
)
def test_what_is_no_json_object_is_a_finding(finding, line, message, under):
    """With the caret where reading stopped, as far as the line can be shown."""
    code, text, caret, _ = finding(line)
    assert code is Code.NOT_JSON
    assert message in text
    assert not under or caret == under


def test_a_line_has_an_end(finding):
    """More than a megabyte is no event, and is not read."""
    code, text, _, _ = finding(b" " * (MAX_LINE + 1))
    assert (code, text) == (Code.LINE_TOO_LONG, "the line has 1,048,577 bytes, more than 1,048,576")


@pytest.mark.parametrize("depth", [900, 5_000, 100_000])
def test_a_deeply_nested_line_is_a_finding(finding, depth):
    """However many brackets, never a traceback; how deep JSON may nest is each Python release's own."""
    assert finding(b'{"id":' * depth + b"1" + b"}" * depth)[0] in (Code.NOT_JSON, Code.EVENT_FIELD)


@pytest.mark.parametrize(
    "where", ['"id": "e2", ', '"terms": {"discount": "1%", "discount": "2%"}, ', '"t\\u0079pe": "tick", ']
)
def test_a_key_stands_once(decode, where):
    """At any depth, and however it is spelled; which of the two was meant is not guessed."""
    for told in (event("tick"), event("open", facts={"size": 3})):
        findings = decode(("{" + where + json.dumps(told)[1:]).encode()).findings
        assert Code.REPEATED_JSON_KEY in {f.code for f in findings}


@pytest.mark.parametrize(
    ("what", "code", "message", "under", "hint"),
    [
        (event("ofer"), Code.UNKNOWN_EVENT_TYPE, '`"ofer"` is no type of event', '"type"', "did you mean `offer`?"),
        (event(3), Code.UNKNOWN_EVENT_TYPE, "`3` is no type of event", '"type"', None),
        (HEAD, Code.EVENT_FIELD, "the event lacks `type`", "{", None),
        (
            event("tick", terms={}),
            Code.EVENT_FIELD,
            "an event of type `tick` has no field `terms`",
            '"terms"',
            None,
        ),
        (
            event("accept", by="us", isues=["term"]),
            Code.EVENT_FIELD,
            "an event of type `accept` has no field `isues`",
            '"isues"',
            "did you mean `issues`?",
        ),
        (event("reject"), Code.EVENT_FIELD, "the event lacks `by`", "{", 'add `"by": …`'),
        (event("reject", by="me"), Code.EVENT_FIELD, '`by` is `us` or `them`, not `"me"`', '"by"', None),
        (
            {**event("tick"), "id": ""},
            Code.EVENT_FIELD,
            '`""` cannot be `id`',
            '"id"',
            "use 1 to 200 printable characters",
        ),
        ({**event("tick"), "deal": 3}, Code.EVENT_FIELD, "`3` cannot be `deal`", '"deal"', None),
        ({**event("tick"), "actor": "a\nb"}, Code.EVENT_FIELD, '`"a�b"` cannot be `actor`', '"actor"', None),
        (
            event("offer", by="us", terms=[]),
            Code.EVENT_FIELD,
            "`terms` is an object, not an empty list",
            '"terms"',
            None,
        ),
        (event("offer", by="us", terms={}), Code.EVENT_FIELD, "the offer names no issue", '"terms"', None),
        (
            event("offer", by="us", packages=[{"discuont": "5%"}, {"discount": "5%"}]),
            Code.UNKNOWN_ISSUE,
            "`discuont` is no issue of policy `seller`",
            '"discuont"',
            "did you mean `discount`?",
        ),
        (
            event("offer", by="us", terms={"discount": "5%"}, until="2026-10-01T08:59:59Z"),
            Code.EVENT_FIELD,
            "`until` is before `at`",
            '"until"',
            "give an instant that is still to come",
        ),
        (
            event("revoke", approver="dana"),
            Code.EVENT_FIELD,
            "a revocation names an approval `of` an event, or its `terms`",
            '"type"',
            None,
        ),
        (
            event("offer", by="us", terms={"discount": "5"}),
            Code.EVENT_VALUE,
            "`discount`: `5` is not a percentage",
            '"discount"',
            "write `5%`",
        ),
        (
            event("offer", by="us", terms={"discount": 5}),
            Code.EVENT_VALUE,
            "`discount`: `5` does not say its unit",
            '"discount"',
            'write `"5%"`',
        ),
        (
            event("offer", by="us", terms={"discount": "5.00001%"}),
            Code.EVENT_VALUE,
            "`discount`: `5.00001%` has more digits than a percentage holds",
            '"discount"',
            "write four decimals at most",
        ),
        (
            event("offer", by="us", terms={"support": "Gold"}),
            Code.EVENT_VALUE,
            "`support`: `Gold` is not one of none, basic, gold",
            '"support"',
            "did you mean `gold`?",
        ),
        (
            event("offer", by="us", terms={"prepay": 1}),
            Code.EVENT_VALUE,
            "`prepay`: `1` does not say its unit",
            '"prepay"',
            'write `"yes"` or `"no"`',
        ),
        (
            event("offer", by="us", terms={"prepay": None}),
            Code.EVENT_VALUE,
            "`prepay`: `null` does not say its unit",
            '"prepay"',
            'write `"yes"` or `"no"`',
        ),
        (
            event("update", facts={"list_price": "90,071,992,547,409.93 USD"}),
            Code.EVENT_VALUE,
            "`list_price`: `90,071,992,547,409.93 USD` is beyond ±2^53 of the smallest unit",
            '"list_price"',
            "look for a digit too many",
        ),
        (
            event("update", facts={"list_price": "100 EUR"}),
            Code.EVENT_VALUE,
            "`list_price`: `100 EUR` is not an amount in USD",
            '"list_price"',
            "write a number, a space and `USD`",
        ),
        (
            event("update", facts={"list_prise": "100 USD"}),
            Code.UNKNOWN_DEAL_FACT,
            "`list_prise` is no deal fact of policy `seller`",
            '"list_prise"',
            "did you mean `list_price`?",
        ),
        (
            event("update", limits={"discount": "15%"}),
            Code.EVENT_FIELD,
            'the limits of `discount` are an object, not `"15%"`',
            '"discount"',
            '`{"walk": "…"}`',
        ),
        (
            event("update", limits={"discount": {"wlak": "15%"}}),
            Code.EVENT_FIELD,
            "`wlak` is no threshold of policy `seller`",
            '"wlak"',
            "did you mean `walk`?",
        ),
        (
            event("update", limits={"price": {"walk": "15%"}}),
            Code.UNKNOWN_ISSUE,
            "`price` is no issue of policy `seller`",
            '"price"',
            None,
        ),
        (event("update", batna=7), Code.EVENT_VALUE, "`batna`: `7` does not say its unit", '"batna"', None),
        (
            event("update"),
            Code.EVENT_FIELD,
            "the update changes nothing",
            "{",
            "give `facts`, `limits`, `batna` or `policy`",
        ),
        (
            event("accept", by="us", issues=[]),
            Code.EVENT_FIELD,
            "`issues` is a list of one name or more, not an empty list",
            '"issues"',
            None,
        ),
        (
            event("accept", by="us", issues=["term", None]),
            Code.EVENT_FIELD,
            "`issues` is a list of names, and `null` is none",
            '"issues"',
            None,
        ),
        (
            event("accept", by="us", issues=["price"]),
            Code.UNKNOWN_ISSUE,
            "`price` is no issue of policy `seller`",
            '"price"',
            None,
        ),
        (
            event("accept", by="us", issues=["term", "term"]),
            Code.EVENT_FIELD,
            "`issues` names one twice",
            '"issues"',
            None,
        ),
        (
            event("signal", by="them", kind="abused"),
            Code.UNKNOWN_SIGNAL,
            "`abused` is no signal of policy `seller`",
            '"kind"',
            "did you mean `abuse`?",
        ),
        (
            event("signal", by="them", kind="abuse", confirmed="maybe"),
            Code.EVENT_FIELD,
            '`confirmed` is yes or no, not `"maybe"`',
            '"confirmed"',
            None,
        ),
        (
            event("approve", approver="x", role="ceo", terms={"term": "12 months"}),
            Code.UNKNOWN_EVENT_ROLE,
            "`ceo` is no role of policy `seller`",
            '"role"',
            None,
        ),
        (
            event("approve", approver="x", role="cfo", terms={"term": "12 months"}, until="tomorrow"),
            Code.BAD_INSTANT,
            '`"tomorrow"` in `until` is no instant with an offset',
            '"until"',
            None,
        ),
        (
            event("close", outcome="wonn"),
            Code.EVENT_FIELD,
            '`"wonn"` is no outcome',
            '"outcome"',
            "did you mean `won`?",
        ),
        (
            {**ENVELOPE, "specversion": "0.3"},
            Code.UNKNOWN_EVENT_TYPE,
            "this CloudEvent is not of version 1.0",
            '"specversion"',
            'write `"specversion": "1.0"`',
        ),
        *(
            (
                {**ENVELOPE, "type": said},
                Code.UNKNOWN_EVENT_TYPE,
                "this CloudEvent has no type `walkaway.…`",
                '"type"',
                f'write `"type": "walkaway.{meant}',
            )
            for said, meant in (("open", 'open"`'), ("com.example.close", 'close"`'), (7, 'offer"`, or what it is'))
        ),
        (
            {k: v for k, v in ENVELOPE.items() if k != "type"},
            Code.UNKNOWN_EVENT_TYPE,
            "this CloudEvent has no type `walkaway.…`",
            '"specversion"',
            'write `"type": "walkaway.offer"`, or what it is',
        ),
        (
            {**ENVELOPE, "data": []},
            Code.EVENT_FIELD,
            "`data` of a CloudEvent is an object",
            '"data"',
            None,
        ),
        (
            {**ENVELOPE, "data": {"id": "e2"}},
            Code.EVENT_FIELD,
            "`id` stands in `data` and in the CloudEvent itself",
            '"data"',
            None,
        ),
    ],
)
def test_what_does_not_fit_the_policy_is_a_finding(finding, what, code, message, under, hint):
    """One mistake, one finding: its code, a sentence, what to type, and the caret at the field."""
    found = finding(what)
    assert found[:3] == (code, message, under)
    assert hint is None or found[3] == hint


@pytest.mark.parametrize(
    "at",
    [
        "2026-10-01T09:00:00",
        "2026-10-01",
        "2026-13-01T09:00:00Z",
        "2026-10-01T09:00:60Z",
        "2026-10-01T09:00:00+25:00",
        1_790_845_200,
        None,
    ],
)
def test_an_instant_says_its_offset(finding, at):
    """A local time, a date alone, and what no calendar has, are no instants."""
    code, _, under, hint = finding({**event("tick"), "at": at})
    assert (code, under) == (Code.BAD_INSTANT, '"at"')
    assert hint == "write it as `YYYY-MM-DDThh:mm:ssZ`, or with an offset; hours are 00 to 23"


def test_all_mistakes_of_a_line_are_told_at_once(decode):
    """In the order in which they stand."""
    wrong = {"id": "", "deal": "D", "at": "now", "type": "offer", "by": "me", "terms": {"discount": "5", "term": 1}}
    assert [f.code for f in decode(wrong).findings] == [
        Code.EVENT_FIELD,
        Code.BAD_INSTANT,
        Code.EVENT_FIELD,
        Code.EVENT_VALUE,
        Code.EVENT_VALUE,
    ]


def test_terms_that_nobody_declared_are_kept_as_texts(decode):
    """An offer is no dead letter for what it names beside the issues; `null` takes a term back."""
    said = {"discount": "5%", "exclusivity": True, "seats": 500, "law": "Delaware", "gone": None, "more": [1, "x"]}
    offer = decode(event("offer", by="us", terms=said)).value
    assert offer.terms == {"discount": 50_000}
    assert offer.other == {
        "exclusivity": "yes",
        "gone": None,
        "law": "Delaware",
        "more": '[1,"x"]',
        "seats": "500",
    }


PROBE = event("probe", asked='{"act":"offer","terms":{"discount":"5%"}}', yes=True, cost=2, actor="bot")


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(PROBE).replace(": ", ":").replace(", ", ","),
        json.dumps(PROBE),
        json.dumps({**PROBE, "confirmed": True, "permit": "p-1"}).replace(": ", ":"),
        json.dumps({**PROBE, "confirmed": "no"}).replace(": ", ":"),
        json.dumps({**PROBE, "yes": False, "permit": "p-1"}).replace(": ", ":"),
        json.dumps({**PROBE, "permit": "p\n1"}).replace(": ", ":"),
        json.dumps({**PROBE, "cost": 3}).replace(": ", ":"),
        json.dumps({**PROBE, "cost": True}).replace(": ", ":"),
        json.dumps({**PROBE, "cost": 1.0}).replace(": ", ":"),
        json.dumps({**PROBE, "deal": "*"}).replace(": ", ":"),
        json.dumps({**PROBE, "via": "feed"}).replace(": ", ":"),
        json.dumps(PROBE).replace(": ", ":").replace('"yes":true', '"yes":true,"yes":false'),
        json.dumps(PROBE).replace(": ", ":").replace('"yes"', '"yes":true,"yes"').replace('\\":', "\\u0022:", 1),
    ],
)  # fmt: skip
def test_a_probe_is_read_alike_by_either_lane(decode, tell, line):
    """What was asked is JSON within JSON: no key stands twice unseen, nothing is taken that is refused elsewhere."""
    data, decoder = line.encode(), Decoder(tell().engine.policy)
    found, expected = decoder.decode(data), decoder.with_care(Reported(data, "-", 1))
    assert (found.value, [f.message for f in found.findings]) == (
        expected.value,
        [f.message for f in expected.findings],
    )


@pytest.mark.parametrize("is_native", [True, False])
@pytest.mark.parametrize(
    "fields",
    [
        event("open", facts={"size": 3}),
        event("offer", by="us", terms={"discount": "5%"}),
        event("accept", by="them"),
        event("reject", by="us"),
        event("signal", by="them", kind="abuse"),
        PROBE,
    ],
    ids=lambda fields: fields["type"],
)
def test_no_deal_is_called_as_all_of_them_are(tell, monkeypatch, fields, is_native):
    """`*` is on record where all offers are stopped; whatever else names it is a finding, however plain its line is."""
    if not is_native:
        monkeypatch.setattr("walkaway.deal.decode.fast_lane.line_reader", None)
    decoder = Decoder(tell().engine.policy)
    plain, every = (json.dumps({**fields, "deal": deal}).replace(": ", ":").encode() for deal in ("D", "*"))
    assert decoder.fast_event(plain) is not None
    assert decoder.fast_event(every) is None
    (found,) = decoder.decode(every).findings
    assert (found.code, found.message) == (Code.EVENT_FIELD, "`*` stands for every deal, and none is called so")


def test_a_plain_probe_goes_down_the_fast_lane(tell):
    """The commonest line of an agent is read without a second look."""
    line = json.dumps({**PROBE, "confirmed": True}).replace(": ", ":").replace(", ", ",").encode()
    assert Decoder(tell().engine.policy).fast_event(line) is not None
