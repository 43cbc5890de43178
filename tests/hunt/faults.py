# Over 400 lines: one table of faults, each with its place and the test that meets it.
"""Faults planted in a copy, one after the other: does the suite, or the hunter, notice at the first try?

    python -m tests.hunt.faults                     (all of them, some minutes)
    python -m tests.hunt.faults two-people any-door (these)

Each is one place of the source written otherwise. What should notice it are the test files of that room, or a hunt.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
DECIDE = (
    "tests/engine/decide/test_calculus.py", "tests/engine/decide/test_verdict.py", "tests/engine/policy/test_layers.py",
    "tests/engine/session", "tests/engine/advice/test_approvals.py", "tests/properties/test_calculus_agrees.py",
)  # fmt: skip
ENCODED, COMPARED, PROVED = (
    ("tests/properties/test_encoding.py",), ("tests/engine/proof/test_common.py", "tests/engine/proof/test_diff.py"),
    ("tests/engine/proof/test_prove.py",),
)  # fmt: skip
VERIFY = ("tests/faults/test_log_tampering.py", "tests/engine/log/test_verify.py")
JUDGED = (
    "tests/engine/decide/test_calculus.py", "tests/engine/decide/test_engine.py", "tests/engine/decide/test_verdict.py",
    "tests/properties/test_conformance.py", "tests/engine/session", "tests/reference",
)  # fmt: skip
PAST = ("tests/engine/decide/test_calculus.py", "tests/reference", "tests/engine/session", *DECIDE[3:])
LAYERS = ("tests/engine/policy/test_layers.py", "tests/engine/decide/test_calculus.py", "tests/reference")
SAID = ("tests/engine/proof/test_prove.py", *ENCODED)
CHECKED = ("tests/engine/log/test_verify.py", "tests/faults/test_log_tampering.py", "tests/engine/log/test_merkle.py")


_DECIDED = ("tests/engine/decide", "tests/engine/session", "tests/engine/advice", *JUDGED, *DECIDE)
ROOMS = {
    "decide": _DECIDED,
    "deal": ("tests/engine/deal", *_DECIDED),
    "proof": ("tests/engine/proof", *ENCODED, "tests/properties/test_worlds.py"),
    "log": ("tests/engine/log", "tests/faults"),
}
"""Room → its tests, and those that hold it against something else."""


class Fault(NamedTuple):
    """One place written otherwise.

    Attributes:
        file: Below `engine/walkaway`.
        was, now: The text there, which stands there once, and what is written in its place.
        tests: What is run; the tests of its room, where left out.
        hunt: The hunt that is asked where these tests say nothing.
        differs: Something at which the answer is another.
    """

    name: str
    file: str
    was: str
    now: str
    tests: Sequence[str] = ()
    hunt: str = ""
    differs: str = ""


FAULTS = (
    Fault("approver-accepts", "decide/judging.py",
          "On.OUR_ACCEPTANCE, ours, by_nobody=True)", "On.OUR_ACCEPTANCE, ours)", DECIDE, "laws"),
    Fault("asks-some", "decide/judging.py", "asks = all(", "asks = any(", DECIDE, "laws"),
    Fault("ended-agreement", "decide/judging.py",
          "(agreement.cleared and not agreement.ended)", "agreement.cleared", DECIDE, "laws"),
    Fault("door-reopens", "decide/verdict.py",
          "ruling.door is OPEN and left is CLOSED", "ruling.door is OPEN and False", DECIDE),
    Fault("actor-approves", "decide/judging.py",
          "position.moved_by if by_nobody else movers_of(self.policy.people, position, event, move.by)",
          "position.moved_by", DECIDE, "laws"),
    Fault("any-door", "decide/verdict.py",
          "is CLOSED for f in firings if f.standing is _DECIDES)", "is CLOSED for f in firings)", DECIDE),
    Fault("open-is-enough", "decide/verdict.py",
          "(door is None or ruling.door is CLOSED)", "True", DECIDE),
    Fault("two-people", "decide/authority.py", "len(people) >= effect.count", "len(people) >= 1", DECIDE),
    Fault("facts-changed", "decide/authority.py",
          "or not is_unchanged(policy, rule, approval, covering.known):", "or not rule.id:", DECIDE),
    Fault("rules-named", "decide/authority.py", "(named or not approval.rules)", "True", DECIDE),
    Fault("mildest-package", "decide/engine.py", "found = max(\n", "found = min(\n", DECIDE, "moves"),
    Fault("dearest-package", "deal/ledger.py", "least = min(moves", "least = max(moves", DECIDE, "moves"),
    Fault("walk-forgotten", "decide/engine.py",
          "ours or move, proceeds=proceeds, left=found.ruling.door)", "ours or move, proceeds=proceeds)", DECIDE),
    Fault("void-buys", "decide/past.py",
          "if now.theirs.net > was.theirs.net or not kept", "if not kept", DECIDE, "moves"),
    Fault("upper-door", "decide/layers.py",
          "door = CLOSED if CLOSED in (one.door, other.door) else one.door or other.door",
          "door = one.door or other.door", DECIDE, "layers"),
    Fault("silence-pays", "proof/formulas/ledger.py",
          "choose(above(worths[i], 0), state.start[i], said[i])",
          "choose(above(worths[i], 0), said[i], state.start[i])", ENCODED),
    Fault("flat-by-mention", "proof/formulas/ledger.py",
          "choose(change.names, theirs.flat, total((theirs.flat, 1)))", "total((theirs.flat, 1))", ENCODED),
    Fault("uncleared-uncounted", "proof/formulas/ledger.py",
          "ours=heard, uncleared=total((state.uncleared, 1)), **common", "ours=heard, **common", ENCODED),
    Fault("unknown-holds", "proof/formulas/encode.py",
          "return both(known, holds)\n", "return holds\n", ENCODED, "proofs"),
    Fault("default-unseen", "proof/formulas/common.py",
          "if _stating(old.deal[n]) != _stating(new.deal[n])", "if old.deal[n].optional != new.deal[n].optional",
          COMPARED, "differences"),
    Fault("people-unseen", "proof/formulas/common.py",
          '        "the names of people": lambda p: dict(p.people),\n', "", COMPARED, "differences"),
    Fault("by-unseen", "proof/formulas/common.py",
          "rule.enforcement, rule.by, rule.built_in", "rule.enforcement, rule.built_in", COMPARED, "differences"),
    Fault("worths-told", "proof/diff.py",
          "            unknown += BARGAINING\n", "            unknown += []\n", COMPARED, "differences"),
    Fault("doubt-proves", "proof/prove.py",
          "if not doubts and not unknown:\n                left", "if not doubts:\n                left", PROVED),
    Fault("gift-of-debt", "proof/formulas/properties.py", "at_least(0, get.value)", "above(0, get.value)", PROVED,
          "proofs"),
    Fault("nodes-gone", "log/verify/reading.py", "sorted({*stored, *self.nodes})", "sorted(stored)", VERIFY),
    Fault("policy-swapped", "log/verify/reading.py",
          "elif _policy_hash(files[sha256]) != sha256:", "elif not files[sha256]:", VERIFY),
    Fault("seal-moved", "log/verify/reading.py", "if deal != known.deal:", "if deal is None:", VERIFY),
    Fault("position-stale", "log/verify/reading.py",
          "if n != end.entry or last not in end.instants:", "if n != end.entry:", VERIFY),
    Fault("signature-unread", "log/verify/signed.py",
          'if not _verifies(public, signature[1][4:], text + "\\n"):', "if not signature[1][4:]:", VERIFY),
)  # fmt: skip

"""The first thirty."""

MORE = (
    Fault("matches-twice", "decide/judging.py",
          "derive(position, event, ours, theirs, approvals, counted=counted)",
          "derive(position, event, ours, theirs, approvals)", JUDGED, "laws"),
    Fault("unweighed-passes", "decide/judging.py", 'return self.with_rule(found, "unweighed")', "return found",
          JUDGED, "laws"),
    Fault("other-unsigned", "decide/judging.py",
          "terms != (agreement.terms, agreement.other):", "terms[0] != agreement.terms:", JUDGED, "laws"),
    Fault("closes-as-ours", "decide/judging.py",
          "on = On.OUR_ACCEPTANCE if agreement.by is US else On.THEIR_ACCEPTANCE", "on = On.OUR_ACCEPTANCE",
          JUDGED, "laws"),
    Fault("close-forgets-door", "decide/judging.py",
          "at_least(found.ruling, answer.verdict, answer.door)", "at_least(found.ruling, answer.verdict)",
          JUDGED, "laws"),
    Fault("instant-early", "decide/engine.py",
          "if not event.sure and event.instant > position.last + policy.ahead:",
          "if not event.sure and event.instant >= position.last + policy.ahead:", JUDGED, "laws"),
    Fault("confirmed-once", "decide/engine.py",
          "if event.instant > position.last + self.policy.ahead and not event.sure:",
          "if event.instant > position.last + self.policy.ahead:", PAST, "moves"),
    Fault("their-walk-unheard", "decide/engine.py",
          "if isinstance(event, Signal) or is_theirs(event) else None", "if isinstance(event, Signal) else None",
          JUDGED, "laws"),
    Fault("several-clear", "decide/engine.py",
          "proceeds = may_clear and found.ruling.verdict is _PROCEED\n            return found.evaluation(position, "
          "fold(policy, position, event, whole,",
          "proceeds = found.ruling.verdict is _PROCEED\n            return found.evaluation(position, "
          "fold(policy, position, event, whole,", PAST, "moves"),
    Fault("anyone-takes-undeclared", "decide/authority.py",
          "if approval.role == policy.roles[-1] and covering", "if approval.role and covering", JUDGED, "laws"),
    Fault("want-moves", "decide/authority.py",
          'limit = "want" if of == "short_of_want" else "walk"', 'limit = "walk"', JUDGED, "laws"),
    Fault("conclusions-late", "decide/compiler.py", "key=lambda h: (h[2], h[0].id)", "key=lambda h: h[0].id",
          ("tests/engine/decide/test_engine.py", "tests/properties/test_cores_agree.py", *JUDGED), "laws"),
    Fault("half-known", "decide/compiler.py",
          "not words <= policy.catalog[f].known", "words.isdisjoint(policy.catalog[f].known)",
          ("tests/engine/decide/test_engine.py", "tests/properties/test_cores_agree.py", *JUDGED), "laws"),
    Fault("upper-waived", "decide/layers.py",
          "if n in known and ranks[event.role] >= ranks[known[n].by]", "if n in known", LAYERS, "layers"),
    Fault("seats-back", "decide/past.py", "for rule in self.policy.rules if OUR_TERMS & rule.on",
          "for rule in self.policy.rules if OUR_TERMS <= rule.on", PAST, "moves"),
    Fault("lifted-again", "proof/formulas/judging.py",
          "lifted = Lifted() if case.again else act.lifted", "lifted = act.lifted", SAID, "proofs"),
    Fault("last-conclusion", "proof/formulas/encode.py",
          "either(known.concluded.get(CONCLUDED + name, False), holds)", "holds", ENCODED, "proofs"),
    Fault("asking-trades", "proof/formulas/encode.py", "asks if v <= Verdict.ESCALATE else",
          "asks if v < Verdict.ESCALATE else", ENCODED, "proofs"),
    Fault("differing-won", "proof/formulas/properties.py", "no(both(act.agreed, no(act.differs), let))",
          "no(both(act.agreed, let))", PROVED, "proofs"),
    Fault("batna-is-enough", "proof/formulas/properties.py", "at_least(batna.value, worth.value))",
          "above(batna.value, worth.value))", PROVED, "proofs"),
    Fault("lower-is-higher", "proof/formulas/constraints.py",
          "implies(approved.get(higher, False), approved.get(lower, False))",
          "implies(approved.get(lower, False), approved.get(higher, False))", SAID, "proofs"),
    Fault("ended-not-again", "proof/formulas/constraints.py",
          "no(act.differs), no(both(agreement.cleared, stands)))", "no(act.differs), no(agreement.cleared))",
          SAID, "proofs"),
    Fault("left-by-first", "proof/formulas/ledger.py",
          "no(either(conceded, agrees, first))", "no(either(conceded, agrees))", ENCODED, "proofs"),
    Fault("unprepared-uncompared", "proof/diff.py",
          "for preparation in (Preparation.ANY, Preparation.WORTHLESS):", "for preparation in (Preparation.ANY,):",
          COMPARED, "differences"),
    Fault("unknown-dropped", "proof/prove.py",
          "asked = in_order([*(d.on for d in doubts), *unknown])  # what is proved stays proved",
          "asked = in_order(d.on for d in doubts)", PROVED, "proofs"),
    Fault("numbered-minus-one", "log/verify/reading.py", "type(first) is int and first < 0:",
          "type(first) is int and first < -1:", CHECKED),
    Fault("begins-anywhere", "log/verify/reading.py", "!= last and under == policy:",
          "!= last and last and under == policy:", CHECKED),
    Fault("sort-of-seal", "log/verify/reading.py", "if sort not in known.sorts:", "if sort not in _SORTS:", CHECKED),
    Fault("erased-for-all", "log/verify/reading.py", "if seal not in there and seal not in self.erased:",
          "if seal not in there and not self.erased:", CHECKED),
    Fault("leaves-unsigned", "log/verify/signed.py", "len(leaves) == 32 * size and root_of(leaves, size) == root",
          "len(leaves) == 32 * size", CHECKED),
)  # fmt: skip
"""Thirty in other places, chosen before anybody looked at what tests there are."""


_ENGINE, _PAST, _JUDGING, _LEDGER = (
    "decide/engine.py", "decide/past.py", "decide/judging.py", "proof/formulas/ledger.py",
)  # fmt: skip
_READING, _ENCODE = "log/verify/reading.py", "proof/formulas/encode.py"
THIRD = (
    Fault("our-until", _ENGINE,
          "if position.ours.until is not None or position.theirs.until is not None:",
          "if position.theirs.until is not None:"),
    Fault("walked-open", _ENGINE, "door = found.ruling.door or OPEN", "door = OPEN"),
    Fault("foresee-below", _ENGINE, "if self.above is not None or offer.by is not US", "if offer.by is not US"),
    Fault("theirs-clear", _ENGINE,
          "proceeds = may_clear and found.ruling.verdict is _PROCEED\n        after = fold(policy, after, "
          "event, ours",
          "proceeds = found.ruling.verdict is _PROCEED\n        after = fold(policy, after, event, ours"),
    Fault("follows-anybody", _ENGINE,
          "if earlier is not None and (earlier.party, earlier.currency) != (\n                "
          "party_of(policy.people, event.party), event.currency,\n            ):",
          "if earlier is not None and earlier.currency != event.currency:"),
    Fault("void-of-acceptance", _PAST,
          "ours = isinstance(slip, Offer | Accept) and", "ours = isinstance(slip, Offer) and"),
    Fault("void-skips-next", _PAST,
          "later = folds[folds.index(first) + 1 :]", "later = folds[folds.index(first) + 2 :]"),
    Fault("part-takes-undeclared", _PAST, "other={} if event.issues else side.other,", "other=side.other,"),
    Fault("net-stays", _PAST, "ours=msgspec.structs.replace(after.ours, net=now.ours.net), movers=", "movers="),
    Fault("two-spellings", "decide/authority.py",
          "people[approval.name] = approval.approver", "people[approval.approver] = approval.approver"),
    Fault("closer-counts", _JUDGING,
          "acceptance = msgspec.structs.replace(event, actor=agreement.actor)", "acceptance = event"),
    Fault("package-forgotten", _JUDGING,
          "ours = taking(self.policy, position, package)", "ours = taking(self.policy, position)"),
    Fault("ruling-remembered", "decide/plans.py",
          "if covering is not None:", "if covering is not None and fired not in self.rulings:"),
    Fault("enough-lowest", "decide/obligations.py",
          "max((role for role, count in asked if count > place), key=above)",
          "min((role for role, count in asked if count > place), key=above)"),
    Fault("unsure-above", "decide/layers.py", "actor=event.actor, sure=event.sure)", "actor=event.actor)"),
    Fault("asks-anyway", _ENCODE,
          "asks = both(accepting.is_verdict(Verdict.ESCALATE), no(others))",
          "asks = accepting.is_verdict(Verdict.ESCALATE)"),
    Fault("made-again-open", _ENCODE, "closed=choose(walks, again.closed, one.closed)", "closed=one.closed"),
    Fault("refused-though-taken", _LEDGER, "no(either(ours.rejected, _would_take(state, act)))", "no(ours.rejected)"),
    Fault("our-no-ends-run", _LEDGER,
          "run_worths=state.run_worths if by_us else state.cleared_worths",
          "run_worths=state.cleared_worths if by_us else state.run_worths"),
    Fault("first-below-start", "proof/formulas/facts.py",
          "logic.less(highest, no_less_than_0(first))", "logic.less(highest, first)"),
    Fault("second-concedes-nothing", "proof/formulas/constraints.py",
          "implies(above(2, theirs.offers), equal(theirs.net, 0))",
          "implies(above(3, theirs.offers), equal(theirs.net, 0))"),
    Fault("run-never-worse", "proof/formulas/hyperproperties.py",
          'no_worse(one.inner, other.inner, besides=("give_run",))', "no_worse(one.inner, other.inner)"),
    Fault("above-undecided", "proof/prove.py",
          "if above.outcome in (Outcome.PROVED, Outcome.IDLE):", "if above.outcome is not Outcome.REFUTED:"),
    Fault("region-lost", "proof/diff.py", "if on in unknown or on in missed)", "if on in unknown)"),
    Fault("cap-uncompared", "proof/formulas/common.py", "i.unit, i.cap, i.is_shadow,", "i.unit, i.is_shadow,"),
    Fault("at-of-another", _READING,
          '(deal, decision["event"], decision["at"]) != (event["deal"], event["id"], event["at"])',
          '(deal, decision["event"]) != (event["deal"], event["id"])'),
    Fault("open-not-kept", _READING,
          'if self.form != "1":\n            for deal in self.open.keys()',
          'if self.form == "1":\n            for deal in self.open.keys()'),
    Fault("asked-unsorted", _READING, '("note", "reason", "asked", "proof")', '("note", "reason", "proof")'),
    Fault("same-root", "log/verify/forms.py", "if key in found or (root and root in roots):", "if key in found:"),
    Fault("more-rows", _READING, "elif count != self.size:", "elif count < self.size:"),
)  # fmt: skip
"""Thirty more, written from the source alone by who had not read their tests; each is run against its room."""

_PROPERTIES, _HYPER = "proof/formulas/properties.py", "proof/formulas/hyperproperties.py"
FOURTH = (
    Fault("takes-own-word", _ENGINE,
          'not in ("", position.side(event.by.other).said_by)', 'not in ("", position.side(event.by).said_by)',
          hunt="laws"),
    Fault("never-lapses-again", _ENGINE,
          "return self.folded(lapsed(self.policy, position, event.instant), event, may_clear)",
          "return self.folded(position, event, may_clear)", hunt="moves"),
    Fault("packages-taken-before", _ENGINE,
          "self.judge.hear(position, event, heard, theirs=move), after, event, move.terms)",
          "self.judge.hear(position, event, heard, theirs=move), position, event, move.terms)", hunt="laws"),
    Fault("offer-taken-before", _ENGINE,
          "found = self.judge.with_taking(found, after, event)",
          "found = self.judge.with_taking(found, position, event)", hunt="laws"),
    Fault("far-ahead-prepared", _JUDGING,
          "plan = self.plans[on_of(event), False]", "plan = self.plans[on_of(event), True]", hunt="laws"),
    Fault("covering-lost", _JUDGING,
          "found.ruling = kept_closed(combine(rules, found.covering, self.policy), found.at.left)",
          "found.ruling = kept_closed(combine(rules, None, self.policy), found.at.left)", hunt="laws"),
    Fault("signed-moves", _JUDGING,
          "theirs = msgspec.structs.replace(said, gain=0, loss=0, gains=0, losses=0)", "theirs = said", hunt="laws"),
    Fault("unconcerned-first", "decide/verdict.py",
          "told = len(Concern) if concern is None else concern.rank", "told = 0 if concern is None else concern.rank",
          hunt="layouts"),
    Fault("rules-waive-nothing", "decide/authority.py",
          "named = rule.id in approval.override or rule.id in approval.rules", "named = rule.id in approval.override",
          hunt="moves"),
    Fault("batna-stays", "decide/authority.py",
          'case "deal" | "batna" | "walk" | "want" | "wish":', 'case "deal" | "walk" | "want" | "wish":', hunt="moves"),
    Fault("above-taking-lost", "decide/layers.py",
          "accepting=accepting or above, cores=cores", "accepting=accepting, cores=cores", hunt="layers"),
    Fault("never-freely", "decide/again.py",
          "cleared = freely or first.ruling.verdict is Verdict.PROCEED",
          "cleared = first.ruling.verdict is Verdict.PROCEED", hunt="moves"),
    Fault("given-anew", "decide/again.py",
          "return approval if then is None else msgspec.structs.replace(approval, then=then)", "return approval",
          hunt="moves"),
    Fault("approval-of-void-lost", _PAST,
          "approvals=after.approvals if isinstance(found.event, Approve) else kept,", "approvals=kept,", hunt="moves"),
    Fault("walk-voided", _PAST,
          "    if first.was.ruling.verdict is Verdict.WALK:\n        return False\n", "", hunt="moves"),
    Fault("stated-updates", "proof/diff.py",
          "if self.kin.stated or (others and not self.milder):", "if others and not self.milder:", hunt="differences"),
    Fault("roles-unseen", "proof/diff.py",
          "if apart(self.old, self.new) or not self.kin.roles:", "if apart(self.old, self.new):", hunt="differences"),
    Fault("rested-unseen", "proof/diff.py",
          "return not (read <= now_read and rested <= now_rested)", "return not read <= now_read", hunt="layers"),
    Fault("one-currency", "proof/prove.py",
          "if other.money.scale in seen:", "if policy.money.scale in seen:", hunt="proofs"),
    Fault("left-out-proved", "proof/prove.py", "                if left:\n", "                if left and one.aside:\n",
          hunt="proofs"),
    Fault("nothing-between", _HYPER,
          "add(every(at_least(n, said.matches[p]) for p, n in matches.items()))",
          "add(every(equal(n, said.matches[p]) for p, n in matches.items()))", hunt="proofs"),
    Fault("matrix-by-any", _HYPER,
          "return all(a <= b for a, b in zip(wanted, more, strict=True)) or more[0] > wanted[0]",
          "return any(a <= b for a, b in zip(wanted, more, strict=True)) or more[0] > wanted[0]", hunt="proofs"),
    Fault("second-deception", _PROPERTIES,
          'above(judged.facts.get("signals.deception").value, 0)',
          'above(judged.facts.get("signals.deception").value, 1)', hunt="proofs"),
    Fault("unknown-agrees", _PROPERTIES, "return implies(known, holds)", "return both(known, holds)", hunt="proofs"),
    Fault("since-unseen", "proof/formulas/common.py",
          "[(r.keys, dict(r.cells), r.since) for r in table.rows]", "[(r.keys, dict(r.cells)) for r in table.rows]",
          hunt="differences"),
    Fault("typed-otherwise", _READING,
          'if not whole or "sealed:" + hashlib.sha256(salt + text).hexdigest() != seal:',
          'if whole and "sealed:" + hashlib.sha256(salt + text).hexdigest() != seal:'),
    Fault("spare-file", _READING, "for _ in contents.keys() - used:", "for _ in used - contents.keys():"),
    Fault("one-leaf-more", "log/verify/__init__.py",
          "kept > max(s.size for s in signed):", "kept > max(s.size for s in signed) + 1:"),
    Fault("more-said", _READING,
          'if set(content) != {part, "event", "format", "release"}:',
          'if not set(content) >= {part, "event", "format", "release"}:'),
    Fault("closed-kept", _READING,
          "if end is None or (end.is_closed and not position and end.digest is not None):", "if end is None:"),
)  # fmt: skip
"""Thirty more, again from the source alone, once all of the above had tests; each runs against its room and a hunt."""

_FORMULAS, _COVER, _BUDGETS = "proof/formulas/", "deal/cover.py", "deal/budgets.py"
FIFTH = (
    Fault("expired-allows", _COVER, 'a.name not in ("", asks) and not has_expired(a, now)', 'a.name not in ("", asks)',
          hunt="moves", differs="a void that was approved in advance, until an instant before it comes"),
    Fault("undeclared-mover-forgiven", _COVER,
          "m for m in movers if m.other != cleared.other or not _is_as_good(", "m for m in movers if not _is_as_good(",
          hunt="moves",
          differs="bob says 10% and a term nobody declared; 10% without it is cleared; bob approves 15%"),
    Fault("renewal-keeps-net", "deal/fold.py",
          "return msgspec.structs.replace(found, theirs=msgspec.structs.replace(found.theirs, "
          "net=their_net(policy, found)))", "return found", hunt="laws",
          differs="a deal that follows an open one at twice its list price, and a rule on `theirs.net`"),
    Fault("lost-goes-on", "deal/position.py",
          'position.last_terms, position.outcome in ("won", "lost")', 'position.last_terms, position.outcome == "won"',
          hunt="laws", differs="a deal that follows a lost one in which they had moved, and a rule on `theirs.net`"),
    Fault("budget-of-today", _BUDGETS, "position.last if at is None else at)", "position.last)", hunt="laws",
          differs="a deal that conceded in one quarter and ticks in the next, where another asks what is left"),
    Fault("agreement-not-looked-back", _PAST,
          "if position.valuation is None or not (position.ours.offers or position.agreement):",
          "if position.valuation is None or not position.ours.offers:", hunt="moves",
          differs="an offer that waits is approved, they take it, a fact that a rule on it reads is stated anew"),
    Fault("derived-rests-on-nothing", "decide/authority.py",
          'yield from (name for name in policy.derived[of].facts if name.startswith("deal."))', "yield from ()",
          hunt="moves", differs="an approval of what a rule on a derived total stops, and then more seats"),
    Fault("outside-at-batna", "deal/facts.py", "batna is not None and worth <= batna",
          "batna is not None and worth < batna",
          hunt="laws", differs="our best alternative becomes worth just what our standing offer is"),
    Fault("waiting-alternative-kept", "deal/stated.py",
          "        if BATNA in news.loosened:\n            alternatives = position.alternatives\n", "", hunt="moves",
          differs="an alternative that is worth less waits to be allowed; then an update about something else"),
    Fault("alternatives-run-on", "decide/generated/__init__.py",
          "        if position.alternatives:\n            position = at(position, now)\n", "", hunt="laws",
          differs="an offer below an alternative that has ended"),
    Fault("stopped-by-hearing-alone", _HYPER,
          "ruled = [other.heard] if other.inner is None else [other.heard, other.inner.heard]", "ruled = [other.heard]",
          hunt="proofs", differs="`better-is-no-worse` where a rule on our acceptance alone stops small discounts"),
    Fault("conceded-by-offers-alone", _FORMULAS + "constraints.py",
          "at_least(total((ours.offers, theirs.offers)), ours.concessions)", "at_least(ours.offers, ours.concessions)",
          hunt="proofs", differs="a claim on `ours.concessions > ours.offers`, which an offer that they take makes so"),
    Fault("never-same-instant", _FORMULAS + "constraints.py",
          "implies(offered.known, both(at_least(act.now, offered.value), at_least(offered.value, state.opened)))",
          "implies(offered.known, both(above(act.now, offered.value), at_least(offered.value, state.opened)))",
          hunt="proofs", differs="a claim that `since.our_offer` is never 0"),
    Fault("due-uncompared", _FORMULAS + "common.py",
          "lambda p: {name: issue.owed for name, issue in p.owed.items()}", "lambda p: list(p.owed)",
          hunt="differences", differs="policies of which one gives 30 days for a reference and the other 60"),
    Fault("claims-on-halted", _FORMULAS + "common.py",
          "[*(r.condition for r in policy.rules if not r.built_in), *(c.condition for c in policy.claims)]",
          "[r.condition for r in policy.rules if not r.built_in]", hunt="proofs",
          differs="the claim that `ours.halted` is never yes"),
    Fault("taken-by-the-lowest", _FORMULAS + "judging.py", "entry.unit.choices.index(policy.roles[-1])",
          "entry.unit.choices.index(policy.roles[0])", hunt="proofs",
          differs="an offer of theirs that only the highest role's mandate takes"),
    Fault("made-again-unapproved", _FORMULAS + "judging.py",
          "        lifted=act.lifted,\n        other=act.other,\n        now=act.now,\n",
          "        other=act.other,\n        now=act.now,\n", hunt="proofs",
          differs="the claim that no close proceeds, where all terms want an approval"),
    Fault("unknown-budget-not-missing", _FORMULAS + "facts.py",
          "logic.total((facts.state.missing, lacking, *unknown))", "logic.total((facts.state.missing, lacking))",
          hunt="proofs", differs="a claim on what is answered where nothing is known of a budget"),
    Fault("alike-though-apart", "proof/settle.py", "if not found.is_same or found.apart:", "if not found.is_same:",
          hunt="differences", differs="a mutant of a policy with rates that only deals in other currencies tell"),
    Fault("lacking-not-asked", _FORMULAS + "any_deal.py",
          "return Preparation.PREPARED, Preparation.LACKING, Preparation.WORTHLESS",
          "return Preparation.PREPARED, Preparation.WORTHLESS", hunt="proofs",
          differs="the claim that nothing is held, of a policy whose worths rest on no fact and that wants one"),
    Fault("erasure-says-more", _READING,
          'if content["format"] not in _DECIDED or set(content) != {"erasure", "format", "release"}:',
          'if content["format"] not in _DECIDED:',
          differs="a log without checkpoints that was written anew with an erasure that says something else too"),
    Fault("last-changed", _READING, "elif self.longest and self.changed is None and self.longest",
          "elif self.longest and self.longest",
          differs="a log written anew with two other entries, beside a checkpoint with its leaves"),
    Fault("after-close-open", _READING, 'decision["on"] == "close" or deal in self.closed',
          'decision["on"] == "close"', differs="a won deal in which something that was owed is delivered"),
    Fault("far-ahead-sealed", _READING,
          'if ended is not None and (after == before or (after is None and decision["verdict"] == "hold")):',
          "if ended is not None and after == before:",
          differs="a deal with personal terms whose last event is far ahead, and held"),
    Fault("sorts-widened", _READING, "found.sorts &= frozenset(sorts)", "found.sorts |= frozenset(sorts)",
          differs="a sealed name that is kept as a text"),
    Fault("erased-comes-back", _READING, "if seal in self.erased:", "if seal in self.erased and deal != known.deal:",
          differs="a text that was erased is put back"),
    Fault("rates-unread", _READING,
          "if name == _RATES and hashlib.sha256(bytes(place)).hexdigest() != part:", "if name == _RATES and not place:",
          differs="a published rate in the store is another one"),
    Fault("key-misnamed", "log/verify/signed.py", " or len(public) != 33 or number.hex() != said:",
          " or len(public) != 33:", differs="a verifier key whose name and number do not belong to it"),
    Fault("empty-checkpoint", _READING, "        self.remember_root()\n        if self.guarded(self.check_form)",
          "        if self.guarded(self.check_form)", differs="a checkpoint over no entry, which holds"),
    Fault("any-sqlite-table", "log/verify/forms.py",
          'if key in ("table `sqlite_stat1`", "table `sqlite_stat4`"):', 'if key.startswith("table `sqlite_"):',
          differs="a table `sqlite_sequence` that somebody left behind"),
)  # fmt: skip
"""Thirty more, from the source alone, before their writer had read a test; each says where the answer is another."""

SIXTH = (
    Fault("known-now-not-then", _ENGINE, "party = deal.others_then(event)\n", "party = deal.others\n", hunt="moves",
          differs="a revocation, where another deal of the party was won after what was approved was said"),
    Fault("lesser-swapped", "deal/ledger.py", "is_lesser(valuation, terms, theirs.standing)",
          "is_lesser(valuation, theirs.standing, terms)", hunt="laws",
          differs="we offer less than they do, and a rule on our acceptance alone"),
    Fault("undeclared-by-name", "decide/authority.py",
          "covering.other.items() <= approval.other.items()", "covering.other.keys() <= approval.other.keys()",
          hunt="moves", differs="a logo on one page is approved, and a logo on every page is offered"),
    Fault("rejected-is-signed", "deal/facts.py", 'agreement.ended != "replaced"', 'agreement.ended == "withdrawn"',
          hunt="laws", differs="agreed, then rejected, and closed as won with the agreed terms as signed"),
    Fault("party-stays-closed", _PAST, "left_closed=False, reopened_at=found.event.instant)\n        after",
          "reopened_at=found.event.instant)\n        after", hunt="laws",
          differs="a rule on `party.left_closed`, after a door was opened again"),
    Fault("revoked-comes-back", "deal/fold.py", "dropped=(*position.dropped, *(a.id for a in gone)),",
          "dropped=position.dropped,", hunt="moves",
          differs="approved, let through, revoked, and then a fact that a rule reads is stated anew"),
    Fault("approval-ends-early", _COVER,
          "if a.until is None or now <= a.until)", "if a.until is None or now < a.until)",
          hunt="laws", differs="an offer at the last instant of its approval"),
    Fault("our-no-begins-run", "deal/said.py", "run=position.run if by is US else position.cleared,",
          "run=position.cleared,", hunt="moves",
          differs="two steps with a rejection of ours between them, and a rule on `give.run`"),
    Fault("taken-back-is-no-looser", "deal/stated.py", "    if new is None:\n        return True\n",
          "    if new is None:\n        return False\n", hunt="moves",
          differs="the only alternative is taken back, and nobody of the highest role has said so"),
    Fault("no-walk-no-bound", "deal/ledger.py",
          "return max(worth, 0 if walk is None else valuation.change(issue, start, walk))",
          "return worth if walk is None else max(worth, valuation.change(issue, start, walk))", hunt="laws",
          differs="`theirs_base: start`, and they come down from 40% to 30%"),
    Fault("their-yes-forgets-undeclared", "deal/ledger.py",
          "    if takes:\n        kept = ours.other\n", "", hunt="laws",
          differs="we offer a logo that nobody declared, and they accept"),
    Fault("delivered-still-owed", "deal/owed.py", "now == was or name in position.delivered:", "now == was:",
          differs="what was delivered before the deal was won"),
    Fault("walked-takes-budget", "deal/budgets.py", 'position.outcome not in ("", "won")', 'position.outcome == "lost"',
          differs="a deal that gave something and was closed as walked, beside another one of the same key"),
    Fault("moves-seen-above", "decide/layers.py",
          '        case Update() if event.policy:\n            return msgspec.structs.replace(event, policy="")\n', "",
          differs="a deal under two layers that an update moves to another version of the lower one"),
    Fault("same-leg-once", "deal/patterns.py", "seen.get(values, 0) + 1}", "1}", hunt="laws",
          differs="a first leg that happens twice with the same values, and a rule on two matches"),
    Fault("left-after-opening", _FORMULAS + "constraints.py",
          "at_least(state.left_at, state.opened)", "above(state.left_at, state.opened)", hunt="proofs",
          differs="the claim that `since.left` is less than `since.opened`, where both are one instant"),
    Fault("cleared-is-enough", _FORMULAS + "constraints.py",
          "no(act.differs), no(both(agreement.cleared, stands)))", "no(act.differs), no(agreement.cleared))",
          hunt="proofs", differs="a claim on a close of what was let through and has been replaced since"),
    Fault("retracting-is-better", _HYPER, '"move_retracted": -1,', '"move_retracted": 1,', hunt="proofs",
          differs="`better-is-no-worse`, where a rule reads how many issues they took back"),
    Fault("aside-by-themselves", _HYPER,
          "any(f.startswith(prefixes) or f.removeprefix(CONCLUDED) in concluded for f in facts)",
          "any(f.startswith(prefixes) for f in facts)", hunt="proofs",
          differs="`saying-it-again`, where a rule reads a conclusion that is drawn from `ours.uncleared`"),
    Fault("door-misread", _FORMULAS + "properties.py", "logic.choose(ruled.closed, 1, 0), ruled.reaches",
          "logic.choose(ruled.closed, 0, 1), ruled.reaches", hunt="proofs", differs="a claim on `door`"),
    Fault("one-day-together", "proof/diff.py", "last is None or first <= last:", "last is None or first < last:",
          hunt="differences", differs="the last day of one version is the first one of the next"),
    Fault("limit-at-case-alone", _FORMULAS + "common.py", "own |= {held, held.partition(AT)[0]}", "own |= {held}",
          hunt="differences", differs="a walk value at one value of the selector, and a rule on the room to it"),
    Fault("rejected-still-agreed", _FORMULAS + "ledger.py",
          "        agreement=replace(state.agreement, stands=False),\n", "", hunt="proofs",
          differs="a claim on `agreed.stands` after a rejection"),
    Fault("equal-hides-nothing", "proof/dead.py", "r.effect.severity >= verdict.rank + more",
          "r.effect.severity > verdict.rank + more",
          differs="`lint --strict`, of a rule beside which another one as severe always fires"),
    Fault("unsure-walks-left-out", _FORMULAS + "constraints.py",
          "at_least(total((lacking, len(unsure))), state.missing)", "at_least(lacking, state.missing)", hunt="proofs",
          differs="a claim that nothing is held, where each deal brings a walk value and the policy has one too"),
    Fault("first-held", _READING, "first = max(self.held, default=0)", "first = min(self.held, default=0)",
          differs="a third checkpoint that does not hold, without its leaves: between which entries"),
    Fault("first-key-decides", "log/verify/signed.py", "                trusted = True\n",
          "                return _with_leaves(witness, int(lines[1]), root)\n",
          differs="of two keys that are given the first has signed, and what the second signed is another text"),
    Fault("all-leaves", "log/verify/signed.py", "leaves = witness.leaves[: 32 * size]", "leaves = witness.leaves",
          differs="an older checkpoint beside the hashes of all entries"),
    Fault("mark-is-a-place", _READING, "count += name not in (_POSITIONS, _RATES)", "count += name != _RATES",
          differs="how many places are noted, of a store that marks its positions"),
    Fault("moved-is-damage", _READING, "if before != last and under == policy:", "if before != last:",
          differs="a deal that an update moved to another version"),
)  # fmt: skip
"""Thirty more, from the source alone, before any was tried."""

SEVENTH = (
    Fault("waiver-wants-more", "decide/authority.py",
          "waives = named and waivable and rank >= ranks[rule.by]",
          "waives = named and waivable and rank > ranks[rule.by]",
          hunt="laws", differs="a waiver by the very role that `by` names"),
    Fault("milder-door", "decide/verdict.py",
          "if ruling.verdict > verdict or (ruling.verdict", "if ruling.verdict >= verdict or (ruling.verdict",
          hunt="laws", differs="a close walks by the open door, and accepting the terms would close it"),
    Fault("update-says-again", "decide/again.py",
          "facts=facts if isinstance(event, Open) else {})", "facts=facts if isinstance(event, Open) else event.facts)",
          hunt="moves", differs="a fact is stated three times, and an offer hangs on what it was the second time"),
    Fault("above-differed", "decide/layers.py",
          "cores = found.cores if not found.cores.agree else upper.cores", "cores = found.cores",
          hunt="layers", differs="the evaluators differ in the layer above alone"),
    Fault("closed-when-reopened", "decide/known.py",
          "_read(known.closed_at),\n        _read(known.reopened_at),",
          "_read(known.reopened_at),\n        _read(known.closed_at),",
          hunt="laws", differs="a recorded decision that knew a party whose door was closed in another deal"),
    Fault("unsigned-closes", _JUDGING,
          "may_close(position, agreement, terms is not None)", "may_close(position, agreement, True)",
          hunt="laws", differs="agreed, replaced by another offer of ours, and closed as won without signed terms"),
    Fault("march-comes-later", _BUDGETS,
          "(int(month) + 2) // 3", "(int(month) + 3) // 3",
          hunt="laws", differs="a budget by the quarter of UTC, and a deal that gives something in March"),
    Fault("falls-to-unsaid", "deal/taken_back.py",
          "(before[issue] if position.before_stated & bits[issue] else base[issue])", "before[issue]",
          hunt="moves", differs="they withdraw an offer in which they named an issue for the first time"),
    Fault("uncounted-inherited", "decide/gather.py",
          "uncounted=None if why == uncounted else why or Uncounting(),",
          "uncounted=None if why == uncounted else why,",
          hunt="laws", differs="it is told why approvals do not count, but of accepting nothing stands in the way"),
    Fault("final-though-taken-back", "decide/generated/reading.py",
          '"1 if THEIRS.final and THEIRS.stands else 0"', '"1 if THEIRS.final else 0"',
          hunt="laws", differs="a rule on `theirs.final`, after their final offer was withdrawn"),
    Fault("unknown-line-left-out", "deal/line_items.py",
          "if not known or len(known) < len(values):", "if not known:",
          hunt="laws", differs="a sum over lines of which one lacks what the sum reads"),
    Fault("some-help", "decide/obligations.py",
          "helps = all(r.effect.verdict is not Verdict.REFUSE", "helps = any(r.effect.verdict is not Verdict.REFUSE",
          hunt="laws", differs="a rule that nobody may lift refuses beside one that escalates"),
    Fault("rejected-only-cleared", _FORMULAS + "constraints.py",
          "implies(above(theirs.rejections, 0), ours.said_at.known)",
          "implies(above(theirs.rejections, 0), above(ours.offers, 0))",
          hunt="proofs", differs="the claim that they never reject before anything of ours was let through"),
    Fault("left-before-now", _FORMULAS + "constraints.py",
          "both(at_least(act.now, state.left_at)", "both(above(act.now, state.left_at)",
          hunt="proofs", differs="the claim that `since.left` is never 0"),
    Fault("package-at-its-walk", _FORMULAS + "facts.py",
          "found.append(both(limit.known, above(0, room)))", "found.append(both(limit.known, at_least(0, room)))",
          hunt="proofs", differs="a package that is worth just its walk value"),
    Fault("base-below-start", _FORMULAS + "facts.py",
          "        return logic.largest((worth, 0))\n", "        return worth\n",
          hunt="proofs", differs="`theirs_base: start`, and they begin below it"),
    Fault("door-is-no-answer", _HYPER,
          "pairs = [*zip(one.reaches, other.reaches, strict=True), (one.closed, other.closed)]",
          "pairs = [*zip(one.reaches, other.reaches, strict=True)]",
          hunt="proofs", differs="`saying-it-again` where the second time the door stays open"),
    Fault("their-terms-forgotten", _PROPERTIES,
          "same_other = both(equal(act.other, 0), equal(state.other_theirs, 0))", "same_other = equal(act.other, 0)",
          hunt="proofs", differs="`agreed-is-agreed`, where their offer has terms that nobody declared"),
    Fault("alternative-never-below", _FORMULAS + "opening.py",
          ', signed=name == "batna.worth"))', "))",
          hunt="differences", differs="two policies that differ only where our alternative is worth less than nothing"),
    Fault("last-row-ends", _FORMULAS + "days.py",
          "is_last = equal(row, len(self.starts) - 1)", "is_last = equal(row, len(self.starts))",
          hunt="proofs", differs="a claim on the last day of the calendar"),
    Fault("first-row-counts", _FORMULAS + "constraints.py",
          "newest = sorted(range(len(hits)), key=lambda i: -(table.rows[i].since or -(10**9)))",
          "newest = list(range(len(hits)))",
          hunt="proofs", differs="a table whose newer row stands below the older one"),
    Fault("endless-alone", "proof/diff.py",
          "(last is None or last > other_last)", "(last is not None and last > other_last)",
          hunt="differences", differs="a policy that ends, compared with one that does not"),
    Fault("lowest-code-lost", _FORMULAS + "worths.py",
          "for code in codes[-2::-1]:", "for code in codes[-2:0:-1]:",
          hunt="proofs", differs="an issue of words, at the first of them"),
    Fault("first-currency-unasked", "proof/prove.py",
          "policy.exchange.accepted[1:]", "policy.exchange.accepted[2:]",
          hunt="proofs", differs="a policy with one other currency, in which a claim does not hold"),
    Fault("recorded-thrice", _READING,
          "HAVING count(*) > 1", "HAVING count(*) > 2",
          differs="an event that stands in a log twice, whose index was taken away"),
    Fault("limits-unsorted", _READING,
          'for limits in event.get("limits", {}).values():', 'for limits in event.get("limit", {}).values():',
          differs="the sealed limit of a deal is kept as a text"),
    Fault("open-sealed-kept", _READING,
          "elif position and end.digest is None:", "elif position and end.digest is None and end.is_closed:",
          differs="the position of an open deal lies there that should be sealed"),
    Fault("damages-as-found", "log/verify/__init__.py",
          "tuple(sorted(dict.fromkeys(reading.damages), key=lambda d: d.entry)),",
          "tuple(dict.fromkeys(reading.damages)),",
          differs="a wrong subtree or seal of an early entry, and a later entry that is wrong too"),
    Fault("hidden-hold-once", _READING,
          "instants if after is not None else instants | ended.instants", "instants if after is not None else instants",
          differs="a deal whose positions are sealed, and whose last event is far ahead and held"),
    Fault("one-too-far", _READING,
          "{first + (1 << level) - 1} is not theirs", "{first + (1 << level)} is not theirs",
          differs="over which entries a stored hash is said to be"),
)  # fmt: skip
"""Thirty more, from the source alone, before any was tried or its tests were looked for."""

EVERY = (*FAULTS, *MORE, *THIRD, *FOURTH, *FIFTH, *SIXTH, *SEVENTH)


def main() -> None:
    """Plant the faults that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.hunt.faults", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*(f.name for f in EVERY), []])
    names = parser.parse_args().names
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("engine", "cli", "tests", "rules", "features", "docs", "pyproject.toml", "README.md"):
            source = ROOT / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / part)
        caught = [noticed(fault, copy) for fault in EVERY if not names or fault.name in names]
    print(f"{sum(caught)} of {len(caught)} noticed")
    sys.exit(0 if all(caught) else 1)


def noticed(fault: Fault, copy: Path) -> bool:
    """Return whether tests or a hunt notice a fault planted in a copy, and take it out again."""
    file = copy / "engine" / "walkaway" / fault.file
    right = file.read_text(encoding="utf-8")
    if right.count(fault.was) != 1:
        print(f"{fault.name}: the place is not there, or not alone", flush=True)
        return False
    file.write_text(right.replace(fault.was, fault.now), encoding="utf-8")
    began = time.monotonic()
    try:
        by = first_failure(fault, copy)
        if not by and fault.hunt:
            by = hunted(fault, copy)
    finally:
        file.write_text(right, encoding="utf-8")
    print(f"{fault.name:20} {time.monotonic() - began:5.0f} s  {by or 'SLIPPED THROUGH'}", flush=True)
    return bool(by)


def first_failure(fault: Fault, copy: Path) -> str:
    """Return the first test that fails, or cannot be set up; nothing where none does.

    Raises:
        RuntimeError: Where the tests did not run, so that nothing can be said of the fault.
    """
    for marked in ("not (slow or solver)", "slow or solver"):
        asked = ("-x", "-q", "-n0", "-p", "no:cacheprovider", "-m", f"({marked}) and {_SUITE}")
        found = run([sys.executable, "-m", "pytest", *asked, *_tests_of(fault)], copy)
        if found.returncode not in _RAN:
            raise RuntimeError(f"the tests of {fault.name} did not run: {found.stdout[-2000:]}{found.stderr[-2000:]}")
        failed = [line for line in found.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        if failed:
            return failed[0].split(" - ")[0]
    return ""


_LEFT_OUT = ("bulk", "serve", "browser", "hunt", "simulate", "spark", "packs", "site", "described")
_SUITE = " and ".join(f"not {marker}" for marker in _LEFT_OUT)
"""What the suite leaves out."""
_RAN = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
"""How a run ends that says something: all the others are of tests that did not run."""


def _tests_of(fault: Fault) -> Sequence[str]:
    return fault.tests or tuple(dict.fromkeys(ROOMS[fault.file.partition("/")[0]]))


def hunted(fault: Fault, copy: Path) -> str:
    """Return that a hunt of three minutes notices the fault; nothing where it does not."""
    found = run([sys.executable, "-m", "tests.hunt", "--minutes", "3", "--only", fault.hunt], copy)
    if not found.stdout.rstrip().endswith("contradictions"):
        raise RuntimeError(f"the hunt of {fault.name} did not end: {found.stdout[-2000:]}{found.stderr[-2000:]}")
    return f"hunt {fault.hunt}" if found.returncode else ""


def run(command: Sequence[str], copy: Path) -> subprocess.CompletedProcess[str]:
    """Run a command on the copy."""
    path = os.pathsep.join(str(copy / part) for part in ("engine", "cli"))
    return subprocess.run(
        command, cwd=copy, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    main()
