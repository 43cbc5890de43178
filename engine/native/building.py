"""Compiles the native core into the wheel, and beside the source in an editable installation.

Where there is no C compiler, or it fails, the wheel is of Python alone, which decides the same, only slower.
"""

import hashlib
import os
import shutil
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CompileError, LinkError

MODULE = "walkaway.language._native"


class NativeCore(BuildHookInterface):
    """Adds the compiled module to what is built."""

    scratch: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, or go on without."""
        if os.environ.get("WALKAWAY_NATIVE") == "no" or sysconfig.get_config_var("Py_GIL_DISABLED"):
            return
        try:
            self.scratch = tempfile.TemporaryDirectory(prefix="walkaway-native-")
            built = compiled(Path(self.root), Path(self.scratch.name))
            place = Path("walkaway", "language", built.name)
            if version == "editable":
                _put(built, Path(self.root, "engine", place))
                return
        except (BaseError, CompileError, LinkError, OSError) as problem:  # no compiler, none that can, or no room
            self.app.display_warning(f"without the native core: {problem}")
            return
        build_data["force_include"][str(built)] = place.as_posix()
        build_data["pure_python"], build_data["infer_tag"] = False, True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what compiling left behind; where a build fails, that goes with the process."""
        if self.scratch is not None:
            self.scratch.cleanup()


def _put(built: Path, place: Path) -> None:
    """Put a module where an older one may be loaded: whoever has that keeps it as it was."""
    beside = place.with_suffix(".new")
    try:
        shutil.copyfile(built, beside)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def compiled(root: Path, into: Path) -> Path:
    """Return the compiled module.

    Args:
        root: The tree it is compiled from.
        into: A folder that takes whatever comes of it.
    """
    native = root / "engine" / "native"
    sources = sorted(str(path) for path in native.glob("*.c"))
    told: list[tuple[str, str | None]] = [("WALKAWAY_SOURCE", digest(native))]
    command = build_ext(Distribution({"ext_modules": [Extension(MODULE, sources, define_macros=told)]}))
    command.build_lib, command.build_temp, command.force = str(into / "lib"), str(into / "temp"), True
    command.ensure_finalized()
    command.run()
    return into / "lib" / command.get_ext_filename(MODULE)


def digest(native: Path) -> str:
    """Return what tells one state of the source from another, as `walkaway.language.native` does."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(native.glob("*.[ch]")))).hexdigest()
