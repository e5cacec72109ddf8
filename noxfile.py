"""`nox -s lint types test conformance bench docs`: what CI does, one session a name."""

import pathlib

import nox

nox.options.sessions = ["lint", "types", "test"]
SUITES = pathlib.Path("../shared/suites")


@nox.session
def lint(session: nox.Session) -> None:
    """Style and formatting."""
    session.install("ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """mypy --strict."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session(python=["3.11", "3.12", "3.13"])
def test(session: nox.Session) -> None:
    """The tests."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """The project's own cases, and the suites where they lie beside the checkout."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "conformance", "cases")
    if SUITES.is_dir():
        session.run("python", "-m", "conformance", "jsonpath", str(SUITES / "jsonpath-truth.json"))
        session.run("python", "-m", "conformance", "jsonata", str(SUITES / "jsonata"))
        session.run("python", "-m", "conformance", "aws-recorded", str(SUITES / "aws-recorded"))
        session.run("python", "-m", "conformance", "workflows", str(SUITES / "workflows"))


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks, as ratios."""
    session.install("-e", ".[test,bench]")
    session.run("pytest", "tests/benchmarks", "-o", "addopts=-q", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The examples in README, docs and docstrings."""
    session.install("-e", ".[test]")
    session.run("pytest", "tests/docs", *session.posargs)
