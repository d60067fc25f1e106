# SPDX-License-Identifier: Apache-2.0
"""Results in the form a person has chosen: ``--output``, ``--query``."""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.commands.awscli_parts import format_response


def show(
    session: Any, parsed_globals: Any, name: str, response: dict[str, Any]
) -> None:
    """Show a result in the form that the person has chosen.

    :param name: What the table format puts above it.
    """
    output = parsed_globals.output
    if output is None:
        output = session.get_config_variable('output')
    if output == 'table':
        response = _stacked(response)
    format_response(output, parsed_globals, name, response)


def _stacked(value: Any) -> Any:
    """Return a response whose tables are shown one below the other.

    The table format makes one row of each object of a list, and a row with
    ARNs is wider than a terminal. It shows objects that hold a list one by
    one, upright where the terminal is narrow, and an empty list not at all.
    If the format changed, the table would be too wide:
    tests/e2e/test_status.py.
    """
    if isinstance(value, dict):
        return {name: _stacked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [
            {**_stacked(item), '': []} if isinstance(item, dict) else item
            for item in value
        ]
    return value
