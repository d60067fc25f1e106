# SPDX-License-Identifier: Apache-2.0
"""Results in the form a person has chosen: ``--output``, ``--query``."""

from __future__ import annotations

from typing import Any

from awscli.compat import get_stdout_text_writer
from awscli.formatter import get_formatter


def show(
    session: Any, parsed_globals: Any, name: str, response: dict[str, Any]
) -> None:
    """Show a result through the CLI's own formatter.

    Not through its pager: a status is short, and a pager would wait.

    :param name: What the table format puts above it.
    """
    output = parsed_globals.output
    if output is None:
        output = session.get_config_variable('output')
    formatter = get_formatter(output, parsed_globals)
    formatter(name, response, get_stdout_text_writer())
