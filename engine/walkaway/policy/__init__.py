"""Policies: `load` reads one from a file or folder, with its tables, and checks it."""

import hashlib
from pathlib import Path

import msgspec

from walkaway import source
from walkaway.codes import Code
from walkaway.diagnostics import Checked, Diagnostic, Findings, Span, by_place
from walkaway.policy.lint import lint
from walkaway.policy.model import Policy
from walkaway.policy.parse import LoadFile, parse_policy

__all__ = ["Policy", "load", "read"]

FILE = "policy.yaml"


def load(path: Path) -> Checked[Policy]:
    """Read and check the policy at *path*: a file, or a folder that holds `policy.yaml`.

    Raises:
        OSError: Where the policy file itself cannot be read; a table that cannot is a finding.
    """
    file = path / FILE if path.is_dir() else path
    folder = file.parent

    def beside(name: str) -> bytes | None:
        wanted = (folder / name).resolve()
        if not wanted.is_relative_to(folder.resolve()) or not wanted.is_file():
            return None
        return wanted.read_bytes()

    return read(file.read_bytes(), str(file), beside)


def read(data: bytes, file: str, beside: LoadFile) -> Checked[Policy]:
    """Read and check a policy's bytes.

    Args:
        beside: Gives the bytes of a table's file, or none.

    Diagnostics:
        WA1xx to WA4xx, WA7xx; all of them, sorted by place.
    """
    nodes = source.read(data, file)
    if nodes.value is None:
        return Checked(None, nodes.findings)
    files = {FILE: data}

    def remembered(name: str) -> bytes | None:
        try:
            found = beside(name)
        except (OSError, ValueError):
            return None
        if found is not None:
            files[name] = found
        return found

    findings = Findings(nodes.findings)
    policy = parse_policy(nodes.value, remembered, findings)
    if policy is None or nodes.errors:
        return Checked(None, by_place(findings))
    policy = msgspec.structs.replace(policy, files=files, sha256=_digest(files))
    findings.extend(lint(policy))
    if any(f.severity == "error" for f in findings):
        return Checked(None, by_place(findings))
    return Checked(policy, by_place(findings))


def _digest(files: dict[str, bytes]) -> str:
    """Give the SHA-256 over every file's name and content, each with its length, in the names' order."""
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        for part in (name.encode(), data):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def unreadable(file: str, problem: OSError) -> Diagnostic:
    """Give the finding for a policy file that cannot be read."""
    return Diagnostic(
        Code.LAYER_NOT_READABLE,
        f"the policy cannot be read: {(problem.strerror or 'no such file').lower()}",
        Span(file, 1, 1),
        "give a policy file, or a folder that holds `policy.yaml`",
    )
