"""Labels: what people read has them, and events, evidence and hashes of deals go by names as before."""

import msgspec
from tests.helpers.findings import BASE, read

from walkaway import Policy, Session, encode
from walkaway.decide.sentences import sentence_of
from walkaway.policy.labels import labelled
from walkaway_cli.render.decision import decision_text

LABELLED = (
    BASE.replace("want: 8%, walk: 20%}", "want: 8%, walk: 20%, label: {en: Price cut, de: Rabatt}}")
    .replace('gold: "-4,000 USD"}, start: basic}', 'gold: "-4,000 USD"}, start: basic, label: Support plan}')
    .replace("list_price: money", "list_price: {type: money, label: List price}")
)
RULE = """  big:
    why: A big step wants a second head.
    on: our offer
    when: offer.discount > 5% or offer.support = gold
    then: escalate
    to: director
    say: "We look into {offer.support}."
"""
LABELS = "labels: {director: Head of Sales, gold: Gold plan}\n"


def policy_of(text: str) -> Policy:
    """Return a policy."""
    return read(text).unwrap()


def decided(policy: Policy) -> tuple[list[object], str]:
    """Decide a short deal; return what of each decision goes by names, and the last one in words."""
    session = Session(policy)
    at = {"deal": "D", "at": "2026-10-05T09:00:00Z", "actor": "ana"}
    session.decide({"id": "1", "type": "open", "facts": {"list_price": "9,000 USD", "segment": "smb"}, **at})
    terms = {"discount": "9%", "support": "gold"}
    decision = session.decide({"id": "2", "type": "offer", "by": "us", "terms": terms, **at})
    asked = session.ask("D", {"discount": "9%"}, actor="ana").decision
    names = [
        (d.verdict, d.position, d.room, [(r.rule, r.facts, r.leaves) for r in d.reasons]) for d in (decision, asked)
    ]
    return [*names, [o.terms for o in asked.counteroffers]], decision_text(decision)


def test_another_label_changes_no_decision() -> None:
    """Verdicts, rules, facts seen, digests of the deal and terms of counteroffers are the same to the last sign."""
    plain, _ = decided(policy_of(BASE + RULE))
    named, _ = decided(policy_of(LABELLED + RULE + LABELS))
    assert plain == named


def test_what_a_rep_reads_has_the_labels() -> None:
    """Issues, words and roles are called by theirs, in what is asked for, in the room left and in what may be said."""
    text = " ".join(decided(policy_of(LABELLED + RULE + LABELS))[1].split())
    assert "Room to walk: Price cut 11%" in text
    assert "Have `Head of Sales` approve these terms" in text
    assert "Price cut is at most 5% (now 9%)" in text
    assert "Support plan is other than Gold plan (now Gold plan)" in text
    assert 'You may say: "We look into Gold plan."' in text


def test_a_sentence_has_the_labels() -> None:
    """The one that is listed and quoted."""
    policy = policy_of(LABELLED + RULE + LABELS)
    (rule,) = [r for r in policy.rules if r.id == "big"]
    where = "Price cut is above 5% or Support plan is Gold plan"
    assert sentence_of(policy, rule) == f"Our offer is answered with escalate to `Head of Sales` where {where}."


def test_a_decision_says_what_names_are_called() -> None:
    """Whoever reads its JSON can show it; a policy without labels leaves it out."""
    session = Session(policy_of(LABELLED + RULE + LABELS))
    opened = {"id": "1", "type": "open", "deal": "D", "at": "2026-10-05T09:00:00Z", "facts": {"list_price": "9 USD"}}
    said = msgspec.json.decode(encode(session.decide(opened)))
    assert said["labels"] == {
        "deal.list_price": "List price",
        "issues.discount": "Price cut",
        "issues.support": "Support plan",
        "roles.director": "Head of Sales",
        "words.gold": "Gold plan",
    }
    assert "labels" not in msgspec.json.decode(encode(Session(policy_of(BASE)).decide(opened)))


def test_a_label_is_in_the_language_asked_for() -> None:
    """A region's own, then its language's, then that for all, then English, then any."""
    texts = {"de": "Rabatt", "de-AT": "Nachlass", "en": "Price cut"}
    policy = msgspec.structs.replace(policy_of(BASE), labels={"issues.discount": texts, "issues.term": {"": "Term"}})
    called = {code: labelled(policy.labels_in(code), "issues", "discount") for code in ("de-AT", "de-CH", "fr", "en")}
    assert called == {"de-AT": "Nachlass", "de-CH": "Rabatt", "fr": "Price cut", "en": "Price cut"}
    assert labelled(policy.labels_in("de"), "issues", "term") == "Term"
    assert labelled(policy.labels_in("de"), "issues", "prepay") == "prepay"


def test_a_lower_layer_may_call_things_otherwise() -> None:
    """Labels decide nothing: those of the layer below are read, in place of those above."""
    files = {"up/policy.yaml": (LABELLED + LABELS).encode()}
    low = "policy: low\nversion: 1\nextends: up/policy.yaml\n"
    own = "issues: {discount: {label: Rebate}}\nlabels: {gold: Golden}\n"
    labels = read(low + own, files).unwrap().labels_in()
    assert (labels["issues.discount"], labels["words.gold"], labels["roles.director"]) == (
        "Rebate", "Golden", "Head of Sales",
    )  # fmt: skip
