"""Every code has a page, and the page tells the truth: its bad example gives just this code, its good one nothing.

A page shows only the lines that matter. YAML is laid over `codes/base.yaml`, section by section and entry by entry;
a file's name behind the fence makes another file, one that is `recorded` the file with which the lines came into a
log; `bytes` is a whole policy file with escapes; JSON lines are events of a deal that has been opened. In a `stretched`
block the dots stand for five million characters. The last line of an `erased` block comes to a log in which the lines
before it were recorded, and their personal texts erased.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers.findings import caret
from tests.helpers.logs import counted_salts

from walkaway import Code, DeadLetter, Diagnostic, Engine, Policy, Stream, page
from walkaway.deal.lines import Line
from walkaway.log.append import kept_rates
from walkaway.log.erasing import erase
from walkaway.log.record import Recorder
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import all_items
from walkaway.policy import changed_rates, format_file, linted, load
from walkaway.proof.dead import strict

ROOT = Path(__file__).parents[3]
BASE = (Path(__file__).parent / "codes" / "base.yaml").read_text(encoding="utf-8")
OPENED = (
    b'{"id": "e1", "deal": "D-1", "at": "2026-10-05T09:00:00Z", "type": "open", "facts": {"list_price": "100,000 USD"}}'
)
FENCE = re.compile(r"^```(.*?)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
SOLVED = frozenset({Code.DEAD_RULE, Code.HIDDEN_RULE, Code.OVERLAPPING_RULE, Code.CONTRADICTED_RULE})
"""Codes that only `walkaway lint --strict` gives."""
LINTED = frozenset(
    {
        Code.DEAF_TO_ACCEPTANCES, Code.DEAF_TO_OFFERS, Code.COMPARED_WITH_LAST_SAID, Code.LIFTED_BY_REPETITION,
        Code.ENDLESS_WORTH, Code.SOLD_AGAIN, Code.IDLE_WALK, Code.NEVER_NEEDS_A_RATE,
        Code.APPROVAL_CROSSES_TERM,
    }
)  # fmt: skip
"""Codes that reading a policy does not give, and linting it does."""
NO_HINT = frozenset({"WA610", "WA612", "WA501", "WA511", "WA605", "WA606", "WA611"})
"""Codes for which nothing that could be typed helps more than the message."""


def blocks(text: str, indent: str) -> dict[str, str]:
    """Split YAML into the entries at *indent*, by key."""
    found: dict[str, str] = {}
    for entry in re.split(rf"^(?={indent}[^\s#])", text, flags=re.MULTILINE):
        key = re.match(rf"{indent}(.+?):", entry)
        if key:
            found[key[1]] = entry.rstrip("\n") + "\n"
    return found


def laid_over(base: str, fragment: str) -> str:
    """Lay a page's lines over the base policy."""
    found = blocks(base, "")
    for key, block in blocks(fragment, "").items():
        old = found.get(key, "")
        if block.split("\n")[0].strip() == f"{key}:" and old.split("\n")[0].strip() == f"{key}:":
            found[key] = f"{key}:\n" + "".join({**blocks(old, "  "), **blocks(block, "  ")}.values())
        else:
            found[key] = block
    return "".join(found.values())


def section(code: Code, name: str) -> str:
    """Return a section of a code's page."""
    return page(code).partition(f"## {name}\n")[2].partition("\n## ")[0]


def found_in(code: Code, name: str, folder: Path) -> Iterator[Diagnostic]:
    """Run the examples of a section of a page and give every finding, those of linting where its code is one."""
    examples, solved = section(code, name), code in SOLVED
    policy, lines, erased, recorded = BASE.encode(), [OPENED], False, dict[str, str]()
    for info, content in FENCE.findall(examples):
        sort, *rest = info.split()
        text = content.replace("…", "x" * 5_000_000) if "stretched" in rest else content
        if sort == "bytes":
            policy = text.encode("latin-1").decode("unicode_escape").encode("latin-1")
        elif sort == "json":
            erased = "erased" in rest
            events = [line.encode() for line in text.split("\n")]
            lines = events if '"type": "open"' in text.split("\n")[0] else [OPENED, *events]
        elif rest and rest[-1] == "recorded":
            recorded[rest[0]] = text
        elif rest and "." in rest[0]:
            (folder / rest[0]).write_text(laid_over(BASE, text) if sort == "yaml" else text, encoding="utf-8")
        else:
            policy = laid_over(BASE, text).encode()
    (folder / "policy.yaml").write_bytes(policy)
    checked = linted(folder) if code in LINTED else load(folder)
    yield from checked.findings
    if not checked.findings:
        yield from format_file(folder / "policy.yaml").findings
    if checked.value is not None and solved:
        yield from strict(checked.value, lambda: 0.0, 60.0)
    if checked.value is not None and recorded:
        yield from after_recording(checked.value, lines, folder, recorded)
    elif checked.value is not None and erased:
        yield from after_erasure(checked.value, lines, folder)
    elif checked.value is not None:
        for answer in Stream(Engine(checked.value)).lines(lines, "deal.jsonl"):
            if isinstance(answer, DeadLetter):
                yield from answer.findings


def after_recording(policy: Policy, lines: list[bytes], folder: Path, files: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Record the lines with other files beside the policy, and give the findings about those that lie there now."""
    now = {name: (folder / name).read_text(encoding="utf-8") for name in files}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    with closing(Sqlite(folder / "log.db", writable=True)) as store:
        Recorder(store, policy, counted_salts()).record([Line(line, "deal.jsonl", n) for n, line in enumerate(lines)])
        for name, text in now.items():
            (folder / name).write_text(text, encoding="utf-8")
        yield from changed_rates(policy, kept_rates(store))


def after_erasure(policy: Policy, lines: list[bytes], folder: Path) -> Iterator[Diagnostic]:
    """Record all lines but the last, erase the personal texts, and give the findings about the last."""
    with closing(Sqlite(folder / "log.db", writable=True)) as store:
        recorder = Recorder(store, policy, counted_salts())
        recorder.record([Line(line, "deal.jsonl", n) for n, line in enumerate(lines[:-1], 1)])
        gone = list(all_items(store))
        erase(store, lambda: gone, "2026-11-01T00:00:00Z", "dpo", "asked", counted_salts(10**6), "0.1.0")
        for answer in recorder.record([Line(lines[-1], "deal.jsonl", len(lines))]):
            if isinstance(answer, DeadLetter):
                yield from answer.findings


@pytest.mark.parametrize("code", list(Code))
def test_a_page_says_what_why_and_how_to_put_it_right(code: Code) -> None:
    """A reader of `walkaway lint --explain` finds the same parts on every page."""
    text = page(code)
    assert text.startswith(f"# {code.value} {code.pattern}\n\n")
    assert text.index("\n## Bad\n") < text.index("\n## Good\n")
    assert len(text.partition("\n## Bad\n")[0].strip().split("\n\n")) >= 3


@pytest.mark.parametrize("code", [pytest.param(c, marks=pytest.mark.solver) if c in SOLVED else c for c in Code])
def test_the_bad_example_gives_exactly_this_code(code: Code, tmp_path: Path) -> None:
    """The example shows what the page speaks of, with a caret on the text and a hint wherever one helps."""
    findings = list(found_in(code, "Bad", tmp_path))
    assert [f.code for f in findings] == [code], findings
    assert caret(findings[0]).strip()
    assert findings[0].hint or code.value in NO_HINT
    assert findings[0].message[0] != findings[0].message[0].upper() or not findings[0].message[0].isalpha()
    assert not findings[0].message.endswith(".")


@pytest.mark.parametrize("code", [pytest.param(c, marks=pytest.mark.solver) if c in SOLVED else c for c in Code])
def test_the_good_example_gives_nothing(code: Code, tmp_path: Path) -> None:
    """What the page recommends is accepted without a finding."""
    assert list(found_in(code, "Good", tmp_path)) == []


def test_every_page_has_its_code() -> None:
    """A page whose code is gone is found."""
    pages = {p.stem for p in (ROOT / "engine" / "walkaway" / "language" / "codes").glob("*.md")}
    assert pages == {c.value for c in Code}
