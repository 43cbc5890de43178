"""A policy as it would be without its mistakes: whoever opens a file with one still wants hover and the rest.

What a finding points at is blanked, the entry around it first, then the block above; no line or column moves, so that
places found in what remains are places in the text as it is.
"""

from collections.abc import Callable, Sequence

from walkaway import Checked, Code, Policy
from walkaway.language import Diagnostic, Severity

ROUNDS = 40
"""So often something is blanked at most before the rest is given up."""
_CLOSING = {"{": "}", "[": "]"}


def mended(lines: Sequence[str], read: Callable[[str], Checked[Policy]], file: str) -> tuple[str, Policy | None]:
    """Return a text without the mistakes found in it, and its policy; none where nothing can be read of it.

    Args:
        read: Reads the policy in a text.
        file: What findings call the file.
    """
    kept = list(lines)
    for _ in range(ROUNDS):
        text = "\n".join(kept)
        checked = read(text)
        errors = [f for f in checked.findings if f.severity is Severity.ERROR]
        if checked.value is not None:
            return text, checked.value
        here = [f for f in errors if f.span.file == file]
        broken = next((f for f in here if f.code is Code.BROKEN_YAML), None)
        if broken is not None:
            kept = _readable(kept, broken.span.line - 1, read)
        elif not _blanked(kept, here):
            return text, None
    return "\n".join(kept), None


def _readable(kept: list[str], line: int, read: Callable[[str], Checked[Policy]]) -> list[str]:
    """Blank the line at which YAML breaks, or the one above, which may be why; whichever lets more be read."""
    above = next((n for n in range(min(line, len(kept)) - 1, -1, -1) if kept[n].strip()), line)
    tried = [[*kept[:n], "", *kept[n + 1 :]] for n in (line, above) if n < len(kept)]

    def reach(lines: list[str]) -> int:
        broken = (f.span.line for f in read("\n".join(lines)).findings if f.code is Code.BROKEN_YAML)
        return min(broken, default=len(lines) + 1)

    return max(tried, key=reach, default=[])


def _blanked(kept: list[str], errors: Sequence[Diagnostic]) -> bool:
    """Blank what some findings point at; return whether anything was there to be blanked."""
    before = list(kept)
    for error in errors:
        line, column = error.span.line - 1, error.span.column - 1
        if line >= len(before) or kept[line] != before[line]:
            continue  # what stood there went with another finding
        entry = _flow_entry(kept[line], column)
        if entry is not None:
            kept[line] = kept[line][: entry[0]] + " " * (entry[1] - entry[0]) + kept[line][entry[1] :]
        else:
            _blank_block(kept, line)
    return kept != before


def _flow_entry(line: str, column: int) -> tuple[int, int] | None:
    """Return the stretch of the entry of `{…}` in which a column lies, its comma too; none outside one."""
    begins: list[tuple[int, str]] = []
    quote = ""
    ends = len(line)
    for place, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in _CLOSING:
            begins.append((place + 1, _CLOSING[char]))
        elif begins and char in (",", begins[-1][1]):
            if place > column:
                ends = place + (char == ",")
                break
            if char == ",":
                begins[-1] = (place + 1, begins[-1][1])
            else:
                begins.pop()
    inside = [start for start, closing in begins if closing == "}" and start <= column]
    return (inside[-1], ends) if inside and ends < len(line) and ":" in line[inside[-1] : ends] else None


def _blank_block(kept: list[str], line: int) -> None:
    """Blank a line, and what stands below it further in."""
    depth = _depth(kept[line])
    kept[line] = ""
    for below in range(line + 1, len(kept)):
        text = kept[below]
        if text.strip() and _depth(text) <= depth:
            break
        kept[below] = ""


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
