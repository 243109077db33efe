"""The rules of the tree, checked on its text: who imports whom, what pure means, how long things are, how errors leave."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gateway"
FAST = PACKAGE / "_fast"

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
FOLDER_ENTRIES_MAX = 16

# From the bottom up. A module uses rows above its own here, or its own unit. A unit is a folder or a module.
FAST_LAYERS = tuple(
    tuple(f"gateway._fast.{unit}" for unit in row.split())
    for row in (
        "base",
        "json",
        "ports",
        "limits",
        "requests",
        "events",
        "frames",
        "orders",
        "results",
        "order_out event_back",
        "journal order_pipeline",
        "sockets control",
    )
)
SIM_LAYERS = tuple(
    tuple(f"gateway.sim.{unit}" for unit in row.split())
    for row in (
        "base",
        "market",
        "accounts",
        "trading",
        "rows",
        "channels",
        "faults",
        "exchange",
        "ws",
        "control",
        "rest",
        "hosting",
    )
)
LAYERS = (
    *FAST_LAYERS,
    ("gateway._fast",),
    ("gateway", "gateway.errors"),
    ("gateway.okx",),
    ("gateway.config.section",),
    ("gateway.config.dead_man", "gateway.config.journal", "gateway.config.session", "gateway.config.rest_orders"),
    ("gateway.config.model", "gateway.config.credentials"),
    ("gateway.config", "gateway.config.loading", "gateway.config.reference"),
    (
        "gateway.connections",
        "gateway.guards",
        "gateway.ipc",
        "gateway.journal",
        "gateway.reconciliation",
    ),
    ("gateway.process", "gateway.client"),
    *SIM_LAYERS,
    ("gateway.sim", "gateway.sim.command", "gateway.sim.fixture"),
    ("gateway.sim.__main__",),
    ("gateway.cli",),
    ("gateway.__main__",),
)
# They stand alone: they import nothing else of the gateway, and only the modules named import them.
ALONE = {"gateway.client": (), "gateway.sim": ("gateway.cli.",)}
IMPURE = frozenset({"aiohttp", "asyncio", "random", "secrets", "socket", "threading", "time", "uvloop", "zmq"})
IMPURE_OF_OS = frozenset({"environ", "environb", "getenv", "urandom"})
# Return types of C functions that carry an exception by themselves: Python objects.
OBJECT_TYPES = frozenset({"", "object", "str", "bytes", "bytearray", "list", "dict", "set", "tuple"})


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {module_name(path): path for path in python_files("gateway")}
PYX_FILES = sorted(FAST.rglob("*.pyx"))
CYTHON_FILES = sorted([*PYX_FILES, *FAST.rglob("*.pxd")])


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, also inside functions and by `importlib.import_module("…")`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                module = ".".join([*package, *module.split(".")]).rstrip(".")
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                yield whole if whole in MODULES else module
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            named = node.args[0]
            yield ast.literal_eval(named) if isinstance(named, ast.Constant) else ast.unparse(named).strip("f'\"{")


def ours(path: Path) -> list[str]:
    return [name for name in imports(path) if name.split(".")[0] == "gateway"]


def unit_of(module: str) -> str:
    """The entry of LAYERS that the module belongs to."""
    units = [unit for layer in LAYERS for unit in layer]
    faces = (
        "gateway",
        "gateway._fast",
        "gateway.sim",
        "gateway.config",
    )  # packages whose insides have rows of their own
    found = [unit for unit in units if module == unit or (unit not in faces and module.startswith(f"{unit}."))]
    assert found, f"{module} stands in no layer: add it to LAYERS"
    return max(found, key=len)


def layer_of(module: str) -> int:
    unit = unit_of(module)
    return next(number for number, layer in enumerate(LAYERS) if unit in layer)


# ---------------------------------------------------------------- who imports whom


def test_imports_go_down() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, path in MODULES.items()
        for imported in ours(path)
        if unit_of(module) != unit_of(imported) and layer_of(imported) >= layer_of(module)
    ]
    assert not wrong


def of_fast(path: Path) -> Iterator[str]:
    """Every module of the compiled part that a Cython file imports or cimports."""
    for line in path.read_text("utf-8").splitlines():
        found = re.match(r"\s*(?:from\s+([\w.]+)\s+c?import\b|c?import\s+([\w.]+))", line)
        if found and (found[1] or found[2]).split(".")[0] == "gateway":
            yield found[1] or found[2]


def test_the_folders_of_the_compiled_part_import_down() -> None:
    wrong = [
        f"{module_name(path)} imports {imported}"
        for path in CYTHON_FILES
        for imported in of_fast(path)
        if unit_of(module_name(path)) != unit_of(imported) and layer_of(imported) >= layer_of(module_name(path))
    ]
    assert not wrong


def test_the_compiled_part_imports_nothing_else_of_the_gateway() -> None:
    for path in CYTHON_FILES:
        assert all(name.startswith("gateway._fast.") for name in of_fast(path)), path


def graph() -> dict[str, set[str]]:
    """Module to the modules that it imports. A contract (`.pxd`) and its body are one module."""
    edges = {module: {name for name in ours(path) if name in MODULES} for module, path in MODULES.items()}
    for path in CYTHON_FILES:
        edges.setdefault(module_name(path), set()).update(of_fast(path))
    return {module: targets - {module} for module, targets in edges.items()}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not for types alone either: whoever reads one module would have to read them all."""
    rest = graph()
    while free := [module for module, targets in rest.items() if not targets & rest.keys()]:
        for module in free:
            del rest[module]
    while used := [module for module in rest if not any(module in targets for targets in rest.values())]:
        for module in used:
            del rest[module]
    assert not {module: sorted(targets & rest.keys()) for module, targets in sorted(rest.items())}


def stands_in(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


@pytest.mark.parametrize("package", ALONE)
def test_what_stands_alone_imports_nothing_else_of_the_gateway(package: str) -> None:
    for module, path in MODULES.items():
        if stands_in(module, package):
            assert all(stands_in(imported, package) for imported in ours(path)), module


@pytest.mark.parametrize(("package", "allowed"), ALONE.items())
def test_nobody_imports_what_stands_alone(package: str, allowed: tuple[str, ...]) -> None:
    for module, path in MODULES.items():
        if not stands_in(module, package) and not module.startswith(allowed or "-"):
            assert not any(stands_in(imported, package) for imported in ours(path)), module


def test_the_client_works_where_the_compiled_part_is_absent(tmp_path: Path) -> None:
    """It is what a strategy installs and imports; and it never loads the compiled part where that is present."""
    (tmp_path / "gateway").mkdir()
    shutil.copy(PACKAGE / "__init__.py", tmp_path / "gateway")
    shutil.copytree(PACKAGE / "client", tmp_path / "gateway" / "client", ignore=shutil.ignore_patterns("__pycache__"))
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import gateway.client\n"
        "print(gateway.__file__, *(name for name in sys.modules if name.startswith('gateway._fast')))"
    )
    for folder in (tmp_path, ROOT):
        told = subprocess.run(
            [sys.executable, "-P", "-c", program, str(folder)], capture_output=True, text=True, check=True, cwd=tmp_path
        )
        assert told.stdout.split() == [str(folder / "gateway" / "__init__.py")]


# ---------------------------------------------------------------- what pure means


def is_pure(path: Path) -> bool:
    return path.read_text("utf-8").startswith('"""Pure.')


@pytest.mark.parametrize("path", filter(is_pure, MODULES.values()), ids=module_name)
def test_a_pure_module_knows_no_socket_loop_clock_chance_or_environment(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & IMPURE
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "os":
            assert node.attr not in IMPURE_OF_OS
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            assert not {alias.name for alias in node.names} & IMPURE_OF_OS


@pytest.mark.parametrize("path", filter(is_pure, PYX_FILES), ids=module_name)
def test_a_pure_cython_module_knows_none_either(path: Path) -> None:
    text = path.read_text("utf-8")
    imported = set(re.findall(r"^\s*(?:from|import|cimport)\s+(\w+)", text, re.MULTILINE))
    assert not imported & IMPURE
    assert not re.search(r"\bclock cimport|\blibzmq cimport|\bfrom os (c?)import", text)


def test_there_are_pure_modules_on_both_planes() -> None:
    """The tests above are about something."""
    assert sum(map(is_pure, MODULES.values())) > 20
    assert sum(map(is_pure, PYX_FILES)) > 5


# ---------------------------------------------------------------- lengths


class Function(NamedTuple):
    name: str
    signature: str
    lines: int


def python_functions(path: Path) -> list[Function]:
    return [
        Function(node.name, "", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def cython_functions(path: Path) -> list[Function]:
    """Functions with a body. One ends before the next line that is indented no deeper than its head, strings aside."""
    lines = path.read_text("utf-8").splitlines()
    functions = []
    for number, line in enumerate(lines):
        head = re.match(r"(\s*)(?:cdef|cpdef|def)\s(?!class\b|extern\b|enum\b|struct\b)[^=]*?(\w+)\(", line)
        if head is None:
            continue
        last = number
        while not is_closed(signature := "\n".join(lines[number : last + 1])) and last + 1 < len(lines):
            last += 1
        if not signature.rstrip().endswith(":"):
            continue
        end = last + 1
        while end < len(lines) and (not lines[end].strip() or lines[end].startswith(head[1] + " ")):
            end += 1
        while not lines[end - 1].strip():
            end -= 1
        functions.append(Function(head[2], " ".join(signature.split()), end - number))
    return functions


def is_closed(signature: str) -> bool:
    """Every bracket that opens in it is closed in it, comments and strings aside."""
    code = re.sub(r"""#.*|"[^"]*"|'[^']*'""", "", signature)
    return sum(map(code.count, "([")) <= sum(map(code.count, ")]"))


def test_no_file_is_long() -> None:
    files = [*python_files("gateway", "benchmarks", "examples"), *CYTHON_FILES]
    long = {path.name: lines for path in files if (lines := len(path.read_text("utf-8").splitlines())) > FILE_LINES_MAX}
    assert not long


def test_no_folder_is_crowded() -> None:
    """A module, its contract and its stub are one entry."""
    crowded = {}
    for folder in [ROOT / top for top in ("gateway", "benchmarks", "examples", "docs")]:
        for place in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
            entries = {
                path.name.split(".")[0]
                for path in place.iterdir()
                if path.suffix not in {".so", ".html"} and path.name not in {"__pycache__", "results"}
            }
            if len(entries) > FOLDER_ENTRIES_MAX:
                crowded[str(place.relative_to(ROOT))] = len(entries)
    assert not crowded


def test_no_function_is_long() -> None:
    files = python_files("gateway", "benchmarks", "examples", "tests")
    functions = [(path, function) for path in files for function in python_functions(path)]
    functions += [(path, function) for path in PYX_FILES for function in cython_functions(path)]
    long = {f"{path.name} {function.name}": function.lines for path, function in functions}
    assert not {name: lines for name, lines in long.items() if lines > FUNCTION_LINES_MAX}


def test_the_cython_parser_of_this_file_sees_functions() -> None:
    """Names and lengths counted by hand."""
    assert [(function.name, function.lines) for function in cython_functions(FAST / "base" / "signing.pyx")] == [
        ("sign", 3),
    ]


def test_the_cython_parser_of_this_file_sees_signatures_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "wrapped.pyx"
    path.write_text(
        '''
cdef int over_lines(
        int first, const char** names,  # (both are borrowed
        int (*call)(int) noexcept, int last=(1)) noexcept nogil:
    """One."""
    return first


cdef class Table:
    cdef int declared(
        self, int first) noexcept

    def __cinit__(
            self, int capacity,
            int window=1):
        self.capacity = capacity

    cdef int on_one_line(self) except -1:
        return 0
''',
        "utf-8",
    )
    assert cython_functions(path) == [
        Function(
            "over_lines",
            "cdef int over_lines( int first, const char** names, # (both are borrowed int (*call)(int) noexcept, int last=(1)) noexcept nogil:",
            5,
        ),
        Function("__cinit__", "def __cinit__( self, int capacity, int window=1):", 4),
        Function("on_one_line", "cdef int on_one_line(self) except -1:", 2),
    ]


# ---------------------------------------------------------------- the compiled part


def declared_classes() -> frozenset[str]:
    text = "\n".join(path.read_text("utf-8") for path in CYTHON_FILES)
    return frozenset(re.findall(r"^cdef class (\w+)", text, re.MULTILINE))


@pytest.mark.parametrize("path", PYX_FILES, ids=lambda path: str(path.relative_to(FAST)))
def test_every_c_function_says_how_an_error_leaves(path: Path) -> None:
    """`noexcept`, or `except` with a value; where a Python object comes back, NULL says it."""
    for function in cython_functions(path):
        if function.signature.startswith("def "):
            continue
        before = function.signature.partition(f"{function.name}(")[0]
        returned = re.sub(r"\b(cdef|cpdef|inline)\b", "", before).strip()
        if returned in OBJECT_TYPES | declared_classes():
            continue
        assert re.search(r"\)\s*(noexcept|except)\b", function.signature), function.signature


@pytest.mark.parametrize("path", CYTHON_FILES, ids=lambda path: str(path.relative_to(FAST)))
def test_no_floating_point_in_the_data_plane(path: Path) -> None:
    code = re.sub(r'"""(?s:.*?)"""|#.*|b?c?"(?:[^"\\\n]|\\.)*"', "", path.read_text("utf-8"))
    assert not re.search(r"\b(float|double)\b", code)


def test_no_text_becomes_a_float_in_the_control_plane() -> None:
    """In the simulator one does: the seconds of a notice."""
    for module, path in MODULES.items():
        if module.startswith("gateway.sim"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.Call) and ast.unparse(node.func) == "float"), module


# ---------------------------------------------------------------- habits


def test_nothing_is_left_to_do() -> None:
    words = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    suffixes = {".py", ".pyx", ".pxd", ".pyi", ".c", ".h", ".md", ".toml", ".sh", ""}
    folders = ("gateway", "benchmarks", "examples", "docs", "tests", ".ci")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    for path in [*files, *ROOT.glob("*.*"), ROOT / "Makefile"]:
        if path.is_file() and path.suffix in suffixes and not (path.suffix == ".c" and FAST in path.parents):
            found = words.search(path.read_text("utf-8", "replace"))
            assert found is None, f"{path.relative_to(ROOT)}: {found}"


def test_no_test_sleeps() -> None:
    """A pause belongs into a loop that waits for a condition, in one place per kind of test."""
    for path in python_files("tests"):
        tree = ast.parse(path.read_text("utf-8"))
        loops = [node for node in ast.walk(tree) if isinstance(node, ast.While)]
        in_loops = {id(node) for loop in loops for node in ast.walk(loop)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep":
                assert id(node) in in_loops, f"{path.name}:{node.lineno}"
                assert not path.name.startswith("test_"), f"{path.name}:{node.lineno}"
