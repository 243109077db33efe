"""Builds every `gateway/_fast/**/*.pyx`. All else about the package stands in `pyproject.toml`.

`GATEWAY_DEBUG=1` builds with bounds and None checks, assertions and the fault switches that tests use;
`GATEWAY_COVERAGE=1` is a debug build whose modules count the lines of C that run (`make coverage`);
`GATEWAY_WERROR=1` makes the C compiler's warnings errors, as Cython's always are; `GATEWAY_CFLAGS` are more flags for
the C compiler, which come last (`-march=native`, `-O0`).
"""

import os
import shlex
import sys
from pathlib import Path

import picows
from Cython.Build import cythonize
from Cython.Compiler import Options
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

PICOWS_VERSION = "2.3.1"  # as in pyproject.toml: its .pxd describes the layout of exactly this version
if picows.__version__ != PICOWS_VERSION:
    sys.exit(f"building against picows {picows.__version__}, but the pinned version is {PICOWS_VERSION}")


def is_set(switch: str) -> bool:
    return os.environ.get(switch, "") not in ("", "0")


COVERAGE = is_set("GATEWAY_COVERAGE")
DEBUG = COVERAGE or is_set("GATEWAY_DEBUG")
# One kind's files never pass for another's.
BUILD_DIR = "build/coverage" if COVERAGE else "build/debug" if DEBUG else "build"
CPUS = len(os.sched_getaffinity(0))
# Cython warnings end the build.
Options.warning_errors = True

CFLAGS = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers", "-Wno-cast-function-type"]
CFLAGS += ["-Wno-discarded-qualifiers"]  # Cython copies `const char*` through temporaries that lack the const
CFLAGS += ["-Werror"] if is_set("GATEWAY_WERROR") else []
CFLAGS += ["-O1", "-g"] if DEBUG else ["-O3", "-g1", "-fno-semantic-interposition"]
CFLAGS += ["-O0", "--coverage"] if COVERAGE else []
CFLAGS += shlex.split(os.environ.get("GATEWAY_CFLAGS", ""))
MACROS = [("GATEWAY_DEBUG", "1")] if DEBUG else [("GATEWAY_DEBUG", "0"), ("CYTHON_WITHOUT_ASSERTIONS", "1")]


class BuildFast(build_ext):
    """Translates all modules at once, and only where something is compiled: metadata and an sdist need no C."""

    def finalize_options(self) -> None:
        super().finalize_options()
        if self.editable_mode:  # else in a temporary directory, where every build begins anew
            self.build_lib = self.build_temp = f"{BUILD_DIR}/editable-{sys.implementation.cache_tag}"

    def run(self) -> None:
        drop_outdated()
        translated = cythonize(
            self.extensions,
            build_dir=f"{BUILD_DIR}/cython",
            nthreads=CPUS,
            force=self.force,
            compiler_directives={
                "language_level": "3",
                "boundscheck": DEBUG,
                "wraparound": DEBUG,
                "nonecheck": DEBUG,
                "cdivision": True,
                "initializedcheck": DEBUG,
                "embedsignature": True,
                "freethreading_compatible": False,
            },
        )
        for extension, in_c in zip(self.extensions, translated, strict=True):
            extension.sources, extension.depends = in_c.sources, in_c.depends
        self.parallel = CPUS
        super().run()

    def copy_extensions_to_source(self) -> None:
        self.force = True  # over a newer file of the other kind, too
        super().copy_extensions_to_source()


def drop_outdated() -> None:
    """C from before the last change of this file: Cython looks at the sources' times alone."""
    changed_ns = Path(__file__).stat().st_mtime_ns
    for path in Path(BUILD_DIR, "cython").rglob("*.c"):
        if path.stat().st_mtime_ns < changed_ns:
            path.unlink()


setup(
    cmdclass={"build_ext": BuildFast},
    options={"build": {"build_base": BUILD_DIR}},
    ext_modules=[
        Extension(
            ".".join(path.with_suffix("").parts),
            [str(path)],
            extra_compile_args=CFLAGS,
            extra_link_args=["--coverage"] if COVERAGE else [],
            define_macros=MACROS,
            libraries=["dl"] if path.stem == "libzmq" else [],
        )
        for path in sorted(Path("gateway/_fast").rglob("*.pyx"))
    ],
)
