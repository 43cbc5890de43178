"""What a job of `walkaway serve` answers: by its kind, what the command of that name prints with `--format json`.

No file is read that a question names: a policy comes with all its files, and names others among them.
"""

import contextlib
import io
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from walkaway import Core, Diagnostic, Engine, InvalidInput, Policy, Severity, StoreProblem
from walkaway.backtest import backtested, segment_fact
from walkaway.language import by_place
from walkaway.log import Difference, Policies, Rejudged, Unreplayed, entries, replay
from walkaway.policy import FILE, ending, read, with_advice
from walkaway_cli import clock
from walkaway_cli.commands import diff, prove
from walkaway_cli.jobs.bounds import JobQuestion
from walkaway_cli.options import solver as solving
from walkaway_cli.options.past import past_of
from walkaway_cli.options.stores import consulted
from walkaway_cli.render import backtest as render
from walkaway_cli.render import findings as formats

_SHOWN = 50
_ASKING = 0.9
"""So much of a job's time goes to the solver; the rest is for the question that it began, and for the answer."""


class JobOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a job answers.

    Attributes:
        yes: Whether the answer is yes: nothing to mend, everything proved, no answer changed.
        findings: What is wrong with the policies; then there is no answer.
        wrong: What else keeps it from being answered.
    """

    yes: bool = False
    answer: Any = None
    findings: Any = ()
    wrong: str = ""


def loaded(files: Mapping[str, str]) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """Return a policy by its files, and what is wrong with it."""
    data = {name: text.encode() for name, text in files.items()}
    found = with_advice(read(data[FILE], FILE, data.get), FILE)
    return found.value, found.findings


def _time(question: JobQuestion) -> float:
    """Return for how many seconds a solver may be asked."""
    return _ASKING * question.seconds


def policy_of(files: Mapping[str, str]) -> Policy:
    """Return a policy without errors.

    Raises:
        InvalidInput: With every finding.
    """
    found, findings = loaded(files)
    if found is None:
        raise InvalidInput(findings)
    return found


def lint(question: JobQuestion) -> JobOutcome:
    """Find every mistake."""
    policy, findings = loaded(question.files)
    found: Sequence[Diagnostic] = findings
    if policy is not None:
        found = by_place([*found, *ending(policy, clock.now())])
        if question.options.get("strict"):
            dead, layers, half = solving.analysis("dead"), solving.analysis("layers"), _time(question) / 2
            solved = dead.strict(policy, time.monotonic, half, FILE)
            found = by_place([*found, *solved, *layers.loosened(policy, time.monotonic, half, FILE)])
    is_fine = not any(f.severity is not Severity.NOTE for f in found)
    return JobOutcome(is_fine, printed(formats.as_json, found, 1))


def prove_all(question: JobQuestion) -> JobOutcome:
    """Prove what must be so of every answer."""
    policy, room = policy_of(question.files), solving.analysis("prove")
    names = [p.name for p in solving.analysis("formulas.properties").properties(policy)]
    only = tuple(question.options.get("only", ()))
    if unknown := [name for name in only if name not in names]:
        return JobOutcome(wrong=f"there is no property `{unknown[0][:60]}`: {', '.join(names)}")
    proofs = sorted(room.prove(policy, time.monotonic, _time(question), only), key=lambda p: names.index(p.name))
    is_proved = all(proof.outcome in ("proved", "does not apply") for proof in proofs)
    return JobOutcome(is_proved, printed(prove.as_json, proofs, [()] * len(proofs), None))


def compare(question: JobQuestion) -> JobOutcome:
    """Show where the verdict changes."""
    room, tell = solving.analysis("diff"), solving.analysis("counterexamples.render").render
    old, new = policy_of(question.against), policy_of(question.files)
    mandatory = bool(question.options.get("mandatory"))
    found = room.compare(old, new, time.monotonic, _time(question), milder=mandatory)
    return JobOutcome(found.is_same, printed(diff.as_json, found, None, [""] * len(found.regions), tell, mandatory))


def backtest(question: JobQuestion) -> JobOutcome:
    """Decide the log's deals again under a policy, from their opening on."""
    policy = policy_of(question.files)
    old = policy_of(question.against) if question.against else None
    segment = str(question.options.get("segment", ""))
    if segment and (segment not in policy.deal or not policy.deal[segment].unit.choices):
        return JobOutcome(wrong=f"`{segment[:60]}` is no deal fact that is one of some words")
    with consulted(question.store) as store:
        past = past_of((), (), store)
        found = backtested(past.blocks, policy, old, past.recorded, segment_fact(policy, segment))
    if not found.sums.events:
        return JobOutcome(wrong="no event of the log was decided by every side")
    return JobOutcome(not found.sums.flips, render.plain(found))


def replayed(question: JobQuestion) -> JobOutcome:
    """Decide everything in the log again, and compare the bytes."""
    counts = {"same": 0, "erased": 0, "different": 0, "of_other_meaning": 0, "would_differ_now": 0}
    shown: list[str] = []
    with consulted(question.store) as store:
        desk = Policies(store, Core.BOTH, lambda incident: shown.append(f"incident: {incident.what}"))
        for found in replay(store, desk, entries(store)):
            match found:
                case None:
                    counts["same"] += 1
                case Rejudged():
                    counts["of_other_meaning"] += 1
                    counts["would_differ_now"] += bool(found.changes)
                case Unreplayed(erased=True):
                    counts["erased"] += 1
                case Difference() | Unreplayed():
                    counts["different"] += 1
                    shown += [str(found)] if len(shown) < _SHOWN else []
    return JobOutcome(not counts["different"], {**counts, "differences": shown})


def cases(question: JobQuestion) -> JobOutcome:
    """Tell a policy the cases that stand beside it: nothing is written down for that, and nobody's Python is run."""
    from walkaway_cli.render import scenarios  # want the runner of tests, which no other kind does
    from walkaway_cli.scenarios.cases import cases_in, tell
    from walkaway_cli.scenarios.negotiation import Engines
    from walkaway_cli.scenarios.problems import Missed, Misunderstood

    engines, file = Engines(), Path("cases.yaml")
    engine = Engine(policy_of(question.files), report=engines.incidents.append)
    found: list[scenarios.ScenarioOutcome] = []
    try:
        for case in cases_in(str(question.options.get("cases", "")).encode(), file):
            status, why = "passed", ""
            try:
                tell(case, engines.stream(engine), file)
            except Missed as problem:
                status, why = "failed", str(problem)
            except Misunderstood as problem:
                status, why = "misunderstood", f"{file}:{case.line}: {problem}"
            found.append(scenarios.ScenarioOutcome(str(file), case.note, status, why))
    except Misunderstood as problem:
        found.append(scenarios.ScenarioOutcome(str(file), "", "misunderstood", str(problem)))
    return JobOutcome(all(each.status == "passed" for each in found), printed(scenarios.as_json, found, 1))


KINDS: Mapping[str, Callable[[JobQuestion], JobOutcome]] = {
    "lint": lint,
    "prove": prove_all,
    "diff": compare,
    "backtest": backtest,
    "replay": replayed,
    "cases": cases,
}


def printed(tell: Callable[..., None], *arguments: Any) -> msgspec.Raw:
    """Return what a command prints as JSON."""
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(said):
        tell(*arguments)
    said.seek(0)
    return msgspec.Raw(said.buffer.read().strip())


def outcome(question: JobQuestion) -> JobOutcome:
    """Answer a question; whatever is wrong with it is told."""
    try:
        return KINDS[question.kind](question)
    except InvalidInput as error:
        return JobOutcome(findings=printed(formats.as_json, error.findings, 1))
    except (StoreProblem, click.ClickException) as error:
        return JobOutcome(wrong=error.format_message() if isinstance(error, click.ClickException) else str(error))
    except MemoryError:
        return JobOutcome(wrong=f"it wants more than {question.memory >> 30} GiB of memory")
