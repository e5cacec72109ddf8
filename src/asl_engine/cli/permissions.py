"""`asl permissions`: which IAM actions a state machine's role needs, and the least policy that gives them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from asl_engine.cli.common import WELL, UsageError, add_choice
from asl_engine.errors import DefinitionError

if TYPE_CHECKING:
    from asl_engine.integrations.iam import Need


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    option = parser.add_argument
    option("file", metavar="FILE", help="a definition or a template that holds one; - for standard input")
    option("--format", choices=["text", "json"], default="text", help="a list by state, or the policy document")
    add_choice(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Lists the IAM actions that a state machine's role needs, or writes the least policy that allows them."""
    from asl_engine.cli.common import read_sources
    from asl_engine.definition.reader import read_definition
    from asl_engine.integrations.iam import machine_needs, minimal_policy
    from asl_engine.machine import EXPRESS, choose
    from asl_engine.states.table import STATE_TYPES

    try:
        source = choose(read_sources(options.file, options.substitute), options.machine)
    except DefinitionError as error:
        raise UsageError(f"{options.file}: {error}") from None
    machine, diagnostics = read_definition(source.document, STATE_TYPES, source.type == EXPRESS)
    faults = [found for found in diagnostics if found.severity == "ERROR"]
    if machine is None or faults:
        raise UsageError(f"{options.file}: " + "\n".join(map(str, faults)))
    needs = list(machine_needs(machine, options.machine or source.name or "StateMachine"))
    print(json.dumps(minimal_policy(needs), indent=2) if options.format == "json" else _listed(needs))
    return WELL


def _listed(needs: Iterable[Need]) -> str:
    """A line for each state and Resource, below it each action with the resources that it is needed on."""
    lines = []
    for need in needs:
        lines.append(f"{need.state_name}: {need.resource}")
        lines += [
            f"  {action} on {', '.join(permission.resources)}"
            for permission in need.permissions
            for action in permission.actions
        ]
    return "\n".join(lines) or "no permissions needed"
