"""Prove that a policy is nowhere milder than what is mandatory in the layer above it, or show the offer at which it is.

Reading a policy refuses what plainly loosens (`policy.layers`); this asks of every offer in every position whether
anything got through.
"""

from collections.abc import Callable, Iterator

import msgspec

from walkaway.decide.engine import Engine
from walkaway.events import Door, On
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Severity
from walkaway.policy import FILE, Policy, above
from walkaway.proof.counterexamples.render import render
from walkaway.proof.diff import Region, VerdictAndDoor, compare
from walkaway.proof.formulas.common import judging_by
from walkaway.proof.formulas.concrete import decided


def alone(policy: Policy) -> Policy:
    """Return a layer with all above it as one policy: what it says by itself, no other layer judging beside it."""
    return msgspec.structs.replace(policy, above=None)


def loosened(policy: Policy, clock: Callable[[], float], seconds: float, file: str = FILE) -> Iterator[Diagnostic]:
    """Return a finding for each way in which a policy is milder than the layer above.

    Args:
        file: What the policy's own file is called in findings.

    Diagnostics:
        WA214.
    """
    upper = above(policy)
    root = source.read(policy.files[FILE], file).value
    if upper is None or not isinstance(root, source.Mapping):
        return
    place = root.get("extends")
    assert place is not None
    if upper.value is None:
        what = "whether this loosens the layer above is not decided: that is no policy by itself"
        hint = f"state there what it lacks ({upper.findings[0].message})"
        yield Diagnostic(Code.LOOSER_THAN_LAYER, what, place.span, hint, Severity.WARNING)
        return
    one, other = alone(upper.value), alone(policy)
    if judging_by(one) == judging_by(other):
        return
    until = clock() + seconds
    found = compare(one, other, clock, seconds, milder=True)
    together = Engine(policy)
    shown = [region for region in found.regions if _is_milder(together, region)]
    for region in shown:
        what = f"what `{region.rule}` of the layer above answers with `{region.old.word}` gets `{region.new.word}` here"
        hint = f"tighten it again; for example: {render(region.deals[1])}"
        yield Diagnostic(Code.LOOSER_THAN_LAYER, what, place.span, hint)
    left = {on for region in found.regions if region not in shown for on in region.on}
    unknown = [on for on in On if on in left or on in found.unknown]
    if unknown:
        what = f"whether this loosens the layer above is not decided ({', '.join(unknown)})"
        hint = _MORE_TIME if clock() >= until else _IN_ANY_TIME
        yield Diagnostic(Code.LOOSER_THAN_LAYER, what, place.span, hint, Severity.WARNING)


def _is_milder(together: Engine, region: Region) -> bool:
    """Return whether all layers together answer a region's deal more mildly than the layer above alone does.

    What a layer adds may change what is counted in it alone; the layer above counts as before, and answers beside it.
    """
    judged = decided(together, region.deals[1].lines)
    if judged is None:
        return False
    ruling = judged.ruling
    return VerdictAndDoor(ruling.verdict, ruling.door is Door.CLOSED) < region.old


_MORE_TIME = "allow more time with --timeout"
_IN_ANY_TIME = (
    "more time decides no more: read there what this layer changes; the engine answers with both layers all the same"
)
