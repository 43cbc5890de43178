"""The files beside a policy: its layers, its tables, and the published rates, which are no part of it."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from walkaway.language import source
from walkaway.language.diagnostics import Diagnostic
from walkaway.policy.exchange import Exchange
from walkaway.policy.model import Policy
from walkaway.policy.parse.layers import LoadFile
from walkaway.policy.tables.rates import RateFile, changed


class FilesBeside:
    """Reads files that a policy names: those of layers, and of tables in a layer's folder or below it."""

    def __init__(self, file: Path) -> None:
        self.file, self.folders = file, {file.parent.resolve()}

    def __call__(self, name: str) -> bytes | None:
        """Return a policy above, or a table that lies in the folder of one of the layers."""
        wanted = self.place(name)
        if wanted is None or not wanted.is_file():
            return None
        if wanted.suffix in (".yaml", ".yml"):
            self.folders.add(wanted.parent)
        return content(wanted) if any(map(wanted.is_relative_to, self.folders)) else None

    def place(self, name: str) -> Path | None:
        """Return where a file lies; none where it may not lie there."""
        wanted = (self.file.parent / name).resolve()
        is_layer = wanted.suffix in (".yaml", ".yml")
        return wanted if is_layer or any(map(wanted.is_relative_to, self.folders)) else None


def files_beside(file: Path) -> LoadFile:
    """Return what reads files that a policy names."""
    return FilesBeside(file)


def content(file: Path) -> bytes:
    """Return a file's bytes; of a file too large to be read only so many that this shows."""
    with file.open("rb") as opened:
        return opened.read(source.MAX_BYTES + 1)


def rates_of(exchange: Exchange, beside: LoadFile) -> RateFile:
    """Return the rates of a policy's file: of the file itself where there is one, which is read when it is asked."""
    if isinstance(beside, FilesBeside):
        return RateFile(exchange, beside.place(exchange.file))
    try:
        return RateFile(exchange, data=beside(exchange.file))
    except (OSError, ValueError):
        return RateFile(exchange)


def changed_rates(policy: Policy, kept: Iterable[str]) -> list[Diagnostic]:
    """Find rows of a policy's file of rates that are not those which decisions were made with, as their lines say.

    Diagnostics:
        WA408.
    """
    return list(changed(policy.rates, kept)) if isinstance(policy.rates, RateFile) else []


def rates_path(policy: Policy) -> str:
    """Return where the file of a policy's rates lies; empty where it has none that lies anywhere."""
    return str(policy.rates.path or "") if isinstance(policy.rates, RateFile) else ""


def with_rates(policy: Policy, path: Path) -> Policy:
    """Return a policy with the rates of a file."""
    assert policy.exchange is not None, "whoever has rates takes other currencies"
    return msgspec.structs.replace(policy, rates=RateFile(policy.exchange, path))
