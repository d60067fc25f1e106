# SPDX-License-Identifier: Apache-2.0
"""Errors of ours in threads that Python did not start.

v2's fast S3 transfers sign in threads of the AWS Common Runtime. An error
raised there reaches nobody: Python prints it as "Exception ignored", with
a traceback, for each file, and the transfer goes on to the next one.
"""

from __future__ import annotations

import _thread
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from awscli_mfa_plugin.exceptions import MFAError

logger = logging.getLogger(__name__)

# The main thread needs milliseconds. Only a command that is over waits for
# this.
_SECONDS_TO_CANCEL = 1


class UnraisableHook:
    """A ``sys.unraisablehook`` that ends the command with one sentence.

    :param otherwise: The hook for everything that is not ours.
    :param signal_number: The one that interrupts the main thread.
    """

    def __init__(
        self, otherwise: Callable[[Any], object], signal_number: int
    ) -> None:
        self._otherwise = otherwise
        self._signal_number = signal_number
        self._is_ending = False

    def __call__(self, unraisable: Any) -> None:
        error = unraisable.exc_value
        if not isinstance(error, MFAError):
            self._otherwise(unraisable)
            return
        if self._is_ending:
            return
        self._is_ending = True
        from awscli_mfa_plugin.exceptions.token_codes import (
            PromptInterruptedError,
        )
        from awscli_mfa_plugin.host.wrapping import say_on_stderr

        # Ctrl-C at the prompt has ended the command already.
        if not isinstance(error, PromptInterruptedError):
            say_on_stderr(f'\n{error}')
            if not logger.isEnabledFor(logging.DEBUG):
                _mute()
            _interrupt_main(self._signal_number)
        # The runtime hears of the error when this returns, and would try
        # the next file; by then the main thread has cancelled them.
        time.sleep(_SECONDS_TO_CANCEL)


def end_command_on_errors() -> None:
    """Install the hook in this process, which runs one ``aws`` command."""
    if isinstance(sys.unraisablehook, UnraisableHook):
        return
    sys.unraisablehook = UnraisableHook(
        sys.unraisablehook, _interrupting_signal()
    )


def _interrupting_signal() -> int:
    """Return a signal that raises ``KeyboardInterrupt``.

    A script's background job ignores SIGINT, and so does Python then.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        return signal.SIGINT
    unused = getattr(signal, 'SIGUSR1', None)
    if unused is None or signal.getsignal(unused) is not signal.SIG_DFL:
        return signal.SIGINT
    # ValueError: not in the main thread, which is not the CLI's way.
    with contextlib.suppress(ValueError):
        signal.signal(unused, signal.default_int_handler)
    return int(unused)


def _mute() -> None:
    """Let nothing more be seen of this process, which is about to end.

    The CLI names each file of a cancelled transfer, hundreds at a time.
    After an error that ends the classic transfers it drops what the files
    still report; this is the same for the fast ones. The CLI's printers
    hold on to their streams, so what is below those is replaced.
    """
    # OSError: nobody reads any more. ValueError, AttributeError: no stream.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    with contextlib.suppress(OSError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        # Standard output and standard error.
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        os.close(nothing)


def _interrupt_main(signal_number: int) -> None:
    if sys.version_info >= (3, 10):
        _thread.interrupt_main(signal.Signals(signal_number))
    else:
        _thread.interrupt_main()
