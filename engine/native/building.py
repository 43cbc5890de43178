"""Compiles the native core into the wheel, and beside the source in an editable installation.

Where there is no C compiler, or it fails, the wheel is of Python alone, which decides the same, only slower.
"""

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

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, or go on without."""
        if os.environ.get("WALKAWAY_NATIVE") == "no" or sysconfig.get_config_var("Py_GIL_DISABLED"):
            return
        try:
            built = compiled(Path(self.root), Path(tempfile.mkdtemp(prefix="walkaway-native-")))
        except (BaseError, CompileError, LinkError, OSError) as problem:  # no compiler, or none that can
            self.app.display_warning(f"without the native core: {problem}")
            return
        place = Path("walkaway", "language", built.name)
        if version == "editable":
            shutil.copyfile(built, Path(self.root, "engine", place))
            return
        build_data["force_include"][str(built)] = place.as_posix()
        build_data["pure_python"], build_data["infer_tag"] = False, True


def compiled(root: Path, into: Path) -> Path:
    """Return the compiled module.

    Args:
        root: The tree it is compiled from.
        into: A folder that takes whatever comes of it.
    """
    sources = sorted(str(path) for path in (root / "engine" / "native").glob("*.c"))
    command = build_ext(Distribution({"ext_modules": [Extension(MODULE, sources)]}))
    command.build_lib, command.build_temp, command.force = str(into / "lib"), str(into / "temp"), True
    command.ensure_finalized()
    command.run()
    return into / "lib" / command.get_ext_filename(MODULE)
