# SPDX-License-Identifier: Apache-2.0
"""Standard output and error, which may be closed, full or without a reader."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from awscli_mfa_plugin.exceptions.commands import OutputError, ReaderGoneError

# Standard output, whatever it is by then: it may be closed, and so None.
OUTPUT: Any = object()


def print_text(text: str, file: Any = OUTPUT) -> None:
    """Print a text; a character that the stream has not becomes ``?``.

    :raises OutputError: Standard output is closed or full. Elsewhere a
        text that cannot be written is dropped.
    """
    if file is OUTPUT:
        with errors_of_output():
            _print(text, sys.stdout)
    elif file is not None:
        with contextlib.suppress(OSError):
            _print(text, file)


@contextlib.contextmanager
def errors_of_output() -> Iterator[None]:
    """Put our own error in the place of a failing standard output's.

    :raises OutputError: It is closed or full.
    :raises ReaderGoneError: Nobody reads it any more.
    """
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
