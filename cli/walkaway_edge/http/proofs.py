"""What proves the log to whoever trusts nobody: entries as they are stored, checkpoints, proofs, and tiles of hashes.

The server has no key of the log. Checkpoints are signed by whoever keeps it, with `walkaway log checkpoint`, into a
folder; each is held against the log before anything is answered with it.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.responses import Response

from walkaway import Session
from walkaway_edge.http.answers import digested, problem
from walkaway_edge.http.call import Call
from walkaway_edge.http.checkpoints import SignedCheckpoint

if TYPE_CHECKING:
    from walkaway import LogProofs

_WIDE = 256
"""A tile has so many hashes at most (C2SP tlog-tiles)."""
_NUMBER = re.compile(r"(?:x[0-9]{3}/){0,3}[0-9]{3}")
_PART = re.compile(r"(.+)\.p/([1-9][0-9]{0,2})")
_LEVEL = re.compile(r"[0-9]|[1-5][0-9]|6[0-3]")
_FOR_GOOD = {"Cache-Control": "private, max-age=31536000, immutable"}


def newest(call: Call, session: Session) -> SignedCheckpoint:
    """Return the checkpoint over the most entries, which is one of this log.

    Raises:
        Problem: Where nothing was signed, or something else.
    """
    return _held(_log(session), _kept(call)[-1])


def ready(call: Call, session: Session) -> None:
    """See to it that the log can be written, and is what the newest checkpoint was signed over.

    Raises:
        Problem, StoreProblem: Where it cannot be, or is not.
    """
    if session.proofs is not None:
        session.proofs.touch()
        kept = call.front.checkpoints
        for signed in ([] if kept is None else kept.all())[-1:]:
            if not session.proofs.holds(signed.note):
                raise problem("log-differs")  # to whoever asks, so that it does not say how long the log is


def show_checkpoint(call: Call, session: Session) -> Response:
    """Return the newest checkpoint: a signed note (C2SP tlog-checkpoint)."""
    return _text(newest(call, session).note, {"Cache-Control": "no-cache"})


def show_consistency(call: Call, session: Session) -> Response:
    """Prove that the log of one checkpoint begins with that of an older one, as `walkaway log consistency` does."""
    of, kept = _log(session), _kept(call)
    new = _sized(kept, call.number("new", kept[-1].size, 1 << 53))
    if "old" not in call.query:
        raise problem("bad-query", "`old` says over how many entries the older checkpoint is", hint="write `old=100`")
    old = _sized(kept, call.number("old", 1, 1 << 53))
    if not 0 < old.size <= new.size:
        what = "`old` is over more entries than `new`, or over none"
        raise problem("bad-query", what, hint="name the smaller one as `old`")
    return _text(of.consistency(_held(of, old).note, _held(of, new).note), {})


def show_tile(call: Call, session: Session) -> Response:
    """Return a tile of hashes, as far as the newest checkpoint reaches; entries themselves are in no tile here."""
    level, place, width = _tile_of(call.params)
    data = _log(session).tile(level, place, width, newest(call, session).note)
    if data is None:
        raise problem("absent")
    return Response(data, 200, _FOR_GOOD, "application/octet-stream")


def show_entry(call: Call, session: Session) -> Response:
    """Return a decision's entry, byte by byte as it is stored: the leaf of the log's tree; personal texts sealed."""
    leaf = _entry(call, session)[1]
    return Response(leaf, 200, {**_FOR_GOOD, **digested(leaf)}, "application/json")


def show_proof(call: Call, session: Session) -> Response:
    """Prove that a decision is in the log, by the newest checkpoint (C2SP tlog-proof), as `walkaway log prove` does."""
    return _text(proof_of(call, session), {})


def proof_of(call: Call, session: Session) -> str:
    """Return the proof that the decision which the address names is in the log.

    Raises:
        Problem: Where there is none, or nothing that was signed reaches it.
    """
    n, signed = _entry(call, session)[0], newest(call, session)
    if n >= signed.size:
        raise problem("no-checkpoint", f"entry {n} came after the newest checkpoint, which is over {signed.size:,}")
    return _log(session).inclusion(n, signed.note)


def _entry(call: Call, session: Session) -> tuple[int, bytes]:
    text, of = call.params["n"], session.proofs
    if of is not None and text.isascii() and text.isdigit() and len(text) < 16:
        found = of.entry(int(text))
        if found is not None and call.sees(found[0], session):
            return int(text), found[1]
    raise problem("absent")


def _text(text: str, headers: Mapping[str, str]) -> Response:
    data = text.encode()
    return Response(data, 200, {**headers, **digested(data)}, "text/plain; charset=utf-8")


def _log(session: Session) -> "LogProofs":
    if session.proofs is None:
        raise problem("absent")
    return session.proofs


def _kept(call: Call) -> list[SignedCheckpoint]:
    kept = call.front.checkpoints
    found = [] if kept is None else kept.all()
    if not found:
        raise problem("no-checkpoint")
    return found


def _sized(kept: list[SignedCheckpoint], size: int) -> SignedCheckpoint:
    for each in kept:
        if each.size == size:
            return each
    sizes = ", ".join(str(each.size) for each in kept[-20:])
    raise problem("no-checkpoint", f"none was signed over {size:,} entries", hint=f"the latest are over {sizes}")


def _held(of: "LogProofs", signed: SignedCheckpoint) -> SignedCheckpoint:
    """Return a checkpoint that is one of a log.

    Raises:
        Problem: Where it is not: the log is not what was signed.
    """
    if not of.holds(signed.note):
        raise problem("log-differs", f"the log does not begin with the {signed.size:,} entries that were signed")
    return signed


def _tile_of(params: Mapping[str, str]) -> tuple[int, int, int]:
    """Return level, place and width of the tile that an address names.

    Raises:
        Problem: Where it names none: every number has one spelling.
    """
    level, path = params["level"], "/".join(params[name] for name in ("a", "b", "c", "d") if name in params)
    width = _WIDE
    found = _PART.fullmatch(path)
    if found:
        path, width = found[1], int(found[2])
    is_one = _LEVEL.fullmatch(level) and _NUMBER.fullmatch(path) and not path.startswith("x000/")
    if not is_one or width > _WIDE or (found and width == _WIDE):
        raise problem("absent")
    return int(level), int(path.replace("x", "").replace("/", "")), width
