"""Builds the Cython modules of this folder against the gateway's `.pxd` files, and imports them."""

from __future__ import annotations

import fcntl
import importlib.util
import sys
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType
from typing import Final

from benchmarks.native.programs import BUILD_DIR, NATIVE_DIR

REPOSITORY: Final = Path(__file__).parents[2]
CFLAGS: Final = ("-O3", "-DGATEWAY_DEBUG=0")


@cache
def load(name: str) -> ModuleType:
    """Compiles `name`.pyx if it, or a `.pxd` that it uses, is newer than the module. Processes wait for each other."""
    folder = BUILD_DIR / sys.implementation.cache_tag
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _compile(name, folder)
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}{EXTENSION_SUFFIXES[0]}")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _compile(name: str, folder: Path) -> None:
    # Cython and setuptools are slow to import, and only needed here.
    from Cython.Build import cythonize  # noqa: PLC0415
    from setuptools import Distribution, Extension  # noqa: PLC0415

    source = NATIVE_DIR / f"{name}.pyx"
    translated = cythonize(
        [Extension(name, [str(source)], extra_compile_args=list(CFLAGS))],
        build_dir=str(folder / "cython"),
        include_path=[str(REPOSITORY)],
        quiet=True,
    )
    command = Distribution({"ext_modules": translated}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(folder), str(folder / "temp")
    command.ensure_finalized()
    command.run()
