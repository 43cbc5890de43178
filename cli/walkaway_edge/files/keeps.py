"""Files that commands write for keeps: private to the user, whole or not at all; and keys, read with care."""

import os
import stat
from pathlib import Path

from walkaway.log.notes import BadNote, SigningKey, VerifierKey, read_signing_key, read_verifier_key
from walkaway_edge.files.names import reason
from walkaway_edge.problems import EdgeProblem


def write_private(path: Path, data: bytes, *, anew: bool = False) -> None:
    """Write a file that only the user can read, so that it is there whole or not at all.

    Args:
        anew: Refuse to replace a file that is there.

    Raises:
        EdgeProblem: Where it cannot be written.
    """
    if anew and os.path.lexists(path):
        raise EdgeProblem(f"{path} is there already; it is not replaced")
    _write_whole(path, data, 0o600)


def rewrite(path: Path, data: bytes) -> None:
    """Return a file another content, so that it is there whole or not at all; who may read it stays as it was.

    Raises:
        EdgeProblem: Where it cannot be written.
    """
    path = path.resolve()  # a link goes on pointing where it did
    _write_whole(path, data, stat.S_IMODE(path.stat().st_mode))


def _write_whole(path: Path, data: bytes, mode: int) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            os.fchmod(handle, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except (OSError, ValueError) as problem:
        raise EdgeProblem(f"{path} cannot be written: {reason(problem)}") from problem


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_text(path: Path) -> str:
    """Read a text file.

    Raises:
        EdgeProblem: Where it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError) as problem:
        raise EdgeProblem(f"{path} cannot be read: {reason(problem)}") from problem


def read_private(path: Path) -> str:
    """Read a text file that nobody else can read.

    Raises:
        EdgeProblem: Where it cannot be read, or others can read it.
    """
    text = read_text(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise EdgeProblem(f"{path} can be read by others; make it private first: chmod 600")
    return text


def verifier_key(text: str) -> VerifierKey:
    """Return the verifier key that is written out, or stands in the file of that name.

    Raises:
        EdgeProblem: Where there is none.
    """
    try:
        return read_verifier_key(text)
    except BadNote as problem:
        if "+" in text and not Path(text).is_file():
            raise EdgeProblem(f"--key: {problem}") from problem
    try:
        return read_verifier_key(read_text(Path(text)))
    except BadNote as problem:
        raise EdgeProblem(f"--key {text}: {problem}") from problem


def signing_key(path: Path) -> SigningKey:
    """Read a signing key from a file that nobody else can read.

    Raises:
        EdgeProblem: Where it is none, or others can read it.
    """
    text = read_private(path)
    try:
        return read_signing_key(text)
    except BadNote as problem:
        raise EdgeProblem(f"{path}: {problem}") from problem
