"""What a command reads and writes: it writes nothing where it reads, and nothing that it writes comes back to it.

Files are told apart by device and inode once links are followed, since a file may have many names.
"""

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from walkaway_edge.files.names import shown_name
from walkaway_edge.problems import EdgeProblem

_ROTATED = re.compile(r"[.-]\d[\d._T-]*")
"""What a rotated file has behind its name: a number or a date."""
_READ = "it holds the events that are read"
_WRITTEN = "something else is written there"
_STORE = "the store is kept there"

Identity = tuple[int, int]


def identity(about: os.stat_result) -> Identity | None:
    """Return what a file is known by, whatever it is called; none for pipes, terminals and devices."""
    return (about.st_dev, about.st_ino) if stat.S_ISREG(about.st_mode) else None


def is_rotated_from(path: Path, name: str) -> bool:
    """Return whether *path* is called as a file called *name* is once it was rotated."""
    return path.name.startswith(name) and _ROTATED.fullmatch(path.name[len(name) :]) is not None


class InUse:
    """The files, folders, pipes and brokers that one command has to do with."""

    def __init__(self) -> None:
        self.read: list[Path] = []
        self.rotated: list[Path] = []
        self.folders: list[Path] = []
        self.stores: list[Path] = []
        self.handles: set[Identity] = set()
        self.written: set[Identity] = set()
        self.names: set[str] = set()

    def reads(self, path: Path, *, is_followed: bool = False) -> None:
        """Take a file or a folder, or stdin for `-`, as what events are read from."""
        if str(path) == "-":
            self.reads_handle(0)
        elif path.is_dir():
            self.folders.append(path)
        else:
            self.read.append(path)
            if is_followed:
                self.rotated.append(path)

    def reads_handle(self, handle: int) -> None:
        """Take an open file as what events are read from."""
        found = _identity_of(handle)
        if found is not None:
            self.handles.add(found)

    def keeps(self, paths: Iterable[Path]) -> None:
        """Take the files of a store as such.

        Raises:
            EdgeProblem: Where events are read there.
        """
        for path in paths:
            self.refuse(path)
            self.stores.append(path)

    def writes(self, path: Path) -> None:
        """Make sure that nothing else has to do with a file that is to be written.

        Raises:
            EdgeProblem: Where something has.
        """
        self.refuse(path)

    def writes_handle(self, handle: int, name: str) -> None:
        """Take an open file as one that is written.

        Raises:
            EdgeProblem: Where something else has to do with it.
        """
        found = _identity_of(handle)
        if found is None:
            return
        why = _WRITTEN if found in self.written else self.why_known(found)
        if why:
            raise _in_use(name, why)
        self.written.add(found)

    def outputs(self) -> set[Identity]:
        """Return the files that are written, the store's included, to which nothing that is read may lead."""
        return self.written | _identities(self.stores)

    def refuse(self, path: Path) -> None:
        """Refuse a file that something else has to do with already.

        Raises:
            EdgeProblem: With what that is.
        """
        why = self.why_named(path) or self.why_known(*_identities([path]))
        if not why and not self.written.isdisjoint(_identities([path])):
            why = _WRITTEN
        if why:
            raise _in_use(shown_name(path), why)

    def why_known(self, *found: Identity) -> str:
        """Return what else has to do with a file that is there; nothing where nothing has."""
        rotated = [p for path in self.rotated for p in _entries(path.parent) if is_rotated_from(p, path.name)]
        inside = [p for folder in self.folders for p in _entries(folder)]
        known = {
            _READ: self.handles | _identities([*self.read, *rotated, *inside]),
            _STORE: _identities(self.stores),
        }
        return next((why for why, those in known.items() if not those.isdisjoint(found)), "")

    def why_named(self, path: Path) -> str:
        """Return what else has to do with a file that is perhaps not there yet, by its names."""
        whole = _resolved(path)
        places = {_resolved(path.parent), whole.parent}
        if any(_resolved(folder) in places for folder in self.folders):
            return "it lies in the folder that is read"
        links = [p for folder in self.folders for p in _entries(folder) if p.is_symlink()]
        if whole in map(_resolved, [*self.read, *links]):
            return _READ
        for followed in self.rotated:
            if any(_resolved(followed.parent) == p.parent and is_rotated_from(p, followed.name) for p in (whole, path)):
                return "the file that is read is rotated to such names"
        return _STORE if whole in map(_resolved, self.stores) else ""

    def takes_name(self, name: str) -> None:
        """Take a broker's stream, or stdout, as one that is read or written.

        Raises:
            EdgeProblem: Where it is taken already.
        """
        if name in self.names:
            raise _in_use(name, "what is written there would come back, or stand among something else")
        self.names.add(name)


def _in_use(name: str, why: str) -> EdgeProblem:
    return EdgeProblem(f"{name} is in use already: {why}", "name another place")


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path.absolute()


def _identity_of(handle: int) -> Identity | None:
    try:
        return identity(os.fstat(handle))
    except OSError:
        return None


def _identities(paths: Iterable[Path]) -> set[Identity]:
    found = set()
    for path in paths:
        try:
            found.add(identity(path.stat()))
        except (OSError, ValueError):
            continue
    return {each for each in found if each is not None}


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
