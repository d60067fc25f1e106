# SPDX-License-Identifier: Apache-2.0
"""Sentences for people, and results in the form that they have chosen."""

from __future__ import annotations

import os
import sys
from typing import Any

from awscli_mfa_plugin.commands.awscli_parts import format_response
from awscli_mfa_plugin.host.streams import OUTPUT, print_text
from awscli_mfa_plugin.host.wrapping import is_terminal, wrapped


def say(text: str, stream: Any = OUTPUT) -> None:
    """Print sentences; a terminal's width breaks them between words.

    :param stream: By default standard output; ``None`` is a closed one.
    :raises OutputError: As ``print_text``.
    """
    shown_on = sys.stdout if stream is OUTPUT else stream
    print_text(wrapped(text, shown_on), stream)


def show(
    session: Any, parsed_globals: Any, name: str, response: dict[str, Any]
) -> None:
    """Show a result in the form that the person has chosen.

    :param name: What the table format puts above it.
    """
    output = _chosen_output(session, parsed_globals) or 'json'
    if output == 'table':
        response = _stacked(response)
    format_response(output, parsed_globals, name, response)


def is_for_people(session: Any, parsed_globals: Any) -> bool:
    """Tell whether a result is for a person's eyes.

    It is at a terminal where no form was chosen: not by an option, not in
    the profile, not in the environment.
    """
    return (
        _is_terminal()
        and parsed_globals.query is None
        and _chosen_output(session, parsed_globals) is None
    )


def has_colors(parsed_globals: Any) -> bool:
    """Tell whether the terminal shows colors and the person wants them."""
    return (
        _is_terminal()
        and os.name != 'nt'
        and os.environ.get('TERM') != 'dumb'
        and not os.environ.get('NO_COLOR')
        and getattr(parsed_globals, 'color', None) != 'off'
    )


def _is_terminal() -> bool:
    return is_terminal(sys.stdout)


def _chosen_output(session: Any, parsed_globals: Any) -> str | None:
    output = (
        parsed_globals.output
        or os.environ.get('AWS_DEFAULT_OUTPUT')
        or session.get_scoped_config().get('output')
    )
    return output or None


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
