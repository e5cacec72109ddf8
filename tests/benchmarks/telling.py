"""Tables that the benchmarks print."""

from __future__ import annotations

from contextlib import nullcontext

import pytest


def tell(request: pytest.FixtureRequest, table: str) -> None:
    """Prints a table on the terminal, unless it is headings alone. What a fixture writes at its end is captured and
    shown to nobody."""
    if "\n" not in table:
        return
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        request.config.get_terminal_writer().write(f"\n\n{table}\n")
