"""Options and profiles of the tests.

Every property is held against the same examples in every run: `--examples N` says how many, where a test has no number
of its own, and `--anew` draws others in each run. `--mutated N` sets how many mutated documents are validated.
`--golden-update` writes the golden histories anew. `--benchmarks` collects tests/benchmarks, as does naming the folder.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

BENCHMARKS = Path(__file__).with_name("benchmarks")
_SLOW_DRAWS = [HealthCheck.too_slow, HealthCheck.data_too_large]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("asl_engine")
    group.addoption("--examples", type=int, default=40, metavar="N", help="hold each property against N (default 40)")
    group.addoption("--anew", action="store_true", help="draw other examples than those of every run")
    group.addoption("--mutated", type=int, default=300, metavar="N", help="validate N mutated documents (default 300)")
    group.addoption("--golden-update", action="store_true", help="write the golden histories anew")
    group.addoption("--benchmarks", action="store_true", help="collect tests/benchmarks too")


def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile(
        "tests",
        max_examples=config.getoption("--examples"),
        derandomize=not config.getoption("--anew"),
        deadline=None,
        database=None,
        suppress_health_check=_SLOW_DRAWS,
    )
    settings.load_profile("tests")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if BENCHMARKS not in (collection_path, *collection_path.parents) or config.getoption("--benchmarks"):
        return None
    asked = (Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args)
    return None if any(BENCHMARKS in (path, *path.parents) for path in asked) else True


@pytest.fixture
def golden_update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--golden-update"))
