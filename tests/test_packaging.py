"""What is shipped: the source archive, the wheel, the stubs of the compiled part, and the pins that must agree."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import types
import zipfile
from email.parser import HeaderParser
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import NamedTuple

import pytest

import gateway

ROOT = Path(__file__).resolve().parent.parent
FAST = ROOT / "gateway" / "_fast"
# Dotted, below `gateway._fast`: `json.cursor`.
MODULES = sorted(".".join(path.relative_to(FAST).with_suffix("").parts) for path in FAST.rglob("*.pyx"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def file_of(module: str, suffix: str) -> str:
    return module.replace(".", "/") + suffix


# ---------------------------------------------------------------- archives


class Distributions(NamedTuple):
    sdist: Path
    wheel: Path

    def sdist_names(self) -> set[str]:
        """Paths inside the archive's one folder."""
        with tarfile.open(self.sdist) as archive:
            return {member.name.partition("/")[2] for member in archive if member.isfile()}

    def wheel_names(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    def metadata(self, file: str) -> str:
        with zipfile.ZipFile(self.wheel) as archive:
            return archive.read(f"okx_gateway-{gateway.__version__}.dist-info/{file}").decode()


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """Both as `python -m build` makes them: the wheel from the unpacked source archive. What it holds does not need the optimiser."""
    if importlib.util.find_spec("build") is None:
        pytest.skip("the package `build` is not installed")
    out = tmp_path_factory.mktemp("dist")
    environ = {name: value for name, value in os.environ.items() if name != "GATEWAY_DEBUG"}
    environ["GATEWAY_CFLAGS"] = "-O0 -U_FORTIFY_SOURCE"
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    made = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, cwd=out)
    assert made.returncode == 0, made.stdout[-4000:] + made.stderr[-4000:]
    return Distributions(next(out.glob("*.tar.gz")), next(out.glob("*.whl")))


def test_the_source_archive_has_all_that_a_build_needs(distributions: Distributions) -> None:
    names = distributions.sdist_names()
    sources = {str(path.relative_to(ROOT)) for suffix in ("pyx", "pxd", "pyi") for path in FAST.rglob(f"*.{suffix}")}
    assert sources <= names
    assert {"setup.py", "pyproject.toml", "README.md", "LICENSE", "Makefile", "gateway/py.typed"} <= names
    assert {"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/README.md", ".pre-commit-config.yaml"} <= names
    assert {"benchmarks/native/acker/acker.c", "tests/test_packaging.py", ".ci/run"} <= names


def test_the_source_archive_has_nothing_that_was_made(distributions: Distributions) -> None:
    names = distributions.sdist_names()
    assert not [name for name in names if name.endswith((".so", ".pyc", ".html"))]
    assert not [name for name in names if name.startswith("gateway/") and name.endswith(".c")]


def test_the_wheel_has_the_compiled_part_its_contracts_and_its_types(distributions: Distributions) -> None:
    names = distributions.wheel_names()
    assert "gateway/py.typed" in names
    for module in MODULES:
        assert f"gateway/_fast/{file_of(module, EXTENSION_SUFFIXES[0])}" in names
    for path in [*FAST.rglob("*.pxd"), *FAST.rglob("*.pyi")]:
        assert str(path.relative_to(ROOT)) in names
    for path in (ROOT / "gateway").rglob("*.py"):
        assert str(path.relative_to(ROOT)) in names


def test_the_wheel_has_no_sources_in_c_or_cython_and_nothing_but_the_package(distributions: Distributions) -> None:
    names = distributions.wheel_names()
    assert not [name for name in names if name.endswith((".c", ".pyx"))]
    assert {name.split("/")[0] for name in names} == {"gateway", f"okx_gateway-{gateway.__version__}.dist-info"}


def test_the_wheel_says_what_it_is_and_what_it_needs(distributions: Distributions) -> None:
    metadata = HeaderParser().parsestr(distributions.metadata("METADATA"))
    assert (metadata["Name"], metadata["Version"], metadata["Requires-Python"]) == ("okx-gateway", "0.1.0", ">=3.11")
    assert "picows==2.3.1" in metadata.get_all("Requires-Dist", [])
    assert "okx-gateway = gateway.cli.main:main" in distributions.metadata("entry_points.txt")


def test_the_wheel_works_apart_from_the_tree(distributions: Distributions, tmp_path: Path) -> None:
    """And it is the optimised build."""
    with zipfile.ZipFile(distributions.wheel) as archive:
        archive.extractall(tmp_path)
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    program = (
        "import gateway.process.service\n"
        "from gateway._fast.base.debug_checks import is_debug_build\n"
        "from gateway._fast.base.signing import sign\n"
        "print(gateway.__file__, is_debug_build(), sign(b'key', b'The quick brown fox jumps over the lazy dog'))"
    )
    told = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True, env=environ
    )
    # The signature: printf 'The quick …' | openssl dgst -sha256 -hmac key -binary | base64
    signature = "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="
    assert told.stdout.split() == [str(tmp_path / "gateway" / "__init__.py"), "False", signature]


# ---------------------------------------------------------------- what must agree


def test_picows_is_pinned_to_one_version_everywhere() -> None:
    """Its C layout is only valid for the version that the compiled part was built against."""
    pin = "picows==2.3.1"
    assert pin in PROJECT["project"]["dependencies"]
    assert pin in PROJECT["build-system"]["requires"]
    assert 'PICOWS_VERSION = "2.3.1"' in (ROOT / "setup.py").read_text("utf-8")
    assert 'BUILT_FOR_PICOWS = "2.3.1"' in (FAST / "sockets" / "private_listener.pyx").read_text("utf-8")


def test_another_picows_is_refused_at_import() -> None:
    program = "import picows; picows.__version__ = '2.3.2'; import gateway._fast.sockets.private_listener"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert told.returncode == 1
    assert "ImportError: gateway was built for picows 2.3.1, but 2.3.2 is installed" in told.stderr
    assert "Install picows==2.3.1" in told.stderr


def test_the_package_knows_its_version() -> None:
    assert gateway.__version__ == PROJECT["project"]["version"]


# ---------------------------------------------------------------- stubs


STUBBED = [module for module in MODULES if (FAST / file_of(module, ".pyi")).exists()]


def public_names(module: types.ModuleType) -> set[str]:
    """Of a compiled module, those that are its own."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and getattr(value, "__module__", module.__name__) == module.__name__
    }


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_stub_exactly_if_it_has_names_for_python(module: str) -> None:
    """One that is only cimported has its contract in its .pxd."""
    names = public_names(importlib.import_module(f"gateway._fast.{module}"))
    assert bool(names) == (module in STUBBED), sorted(names)


def test_the_stubs_agree_with_the_compiled_modules() -> None:
    """Same names both ways, same parameters with the same defaults, same bases."""
    command = [sys.executable, "-m", "mypy.stubtest", "--concise", "--ignore-disjoint-bases"]
    command += ["--allowlist", str(ROOT / ".ci" / "stubtest-allowlist")]
    command += [f"gateway._fast.{module}" for module in STUBBED]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (told.returncode, told.stdout) == (0, ""), told.stdout + told.stderr


def parameters(function: ast.FunctionDef) -> list[tuple[str, bool]]:
    """(name, has a default) of each parameter behind `self` or `cls`."""
    names = [argument.arg for argument in function.args.args]
    without = len(names) - len(function.args.defaults)
    return [(name, number >= without) for number, name in enumerate(names)][1:]


def constructor_in_source(module: str, name: str) -> list[tuple[str, bool]]:
    """Cython's constructors keep no signature at run time, so that `stubtest` sees none: it is read from the source."""
    text = (FAST / file_of(module, ".pyx")).read_text("utf-8")
    body = re.split(r"^cdef class |^def |^cdef ", text.partition(f"\ncdef class {name}")[2], flags=re.MULTILINE)[0]
    found = re.search(r"def __c?init__\(([^)]*)\)", body)
    parts = found[1].replace(" not None", "").split(",") if found else ["self"]
    return [(part.partition("=")[0].split()[-1], "=" in part) for part in parts][1:]


@pytest.mark.parametrize("module", STUBBED)
def test_a_stub_has_the_constructors_of_the_source(module: str) -> None:
    stub = ast.parse((FAST / file_of(module, ".pyi")).read_text("utf-8"))
    for node in stub.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            made = [
                each for each in node.body if isinstance(each, ast.FunctionDef) and each.name in ("__init__", "__new__")
            ]
            assert (parameters(made[0]) if made else []) == constructor_in_source(module, node.name), node.name


def test_every_compiled_module_and_every_stub_has_its_source() -> None:
    """Nothing is left over from a module that is no more."""
    compiled = {str(path.relative_to(FAST)) for path in FAST.rglob(f"*{EXTENSION_SUFFIXES[0]}")}
    assert compiled == {file_of(module, EXTENSION_SUFFIXES[0]) for module in MODULES}
    stubs = {str(path.relative_to(FAST)) for path in FAST.rglob("*.pyi")}
    assert stubs <= {file_of(module, ".pyi") for module in MODULES}
