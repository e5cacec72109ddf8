"""Options and profiles of the tests.

`--long` gives every property ten times the examples, drawn anew in each run; without it the examples are the same in
every run. `--mutated N` sets how many mutated documents are validated. `--golden-update` writes the golden histories
anew. `--benchmarks` collects tests/benchmarks, as does naming that folder.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

BENCHMARKS = Path(__file__).with_name("benchmarks")
_SLOW_DRAWS = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "default", max_examples=200, derandomize=True, deadline=None, database=None, suppress_health_check=_SLOW_DRAWS
)
settings.register_profile("long", max_examples=2000, deadline=None, suppress_health_check=_SLOW_DRAWS)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("asl_engine")
    group.addoption("--long", action="store_true", help="ten times the examples for every property")
    group.addoption("--mutated", type=int, default=300, metavar="N", help="validate N mutated documents (default 300)")
    group.addoption("--golden-update", action="store_true", help="write the golden histories anew")
    group.addoption("--benchmarks", action="store_true", help="collect tests/benchmarks too")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.getoption("--long") else "default")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if BENCHMARKS not in (collection_path, *collection_path.parents) or config.getoption("--benchmarks"):
        return None
    asked = (Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args)
    return None if any(BENCHMARKS in (path, *path.parents) for path in asked) else True


@pytest.fixture
def golden_update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--golden-update"))
