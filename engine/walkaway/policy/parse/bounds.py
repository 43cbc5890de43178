"""Read `least` and `most`: between which values a deal fact or an issue lies."""

from walkaway.language.codes import Code
from walkaway.language.values import Unit, Value, beyond
from walkaway.policy.model import Bounds
from walkaway.policy.parse.section import Section


def bounds(section: Section, unit: Unit) -> Bounds:
    """Read `least` and `most`; none where there is no such bound."""
    for key in ("least", "most"):
        if key in section.nodes and not unit.is_numeric:
            what = f"{section.name} has no `{key}`: its values are {unit}"
            section.findings.add(Code.BAD_VALUE, what, section.keys[key].span, f"remove `{key}`")
    if not unit.is_numeric:
        return None, None
    least, most = (section.value(key, unit) for key in ("least", "most"))
    assert not isinstance(least, str)
    assert not isinstance(most, str)
    if least is not None and most is not None and least > most:
        what = f"`least` of {section.name} is above its `most`"
        section.findings.add(Code.BAD_VALUE, what, section.nodes["least"].span, "swap the two")
        return None, None
    return least, most


def check_within(section: Section, key: str, value: Value | None, unit: Unit, found: Bounds) -> None:
    """Report a constant of the policy's own that lies beyond the bounds."""
    if isinstance(value, int) and (past := beyond(value, unit, *found)):
        what = f"`{key}` of {section.name} is {past}"
        section.findings.add(Code.BAD_VALUE, what, section.nodes[key].span, "correct one of the two")
