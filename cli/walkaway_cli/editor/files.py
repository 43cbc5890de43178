"""The files of a workspace as the editor has them: what is typed and not yet saved stands over what is on disk."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from walkaway import Checked, Policy
from walkaway.policy import FILE, files_beside, read, with_advice
from walkaway_cli.editor.mended import mended
from walkaway_cli.scenarios.negotiation import find_policy

_POLICY = re.compile(r"^policy[ \t]*:", re.MULTILINE)
_NAMED = re.compile(r'the policy "([^"]+)"')
_PART = re.compile(r"\s*(Background|Rule|Scenario|Example|Scenario Outline|Scenario Template)\s*:")
_SKIPPED = {".git", ".venv", "node_modules", "__pycache__"}
CASES = "cases.yaml"
"""The file beside a policy that holds its cases."""
MOST_FILES = 2_000
"""No more files of a workspace are looked at."""


class Read(msgspec.Struct, frozen=True):
    """A policy as it was read: what was found, and every file that it rests on."""

    checked: Checked[Policy]
    rests_on: frozenset[Path]


class Files:
    """Texts by path.

    Attributes:
        typed: What the editor has open.
        good: The last policy without errors that was read from a file.
        mended: Of files that never were one, the text, and what remains of it without its mistakes.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root
        self.typed: dict[Path, str] = {}
        self.good: dict[Path, Policy] = {}
        self.mended: dict[Path, tuple[str, str, Policy | None]] = {}

    def text(self, path: Path) -> str:
        """Return a file's text, empty where there is none."""
        if path in self.typed:
            return self.typed[path]
        try:
            return path.read_bytes().decode("utf-8-sig", "replace")
        except (OSError, ValueError):
            return ""

    def is_policy(self, path: Path) -> bool:
        """Return whether a file is a policy or a layer of one."""
        return path.suffix in (".yaml", ".yml") and _POLICY.search(self.text(path)) is not None

    def read(self, path: Path) -> Read:
        """Read the policy in a file, with what is typed."""
        found = self.read_text(path, self.text(path))
        if found.checked.value is not None:
            self.good[path] = found.checked.value
        return found

    def read_text(self, path: Path, text: str) -> Read:
        """Read the policy in a text, as if the file held it."""
        on_disk = files_beside(path)
        rests_on = {path}

        def beside(name: str) -> bytes | None:
            meant = (path.parent / name).resolve()
            rests_on.add(meant)
            found = on_disk(name)
            return self.typed[meant].encode("utf-8", "replace") if meant in self.typed else found

        checked = with_advice(read(text.encode("utf-8", "replace"), str(path), beside), str(path))
        return Read(checked, frozenset(rests_on))

    def policy(self, path: Path) -> Policy | None:
        """Return the last good policy of a file; where there was none, what remains of it without its mistakes."""
        if path not in self.good:
            self.read(path)
        return self.good[path] if path in self.good else self.without_mistakes(path)[1]

    def without_mistakes(self, path: Path) -> tuple[str, Policy | None]:
        """Return a file's text without its mistakes, every place where it was, and its policy."""
        text = self.text(path)
        if path not in self.mended or self.mended[path][0] != text:
            self.mended[path] = text, *mended(lines_of(text), lambda t: self.read_text(path, t).checked, str(path))
        return self.mended[path][1:]

    def policy_of(self, path: Path) -> Path | None:
        """Return the policy a file belongs to: itself, the one a feature names, the one beside a table or cases."""
        if self.is_policy(path):
            return path
        if path.suffix == ".feature":
            named = _NAMED.search(self.text(path))
            return self.called(path, named[1] if named else "")
        for folder in (path.parent, path.parent.parent) if path.name != CASES else ():  # no policy is made of cases
            for file in sorted(folder.glob("*.y*ml")):
                if self.is_policy(file.resolve()) and path in self.read(file.resolve()).rests_on:
                    return file.resolve()
        beside = (path.parent / FILE).resolve()
        return beside if beside.is_file() else None

    def called(self, feature: Path, name: str) -> Path | None:
        """Return the policy that a feature calls so; empty for the one in the nearest folder."""
        found = find_policy(feature, name)
        return self.file(found.resolve()) if found else None

    def spoken_of(self, feature: Path) -> list[Path | None]:
        """Return for each line of a feature the policy that its scenario speaks of."""
        lines = lines_of(self.text(feature))
        parts = [(n, part[1]) for n, line in enumerate(lines) if (part := _PART.match(line))]
        firsts = [*(first for first, _ in parts), len(lines)]
        found = [self.policy_of(feature)] * firsts[0]
        everywhere = within = ""
        is_in_rule = False
        for (first, word), following in zip(parts, firsts[1:], strict=True):
            named = _NAMED.search("\n".join(lines[first:following]))
            if word == "Rule":
                is_in_rule, within = True, everywhere
            elif word == "Background":
                within = named[1] if named else within
                everywhere = everywhere if is_in_rule else within
            owner = self.called(feature, named[1] if named else within)
            found += [owner] * (following - first)
        return found

    def file(self, path: Path) -> Path:
        """Return the file of a policy that is named by its folder or by itself."""
        return (path / FILE).resolve() if path.is_dir() else path

    def all(self, *endings: str) -> Iterator[Path]:
        """Return the files of the workspace with one of some endings, open ones included."""
        found = {p for p in self.typed if p.suffix in endings}
        if self.root is not None:
            for number, path in enumerate(self.root.rglob("*")):
                if number > 10 * MOST_FILES or len(found) > MOST_FILES:
                    break
                if path.suffix in endings and not _SKIPPED & set(path.parts) and path.is_file():
                    found.add(path.resolve())
        yield from sorted(found)


def lines_of(text: str) -> list[str]:
    """Return a text's lines as editors count them."""
    return re.split("\r\n|\r|\n", text)


def entries_of(policy: Policy) -> Mapping[str, str]:
    """Return what each fact is, in a sentence."""
    return {e.name: f"`{e.name}`: {e.meaning} ({e.unit}; known: {e.when_known()})" for e in policy.catalog.values()}
