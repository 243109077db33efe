"""Builds every `gateway/_fast/*.pyx`. All else about the package stands in `pyproject.toml`.

`GATEWAY_DEBUG=1` builds with bounds and None checks, assertions and the fault switches that tests use.
"""

import os
import sys
from pathlib import Path

import picows
from Cython.Build import cythonize
from Cython.Compiler import Options
from setuptools import Extension, setup

PICOWS_VERSION = "2.3.1"  # as in pyproject.toml: its .pxd describes the layout of exactly this version
if picows.__version__ != PICOWS_VERSION:
    sys.exit(f"building against picows {picows.__version__}, but the pinned version is {PICOWS_VERSION}")

DEBUG = os.environ.get("GATEWAY_DEBUG", "") not in ("", "0")
# Cython warnings end the build.
Options.warning_errors = True

CFLAGS = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers", "-Wno-cast-function-type"]
CFLAGS += ["-Wno-discarded-qualifiers"]  # Cython copies `const char*` through temporaries that lack the const
CFLAGS += ["-O1", "-g"] if DEBUG else ["-O3", "-g1", "-fno-semantic-interposition"]

extensions = [
    Extension(
        f"gateway._fast.{path.stem}",
        [str(path)],
        extra_compile_args=CFLAGS,
        define_macros=[("GATEWAY_DEBUG", "1" if DEBUG else "0")],
        libraries=["dl"] if path.stem == "zmq_calls" else [],
    )
    for path in sorted(Path("gateway/_fast").glob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        extensions,
        nthreads=os.cpu_count() or 1,
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
)
