"""Where scenarios and cases name what a policy declares: in facts, in sentences that have names, and in events."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from walkaway import language
from walkaway_cli.editor.files import CASES, Files, lines_of
from walkaway_cli.editor.spots import OwnName, Spot, scalars_in, spot_of

_STEP = re.compile(r"\s*(?:Given|When|Then|And|But|\*)\s|\s*\|")
_QUOTED = re.compile(r'"[^"\n]*"')
_STATING = re.compile(r"\s*(?:Given|And|But|\*)\s+a deal with\b")
_OF_FACTS = {
    "derived": r"derived\.",
    "deal": r"(?:deal|stated|since\.stated|by\.stated)\.",
    "signals": r"signals\.",
    "pattern": r"pattern\.",
    "budgets": r"budget\.",
    "lines": r"lines\.",
}
"""The key under which a name is declared → what stands before it in the facts that read it."""
_IN_EVENTS = {
    "issues": r'(?<!"role": )(?<!"role":)"({})"(?=\s*[]:,}}])',
    "roles": r'"role":\s*"({})"',
    "deal": r'"({})"(?=\s*:)',
    "signals": r'"kind":\s*"({})"',
    "budgets": r'"budgets-({})"',
}
"""The key → how events in JSON name it."""
_KEYS_BELOW = {"issues": ("terms", "limits", "packages"), "deal": ("facts",)}
"""The key → below what events of cases have it as a key."""


def tellers_of(files: Files, policies: set[Path]) -> list[Path]:
    """Return the features and cases of some policies."""
    found = [f for f in files.all(".feature") if policies & set(files.spoken_of(f))]
    return found + [f for f in files.all(".yaml") if f.name == CASES and files.policy_of(f) in policies]


def told_names(files: Files, path: Path, what: OwnName, policies: set[Path]) -> Iterator[Spot]:
    """Yield where a feature, in what it tells of some policies, or cases name something."""
    if path.suffix == ".feature":
        yield from _in_feature(files, path, what, policies)
    else:
        root = language.read(files.text(path).encode("utf-8", "replace"), str(path)).value
        yield from _in_events(path, root, what, "")


def _in_feature(files: Files, path: Path, what: OwnName, policies: set[Path]) -> Iterator[Spot]:
    spoken = files.spoken_of(path)
    known = {p: tuple(policy.catalog) if (policy := files.policy(p)) else () for p in policies & set(spoken)}
    steps = {p: _in_steps(what, catalog) for p, catalog in known.items()}
    events = re.compile(_IN_EVENTS[what.key].format(re.escape(what.name))) if what.key in _IN_EVENTS else None
    is_written, states = False, False
    for number, (line, owner) in enumerate(zip(lines_of(files.text(path)), spoken, strict=True)):
        if line.strip() == '"""':
            is_written = not is_written
        elif owner not in steps:
            continue
        elif is_written:
            yield from (Spot(path, number, *m.span(1)) for m in (events.finditer(line) if events else ()))
        elif _STEP.match(line):
            is_row = line.lstrip().startswith("|")
            states = bool(_STATING.match(line)) or (states and is_row)
            yield from (Spot(path, number, *span) for span in steps[owner](line, states))


Spans = Callable[[str, bool], Iterable[tuple[int, int]]]
"""From a step or a row of its table, and whether it states what a deal is like, to where it names something."""


def _in_steps(what: OwnName, catalog: Iterable[str]) -> Spans:
    """Return what finds a name in steps."""
    name, spelled = re.escape(what.name), re.escape(what.name).replace("_", "[ _]")
    if what.key in ("issues", "roles"):
        word = re.compile(rf"(?<![\w-])({name})(?![\w-])")
        return _apart_from(word, [_QUOTED, _facts_with(what.name, catalog)])
    patterns = [rf"(?<![\w.-]){_OF_FACTS[what.key]}({name})(?![\w-])"] if what.key in _OF_FACTS else []
    if what.key == "signals":
        patterns.append(rf"^\s*\S+\s+({spelled}) by (?:us|them)\b")
    if what.key == "budgets":
        patterns.append(rf"(?<![\w-])budgets-({name})(?![\w-])")
    if what.key == "deal":
        patterns.append(rf"\bthe deal's ({spelled}) is\b")
    stated = re.compile(
        rf"(?:\bdeal with |, and |, | and |^\s*\|\s*)(?:an? |the )?({spelled})(?=(?: of| at| is|:)? \S|\s*\|)"
    )
    found = [re.compile(pattern) for pattern in patterns]

    def spans(line: str, states: bool) -> Iterator[tuple[int, int]]:
        for pattern in (*found, stated) if states and what.key == "deal" else found:
            yield from (m.span(1) for m in pattern.finditer(line))

    return spans


def _apart_from(word: re.Pattern[str], others: list[re.Pattern[str]]) -> Spans:
    """Return what finds a word that stands in nothing else."""

    def spans(line: str, _: bool) -> Iterator[tuple[int, int]]:
        taken = [m.span() for pattern in others for m in pattern.finditer(line)]
        for found in word.finditer(line):
            if not any(start <= found.start(1) < end for start, end in taken):
                yield found.span(1)

    return spans


def _facts_with(name: str, catalog: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of the deal facts, as sentences have them, in which a name is a word."""
    stated = [one.partition(".")[2].replace("_", " ") for one in catalog if one.startswith("deal.")]
    found = [rf"\b{re.escape(one)}\b" for one in stated if one != name and re.search(rf"\b{re.escape(name)}\b", one)]
    return re.compile("|".join([*found, rf"(?<=deal's ){re.escape(name)}\b"]))


def _in_events(path: Path, node: language.Node | None, what: OwnName, below: str) -> Iterator[Spot]:
    """Yield where cases name something: as a key of terms, limits or facts, as a role, a kind, or a rule made of it."""
    if isinstance(node, language.Sequence):
        for item in node.items:
            yield from _in_events(path, item, what, below)
    if isinstance(node, language.Scalar) and what.key == "budgets" and node.value == f"budgets-{what.name}":
        spot = spot_of(path, node)
        yield Spot(path, spot.line, spot.start + len("budgets-"), spot.end)
    for key, value in node.entries if isinstance(node, language.Mapping) else ():
        if key.value == what.name and below in _KEYS_BELOW.get(what.key, ()):
            yield spot_of(path, key)
        elif what.key == "issues" and key.value in ("terms", "delivered") and isinstance(value, language.Sequence):
            yield from (spot_of(path, item) for item in scalars_in(value) if item.value == what.name)
        elif (what.key, key.value) in (("roles", "role"), ("signals", "kind")) and isinstance(value, language.Scalar):
            yield from [spot_of(path, value)] if value.value == what.name else []
        else:
            yield from _in_events(path, value, what, key.value)
