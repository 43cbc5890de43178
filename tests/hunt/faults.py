"""Thirty faults planted in a copy, one after the other: does the suite, or the hunter, notice at the first try?

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


class Fault(NamedTuple):
    """One place written otherwise.

    Attributes:
        file: Below `engine/walkaway`.
        was, now: The text there, which stands there once, and what is written in its place.
        tests: What is run.
        hunt: The hunt that is asked where these tests say nothing.
    """

    name: str
    file: str
    was: str
    now: str
    tests: Sequence[str]
    hunt: str = ""


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
          "if (n, last) != (end.entry, end.instant):", "if n != end.entry:", VERIFY),
    Fault("signature-unread", "log/verify/signed.py", "if verdict is True:", "if verdict is not None:", VERIFY),
)  # fmt: skip


def main() -> None:
    """Plant the faults that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.hunt.faults", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*(f.name for f in FAULTS), []])
    names = parser.parse_args().names
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("engine", "cli", "tests", "rules", "features", "docs", "pyproject.toml", "README.md"):
            source = ROOT / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / part)
        caught = [noticed(fault, copy) for fault in FAULTS if not names or fault.name in names]
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
    """Return the first test that fails; nothing where none does."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *fault.tests]
    found = run(command, copy)
    failed = [line for line in found.stdout.splitlines() if line.startswith("FAILED")]
    return failed[0].split(" - ")[0] if failed else ""


def hunted(fault: Fault, copy: Path) -> str:
    """Return that a hunt of three minutes notices the fault; nothing where it does not."""
    found = run([sys.executable, "-m", "tests.hunt", "--minutes", "3", "--only", fault.hunt], copy)
    return f"hunt {fault.hunt}" if found.returncode else ""


def run(command: Sequence[str], copy: Path) -> subprocess.CompletedProcess[str]:
    """Run a command on the copy."""
    path = os.pathsep.join(str(copy / part) for part in ("engine", "cli"))
    return subprocess.run(
        command, cwd=copy, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    main()
