"""Read `least` and `most`: between which values a deal fact or an issue lies."""

from walkaway.language.codes import Code
from walkaway.language.source import Scalar, Sequence
from walkaway.language.values import Unit, Value, beyond, format_value
from walkaway.policy.model import Bounds
from walkaway.policy.parse.section import Section, describe, read_value


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


def listed(section: Section, unit: Unit) -> tuple[int, ...]:
    """Read `values`, the only ones that may be named, from the smallest; none where all may be."""
    node, findings = section.nodes.get("values"), section.findings
    if node is None:
        return ()
    place = section.keys["values"].span
    if not unit.is_numeric:
        findings.add(Code.BAD_VALUE, f"{section.name} has its values already: {unit}", place, "remove `values`")
        return ()
    for key in ("least", "most", "step"):
        if key in section.nodes:
            what = f"`{key}` of {section.name} stands beside its `values`, which say it"
            findings.add(Code.BAD_VALUE, what, section.keys[key].span, f"remove `{key}`")
    if not isinstance(node, Sequence):
        what = f"`values` wants a list, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, place, "write `values: [one, another]`")
        return ()
    found: dict[int, Scalar] = {}
    for item in node.items:
        value = read_value(item, unit, findings) if isinstance(item, Scalar) else None
        if not isinstance(item, Scalar):
            what = f"`values` wants single values, not {describe(item)}"
            findings.add(Code.WRONG_SHAPE, what, item.span, "write `values: [one, another]`")
        elif isinstance(value, int) and value in found:
            what = f"{format_value(value, unit)} stands twice"
            findings.add(Code.DUPLICATE_KEY, what, item.span, "keep one of the two")
        elif isinstance(value, int):
            found[value] = item
    if len(found) == len(node.items) == 1:
        what = f"one value alone leaves nothing to negotiate of {section.name}"
        findings.add(Code.BAD_VALUE, what, place, "list another, or remove the issue")
    return tuple(sorted(found)) if len(found) == len(node.items) else ()


def check_listed(section: Section, key: str, value: Value, unit: Unit, values: tuple[int, ...]) -> None:
    """Report a constant of the policy's own that is none of the values listed."""
    if isinstance(value, int) and values and value not in values:
        what = f"`{key}` of {section.name} is none of its `values`"
        section.findings.add(Code.BAD_VALUE, what, section.nodes[key].span, "list it, or begin with one that is listed")
