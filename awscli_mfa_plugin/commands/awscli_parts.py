# SPDX-License-Identifier: Apache-2.0
"""The parts of the AWS CLI that the commands are made of.

``awscli-mfa`` runs some of the commands where there is botocore and no AWS
CLI. The parts then have stand-ins that do what these commands need.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any, ClassVar

from awscli_mfa_plugin.exceptions import OutputError, ReaderGoneError

__all__ = ['BasicCommand', 'format_response', 'uni_print']

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


# Standard output, whatever it is by then: it may be closed, and so None.
OUTPUT: Any = object()


def uni_print(text: str, file: Any = OUTPUT) -> None:
    """Print a text; a character that the stream has not becomes ``?``.

    :raises OutputError: Standard output is closed or full. Elsewhere a
        text that cannot be written is dropped.
    """
    if file is OUTPUT:
        with _errors_of_output():
            _print(text, sys.stdout)
    elif file is not None:
        with contextlib.suppress(OSError):
            _print(text, file)


@contextlib.contextmanager
def _errors_of_output() -> Iterator[None]:
    try:
        if sys.stdout is None:
            raise OutputError(reason='it is closed')
        yield
    except OSError as error:
        _discard_output()
        if isinstance(error, BrokenPipeError):
            raise ReaderGoneError() from None
        raise OutputError(reason=error.strerror or error) from None


def _discard_output() -> None:
    """Let Python write what it still holds, at its end, to nowhere."""
    with contextlib.suppress(OSError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.close(nothing)


def _print(text: str, stream: Any) -> None:
    encoding = getattr(stream, 'encoding', None) or 'ascii'
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(text.encode(encoding, 'replace').decode(encoding))
    stream.flush()


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
        uni_print(json.dumps(response, indent=4) + '\n')
        return
    formatter = get_formatter(output, parsed_globals)
    with _errors_of_output():
        formatter(name, response, get_stdout_text_writer())
        # The formatter passes over what it cannot flush.
        sys.stdout.flush()
