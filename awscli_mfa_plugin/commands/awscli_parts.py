# SPDX-License-Identifier: Apache-2.0
"""The parts of the AWS CLI that the commands are made of.

``awscli-mfa`` runs some of the commands where there is botocore and no AWS
CLI. The parts then have stand-ins that do what these commands need.
"""

from __future__ import annotations

import json
import sys
from typing import Any, ClassVar

from awscli_mfa_plugin.host.streams import errors_of_output, print_text

__all__ = ['BasicCommand', 'format_response']

try:
    from awscli.customizations.commands import BasicCommand
except ImportError:

    class BasicCommand:  # type: ignore[no-redef]
        """A command without a parser and without a help page."""

        ARG_TABLE: ClassVar[list[dict[str, Any]]] = []

        def __init__(self, session: Any) -> None:
            self._session = session

        @staticmethod
        def FROM_FILE(*_: str, **__: Any) -> str:
            return ''


def format_response(
    output: str, parsed_globals: Any, name: str, response: dict[str, Any]
) -> None:
    """Print a result through the CLI's own formatter, or as JSON.

    The CLI's pager is left out: a result is short, and a pager would wait.
    """
    try:
        from awscli.compat import get_stdout_text_writer
        from awscli.formatter import get_formatter
    except ImportError:
        print_text(json.dumps(response, indent=4) + '\n')
        return
    formatter = get_formatter(output, parsed_globals)
    with errors_of_output():
        formatter(name, response, get_stdout_text_writer())
        # The formatter passes over what it cannot flush.
        sys.stdout.flush()
