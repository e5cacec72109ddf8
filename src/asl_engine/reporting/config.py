"""The configuration: `[tool.asl]` of a pyproject.toml, or the top level of a TOML file of its own.

A key or a code that is not known is an error, never passed over. The configuration of a file is the nearest one above
it, so that a file is judged alike from wherever the command is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from asl_engine.errors import AslError
from asl_engine.reporting.codes import known_codes, unknown
from asl_engine.reporting.policy import OFF, Policy, refused_level, with_choices

PYPROJECT = "pyproject.toml"

Table: TypeAlias = Mapping[str, Any]


class ConfigError(AslError):
    """A configuration that cannot be used: names the file, the key and the value."""


def nearest_policies() -> Callable[[Path], Policy]:
    """A function (folder) -> the policy of the nearest configuration at or above it; each file is read once."""

    @cache
    def policy_of(folder: Path) -> Policy:
        file = folder / PYPROJECT
        table = _tool_table(_toml(file), str(file)) if file.is_file() else None
        if table is not None:
            return _policy(table, str(file), folder)
        return Policy(folder=str(folder)) if folder.parent == folder else policy_of(folder.parent)

    return lambda folder: policy_of(folder.resolve())


def read_policy(file: Path) -> Policy:
    """The policy in a file that was named. Raises ConfigError and OSError."""
    document = _toml(file)
    table = _tool_table(document, str(file)) if file.name == PYPROJECT else document
    if table is None:
        raise ConfigError(f"{file}: has no [tool.asl]")
    return _policy(table, str(file), file.resolve().parent)


def _toml(file: Path) -> Table:
    import tomllib

    try:
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from None


def _tool_table(document: Table, file: str) -> Table | None:
    tools = document.get("tool", {})
    table = tools.get("asl") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{file}: [tool.asl] must be a table, not {table!r}")
    return table


def _policy(table: Table, file: str, folder: Path) -> Policy:
    where = f"{file}: "
    for key in table:
        if key not in _KEYS:
            raise ConfigError(where + unknown("key", key, _KEYS))
    read = {key: reader(table[key], f"{where}{key}") for key, reader in _KEYS.items() if key in table}
    levels: dict[str, str] = read.get("severity", {})
    policy = Policy(
        ignore=read.get("ignore", frozenset()),
        select=read.get("select"),
        per_file_ignores=read.get("per-file-ignores", {}),
        substitutions=read.get("substitutions", {}),
        folder=str(folder),
    )
    contrary = [code for code, level in levels.items() if level != OFF and code in policy.ignore]
    if contrary:
        raise ConfigError(f"{where}severity: {contrary[0]} is in ignore too")
    return with_choices(policy, levels=levels)


def checked_code(code: Any, where: str) -> str:
    """A code, which must exist."""
    if not isinstance(code, str) or code not in known_codes():
        told = unknown("code", code, known_codes()) if isinstance(code, str) else _not("a code", code)
        raise ConfigError(f"{where}: {told}")
    return code


def checked_level(code: str, level: Any, where: str) -> str:
    """A level for a code: error, warning, info or off."""
    refused = refused_level(checked_code(code, where), level)
    if refused:
        raise ConfigError(f"{where}.{code}: {refused}")
    return str(level)


def _codes(value: Any, where: str) -> frozenset[str]:
    if not isinstance(value, list):
        raise ConfigError(f"{where}: {_not('an array of codes', value)}")
    return frozenset(checked_code(code, where) for code in value)


def _levels(value: Any, where: str) -> dict[str, str]:
    return {code: checked_level(code, level, where) for code, level in _table(value, where).items()}


def _codes_by_pattern(value: Any, where: str) -> dict[str, frozenset[str]]:
    return {pattern: _codes(codes, f"{where}.{pattern}") for pattern, codes in _table(value, where).items()}


def _texts(value: Any, where: str) -> dict[str, str]:
    wrong = [name for name, text in _table(value, where).items() if not isinstance(text, str)]
    if wrong:
        raise ConfigError(f"{where}.{wrong[0]}: {_not('a string', value[wrong[0]])}")
    return dict(value)


def _table(value: Any, where: str) -> Table:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {_not('a table', value)}")
    return value


def _not(wanted: str, value: Any) -> str:
    return f"must be {wanted}, not {value!r:.60}"


_KEYS: dict[str, Callable[[Any, str], Any]] = {
    "ignore": _codes,
    "select": _codes,
    "severity": _levels,
    "per-file-ignores": _codes_by_pattern,
    "substitutions": _texts,
}
"""Key of the configuration -> its reader (value, where it stands)."""
