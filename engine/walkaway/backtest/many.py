"""Decide many deals at once: events in as JSON lines or Parquet, verdicts and the rules that fire out, in columns.

    for answers in walkaway.bulk.decide("rules/saas-discounting", "past.parquet"):
        refused = answers.verdict == Verdict.REFUSE.rank

Needs the extra `bulk`: pip install 'walkaway[bulk]'. docs/backtest.md says which deals columns take, and shows it.
"""

import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from walkaway.backtest.run import always
from walkaway.policy import PolicyLike, policy_of

if TYPE_CHECKING:
    from walkaway.backtest.columnar.answering import BulkAnswers

__all__ = ["BulkAnswers", "decide"]
_TOGETHER = 1 << 24
Past = str | Path | Iterable[str | bytes]
"""The path of a file, Parquet where it ends so, else JSON lines; or lines."""


def __getattr__(name: str) -> object:
    if name != "BulkAnswers":
        raise AttributeError(f"module `walkaway.bulk` has no attribute `{name}`")
    _wanted()
    from walkaway.backtest.columnar import answering

    return answering.BulkAnswers


def decide(policy: PolicyLike, *past: Past, most: int = 192 << 20) -> "Iterator[BulkAnswers]":
    """Decide events, each deal from its opening on, as if the policy had always been in force; give back no words.

    What comes back is exactly what the engine decides of each event. Deals that columns take come first, some
    thousands together; those that they do not take are decided by the engine, one event after the other. A line that
    is no event, or does not fit its deal, has no answer. Where one deal's events stand in several files, the files
    are named in their order.

    Args:
        most: So many bytes of lines are in memory at once, and what is made of them; more of them lie in temporary
            files meanwhile. Deals that are left to the engine are all in memory in the end.

    Raises:
        ModuleNotFoundError: Where the extra `bulk` is not installed.
        InvalidInput: Where the policy has errors or cannot be read.
        OSError: Where a file cannot be read, as what its name says or at all.
    """
    _wanted()
    from walkaway.backtest.columnar.answering import decided

    return decided((block for each in past for block in _blocks(each)), always(policy_of(policy)), most)


def _wanted() -> None:
    if any(importlib.util.find_spec(name) is None for name in ("numpy", "polars")):
        raise ModuleNotFoundError("walkaway.bulk needs numpy and polars: pip install 'walkaway[bulk]'")


def _blocks(past: Past) -> Iterator[bytes]:
    """Return lines, many together."""
    if not isinstance(past, str | Path):
        yield from _together(past)
    elif Path(past).suffix == ".parquet":
        from walkaway.backtest.columnar.answering import lines_in

        yield from lines_in(str(past))
    else:
        with Path(past).open("rb") as file:
            while lines := file.readlines(_TOGETHER):
                yield b"".join(lines)


def _together(lines: Iterable[str | bytes]) -> Iterator[bytes]:
    held, size = list[bytes](), 0
    for line in lines:
        data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
        held.append(data if data.endswith(b"\n") else data + b"\n")
        size += len(data)
        if size > _TOGETHER:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)
