"""The house stands as its plan says: imports run one way, the core never looks at the world, nothing loads early."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import asl_engine
import asl_engine.testing
from asl_engine import pytest_plugin
from asl_engine.cli import coverage as cli_coverage
from asl_engine.testing import api_shapes, snapshot_files
from asl_engine.testing.coverage import reports

PACKAGE = Path(asl_engine.__file__).parent
CONFORMANCE = Path(__file__).parents[1] / "conformance"

RANKS = {
    "errors": 0,
    "jsonvalue": 0,
    "records": -1,
    "timestamp": 0,
    "query": 1,
    "definition": 2,
    "states": 3,
    "lint": 4,
    "execution": 4,
    "drivers": 5,
    "integrations": 6,
    "machine": 7,
    "server": 8,
    "drawing": 8,
    "reporting": 8,
    "rewriting": 8,
    "testing": 9,
    "pytest_plugin": 10,
    "pytest_coverage": 10,
    "cli": 10,
    "__main__": 11,
}
"""Each layer imports only layers of a lower rank, and itself; equal ranks do not know each other."""

LATE = {("machine", "asl_engine.testing.mock_config")}
"""What a layer may import from above, inside a function: `run(mock_config=...)` opens the testing kit."""

CORE = {"errors", "jsonvalue", "records", "timestamp", "query", "definition", "states", "lint", "execution"}
WORLD = {
    *("asyncio", "concurrent", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "select", "signal"),
    *("socket", "subprocess", "tempfile", "threading", "time", "uuid"),
}


def module_name(file: Path) -> str:
    """asl_engine.x.y of a file in the package; a package's own file has the package's name."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path, *, when_loaded: bool = False) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, at whatever depth in it, with the line; or only what loading it imports."""
    yield from _imports(ast.parse(file.read_text("utf-8")), when_loaded)


def _imports(node: ast.AST, when_loaded: bool) -> Iterator[tuple[str, int]]:
    if when_loaded and (isinstance(node, ast.FunctionDef) or _is_for_typing(node)):
        return
    if isinstance(node, ast.Import):
        yield from ((alias.name, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from _imported_from(node)
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, when_loaded)


def _is_for_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _imported_from(node: ast.ImportFrom) -> Iterator[tuple[str, int]]:
    """`from package import module` imports the module, not only the package."""
    base = "." * node.level + (node.module or "")
    for alias in node.names:
        longer = f"{base}.{alias.name}"
        yield (longer if longer in MODULES else base), node.lineno


FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = {module_name(file): file for file in FILES}
LAYERED = [file for file in FILES if file != PACKAGE / "__init__.py"]


def layer_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("file", LAYERED, ids=module_name)
def test_imports_run_one_way(file: Path) -> None:
    own = layer_of(module_name(file))
    assert own in RANKS, f"{own} has no place among the layers"
    at_once = {module for module, _ in imports(file, when_loaded=True)}
    for module, line in imports(file):
        if (own, module) in LATE and module not in at_once:
            continue
        assert not module.startswith("."), f"line {line}: relative import"
        if module.startswith("asl_engine."):
            other = layer_of(module)
            assert other == own or RANKS[other] < RANKS[own], f"line {line}: {own} imports {other}"


@pytest.mark.parametrize("file", [file for file in FILES if layer_of(module_name(file)) in CORE], ids=module_name)
def test_the_core_never_looks_at_the_world(file: Path) -> None:
    found = [f"line {line}: {module}" for module, line in imports(file) if module.partition(".")[0] in WORLD]
    assert found == []


@pytest.mark.parametrize("file", sorted((PACKAGE / "query" / "jsonata").rglob("*.py")), ids=module_name)
def test_jsonata_could_stand_alone(file: Path) -> None:
    allowed = ("asl_engine.query.jsonata", "asl_engine.jsonvalue", "asl_engine.errors")
    used = [module for module, _ in imports(file) if module.startswith("asl_engine")]
    assert [module for module in used if not module.startswith(allowed)] == []


def test_loading_the_modules_goes_in_no_circle() -> None:
    graph = {
        name: {module for module, _ in imports(file, when_loaded=True) if module in MODULES and module != name}
        for name, file in MODULES.items()
    }
    assert set(TopologicalSorter(graph).static_order()) >= graph.keys()


def test_loading_the_package_imports_nothing_of_its_own() -> None:
    used = [module for module, _ in imports(PACKAGE / "__init__.py", when_loaded=True)]
    assert [module for module in used if module.startswith("asl_engine")] == []


@pytest.mark.parametrize("file", sorted(CONFORMANCE.rglob("*.py")), ids=lambda file: file.stem)
def test_conformance_stays_above_the_public_api(file: Path) -> None:
    below = {module for module, _ in imports(file) if module.startswith("asl_engine.")}
    below -= {module for module in below if module.startswith("asl_engine.testing.strategies")}
    said = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    unsaid = {module for module in below if module.startswith("asl_engine.query") and f"`{module}`" not in said}
    below.discard("asl_engine.testing")  # public too
    assert below == set() or (file.stem in ("jsonpath", "jsonata") and unsaid == set()), below


def modules_loaded_by(program: str) -> set[str]:
    """What a fresh interpreter has loaded after running a program."""
    code = f"{program}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return set(done.stdout.split())


def test_importing_the_package_loads_no_submodule() -> None:
    loaded = {name for name in modules_loaded_by("import asl_engine") if name.startswith("asl_engine.")}
    assert loaded <= {"asl_engine.errors", "asl_engine.jsonvalue", "asl_engine.timestamp"}


RUN_A_MACHINE = """
import asl_engine
state = {"Type": "Task", "Resource": "f", "End": True}
machine = asl_engine.StateMachine.from_json({"StartAt": "A", "States": {"A": state}})
assert machine.run({}, tasks={"A": lambda payload: 1}).output == 1
"""


@pytest.mark.parametrize("module", ["jsonschema", "asyncio", "subprocess", "argparse", "asl_engine.cli", "dateutil"])
def test_running_a_machine_does_not_load(module: str) -> None:
    assert module not in modules_loaded_by(RUN_A_MACHINE)


def test_what_is_said_twice_so_as_to_load_late_says_the_same() -> None:
    assert pytest_plugin.SNAPSHOTS == snapshot_files.FOLDER
    assert sorted(pytest_plugin.FIELD_VALIDATION_MODES) == sorted(api_shapes.MODES)
    assert cli_coverage._DATA_FILE == reports.DATA_FILE


@pytest.mark.parametrize("name", asl_engine.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(asl_engine, name).__name__ == name


@pytest.mark.parametrize("package", [asl_engine, asl_engine.testing], ids=lambda package: package.__name__)
def test_what_loads_late_is_public_and_known_to_type_checkers(package: ModuleType) -> None:
    tree = ast.parse(Path(str(package.__file__)).read_text("utf-8"))
    block = next(node for node in tree.body if _is_for_typing(node))
    typed = {
        (node.module, alias.name)
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == {(home, name) for name, home in package._HOME_OF.items()}
    assert sorted(package.__all__) == sorted(package._HOME_OF)
    assert all(getattr(package, name) is not None for name in package.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Machine'"):
        asl_engine.Machine  # noqa: B018
