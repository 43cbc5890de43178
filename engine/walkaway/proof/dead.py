"""Find rules that never matter, over all offers and positions: each finding is a proof, with an offer that shows it.

What a condition's text shows is found by `policy.lint`; this is for what follows from how facts hang together.
"""

from collections.abc import Callable, Iterator, Sequence

from walkaway.events import Door, Verdict
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Severity
from walkaway.policy import is_above
from walkaway.policy.lint import lint
from walkaway.policy.model import Policy, Rule
from walkaway.proof.counterexamples.ask import Doubt, Inquiry, Jointly, event_query
from walkaway.proof.counterexamples.find import Counterexample, Scene, TimeLimit
from walkaway.proof.counterexamples.render import render
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.facts import Case
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.logic import Truth, both, either, no, some
from walkaway.proof.formulas.properties import in_order
from walkaway.proof.gaps import gaps

A_WITNESS = 12
"""Leads at most to the deal that shows a finding."""


def strict(policy: Policy, clock: Callable[[], float], seconds: float, file: str = "") -> Iterator[Diagnostic]:
    """Return what the solver finds in a policy that has no errors.

    Args:
        clock: Gives seconds that pass.
        seconds: How long may be spent in all; what is not decided then is no finding.
        file: What the policy's own file is called in findings: of a layer above it no rule is one, since whoever owns
            the lower layer cannot mend it. Empty where every rule is asked about.

    Diagnostics:
        WA404 to WA406, of tables that are too large for reading to try every region; WA705 to WA708.
    """
    logic.forget()
    search = _DeadRuleSearch(policy, TimeLimit(clock, clock() + seconds))
    seen = {f.span for f in lint(policy) if f.code in (Code.NEVER_FIRES, Code.ALWAYS_HIDDEN, Code.SAME_RULE)}
    yield from gaps(policy, search.budget)
    for rule in policy.rules:
        if not rule.built_in and rule.span not in seen and not (file and is_above(rule.span.file, file)):
            yield from search.rule(rule)


class _DeadRuleSearch:
    """The search for rules of one policy that never matter.

    Attributes:
        met: The deals found so far that show that some rule fires.
    """

    def __init__(self, policy: Policy, budget: TimeLimit) -> None:
        self.inquiry, self.policy, self.budget = Inquiry(policy), policy, budget
        self.met: list[Counterexample] = []

    def rule(self, rule: Rule) -> Iterator[Diagnostic]:
        """Return what is found of one rule. That it matters is asked first: then it fires, too."""
        fires, may_matter = _fires(rule), rule.decides and rule.effect.verdict is not Verdict.PROCEED
        undecided: list[object] = []
        if may_matter:
            matters, undecided = self.doubts(rule, _matters(rule))
            if matters:
                return
        doubts, unknown = self.doubts(rule, fires)
        if unknown:
            return
        if not doubts:
            what = f"rule `{rule.id}` never fires: no event in any position that can be satisfies its condition"
            yield _warning(Code.DEAD_RULE, what, rule, "correct the condition, or remove the rule")
        elif may_matter and not undecided:
            yield self.idle(rule, doubts)
        elif rule.decides and not may_matter:
            yield from self.contradicted(rule)

    def doubts(self, rule: Rule, question: Callable[[Judged], Jointly]) -> tuple[list[Doubt], list[object]]:
        """Return where a truth about a rule may hold: the first such place, if any."""
        doubts, unknown = self.inquiry.doubts(
            in_order(rule.on), self.inquiry.jointly(question), self.budget, one_is_enough=True
        )
        return doubts, list(unknown)

    def idle(self, rule: Rule, doubts: Sequence[Doubt]) -> Diagnostic:
        """Return the finding of a rule that fires and never makes a difference."""
        assert rule.effect.verdict is not None
        word = rule.effect.verdict
        more = self.doubts(rule, lambda j: Jointly(_place(rule, j, j.ruled.decides), _reaching(rule, j, word, 1)))
        severer = not any(more)
        others = self.others(rule, severer=severer)
        shown = self.shown(rule, doubts)
        if severer:
            what = f"rule `{rule.id}` never decides: wherever it gives `{word}`, {others} a more severe verdict"
            hint = "make its condition wider or its verdict more severe, or remove it"
            return _warning(Code.HIDDEN_RULE, what, rule, hint + shown)
        what = f"rule `{rule.id}` changes no verdict: wherever it gives `{word}`, {others} one as severe"
        return _warning(
            Code.OVERLAPPING_RULE, what, rule, "remove one of them, or make them exclude each other" + shown
        )

    def others(self, rule: Rule, *, severer: bool) -> str:
        """Name the rule that always gives the answer in its stead, where it is one rule."""
        least = rule.effect.severity + severer
        left = [r for r in self.policy.rules if r.id != rule.id and r.decides and r.effect.severity >= least]
        apart: list[Doubt] = self.doubts(rule, _decides(rule))[0]
        while left:
            for doubt in apart:
                deciding = doubt.asked.model_of(lambda judged: judged.ruled.decides)
                assert doubt.asked.judged is not None
                heard = doubt.asked.judged.ruled.rules
                decided = {r.id for r, decides in zip(heard, deciding, strict=True) if decides}
                left = [r for r in left if r.id in decided]
            if not left:
                break
            apart, unknown = self.doubts(rule, _apart(rule, left[0]))
            if not apart and not unknown:
                return f"`{left[0].id}` gives"
            left = left[1:]
        return "others give"

    def contradicted(self, rule: Rule) -> Iterator[Diagnostic]:
        """Return the finding of a rule that says `proceed` where another says otherwise."""

        def overruled(judged: Judged) -> Truth:
            return both(_fires(rule)(judged).truth, judged.ruled.reaches[Verdict.TRADE.rank])

        doubts, _ = self.inquiry.doubts(in_order(rule.on), self.inquiry.about(overruled), self.budget)
        found = self.show(doubts, overruled) if doubts else None
        if found is not None:
            by = next(r for r in found.decision.reasons if r.standing == "decides" and r.effect != "proceed")
            what = f"rule `{rule.id}` says `proceed` where `{by.rule}` says `{by.effect}`, and the more severe stands"
            hint = f"let one of the two leave it to the other; for example: {render(found)}"
            yield _warning(Code.CONTRADICTED_RULE, what, rule, hint)

    def shown(self, rule: Rule, doubts: Sequence[Doubt]) -> str:
        """Return an offer that shows that a rule fires, in words: one met before, or else searched; nothing if none."""
        found = next((d for d in self.met if any(r.rule == rule.id for r in d.decision.reasons)), None)
        if found is None:
            found = self.show(doubts, lambda judged: _fires(rule)(judged).truth)
            if found is None:
                return ""
            self.met.append(found)
        return f"; for example: {render(found)}"

    def show(self, doubts: Sequence[Doubt], question: Callable[[Judged], Truth]) -> Counterexample | None:
        """Return a deal in which something is so."""
        program = self.inquiry.program

        def scenes(case: Case) -> Sequence[Scene]:
            return [event_query(program, case, question)]

        found = self.inquiry.show(doubts, scenes, self.budget, most=A_WITNESS)
        return found[0] if found else None


def _place(rule: Rule, judged: Judged, truths: Sequence[Truth]) -> tuple[Truth]:
    """Return the truth of *truths* for a rule in a ruling; a built-in rule may stand there several times."""
    return (some(t for r, t in zip(judged.ruled.rules, truths, strict=True) if r.id == rule.id),)


def _fires(rule: Rule) -> Callable[[Judged], Jointly]:
    """Return the question whether a rule fires."""
    return lambda judged: Jointly(_place(rule, judged, judged.ruled.fires))


def _decides(rule: Rule) -> Callable[[Judged], Jointly]:
    """Return the question whether a rule fires and decides."""
    return lambda judged: Jointly(_place(rule, judged, judged.ruled.decides))


def _decided(rule: Rule) -> Callable[[Judged], Truth]:
    """Return the truth that a rule fires and decides."""
    return lambda judged: _place(rule, judged, judged.ruled.decides)[0]


def _apart(rule: Rule, other: Rule) -> Callable[[Judged], Jointly]:
    """Return the question whether a rule decides where another one does not."""
    return lambda judged: Jointly((_decided(rule)(judged),), (_decided(other)(judged),))


def _reaching(rule: Rule, judged: Judged, verdict: Verdict, more: int = 0) -> tuple[Truth, ...]:
    """Return, of other rules that are as severe as a verdict or by *more* more severe, the truths that they decide."""
    deciding = zip(judged.ruled.rules, judged.ruled.decides, strict=True)
    return tuple(d for r, d in deciding if r.id != rule.id and r.effect.severity >= verdict.rank + more)


def _matters(rule: Rule) -> Callable[[Judged], Jointly]:
    """Return the question whether without a rule the answer would be milder."""

    def matters(judged: Judged) -> Jointly:
        decides = _place(rule, judged, judged.ruled.decides)
        assert rule.effect.verdict is not None, "it decides"
        others = _reaching(rule, judged, rule.effect.verdict)
        if rule.effect.door is not Door.CLOSED:
            return Jointly(decides, others)
        deciding = zip(judged.ruled.rules, judged.ruled.decides, strict=True)
        closed = some(d for r, d in deciding if r.id != rule.id and r.effect.door is Door.CLOSED)
        is_open = no(either(closed, judged.facts.state.left_closed))
        return Jointly((*decides, either(no(some(others)), is_open)))

    return matters


def _warning(code: Code, message: str, rule: Rule, hint: str) -> Diagnostic:
    return Diagnostic(code, message, rule.span, hint, Severity.WARNING)
