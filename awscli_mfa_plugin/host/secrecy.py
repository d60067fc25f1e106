# SPDX-License-Identifier: Apache-2.0
"""Keeps secrets out of logs, the CLI's history and core files.

``--debug`` logs the parameters and the answer of every call, and with
``cli_history = enabled`` the CLI keeps them in a database. Our calls send
a token code and receive a secret key and a session token.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import threading
from collections.abc import Iterator
from typing import Any

logger = logging.getLogger(__name__)

# The options whose value is a secret for as long as the code is fresh.
TOKEN_CODE_OPTIONS = ('--token-code', '--token', '--mfa-token')
_MASK = '******'


@contextlib.contextmanager
def unrecorded() -> Iterator[None]:
    """Keep what this thread does out of logs and the CLI's history."""
    thread = threading.get_ident()

    def from_elsewhere(record: logging.LogRecord) -> bool:
        # A record names no thread when logging.logThreads is off.
        return record.thread not in (thread, None)

    handlers = _all_log_handlers()
    for handler in handlers:
        handler.addFilter(from_elsewhere)
    try:
        with _pause.held():
            yield
    finally:
        for handler in handlers:
            handler.removeFilter(from_elsewhere)


def _all_log_handlers() -> list[logging.Handler]:
    """Every handler that a record may reach.

    A filter on a logger does not see its children's records; one on a
    handler sees all that arrives there.
    """
    loggers = [
        logging.getLogger(),
        *logging.Logger.manager.loggerDict.values(),
    ]
    handlers = {
        id(handler): handler
        for logger in loggers
        if isinstance(logger, logging.Logger)
        for handler in logger.handlers
    }
    if logging.lastResort is not None:
        handlers[id(logging.lastResort)] = logging.lastResort
    return list(handlers.values())


class _HistoryPause:
    """Stops the history recorder for as long as any thread wants it.

    The recorder is one for the whole process: the first thread stops it,
    and the last one starts it again, if it was running.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._was_recording = False

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        recorder = _history_recorder()
        with self._lock:
            if self._count == 0:
                self._was_recording = _is_recording(recorder) is True
            self._count += 1
            recorder.disable()
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
                if self._count == 0 and self._was_recording:
                    recorder.enable()

    def for_good(self) -> None:
        with self._lock:
            self._was_recording = False
            _history_recorder().disable()


_pause = _HistoryPause()


class _NoCoreFiles:
    """Keeps a process in which a secret waits from leaving a core file.

    The limit is one for the whole process: the first thread sets it, and
    the last one puts it back, before other programs can inherit it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._before: tuple[int, int] | None = None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            if self._count == 0:
                self._before = _limit_core_files()
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
                if self._count == 0 and self._before is not None:
                    _limit_core_files(self._before)


_no_core_files = _NoCoreFiles()


def without_core_files() -> contextlib.AbstractContextManager[None]:
    """Forbid core files, where the system can, while something waits."""
    return _no_core_files.held()


def _limit_core_files(
    limits: tuple[int, int] | None = None,
) -> tuple[int, int] | None:
    """Set the limits of core files, and return those from before.

    :param limits: By default none may be written.
    :returns: ``None`` where the system has no such limits.
    """
    if sys.platform == 'win32':
        return None
    try:
        import resource

        before = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, limits or (0, before[1]))
    except (ImportError, OSError, ValueError) as error:
        logger.debug('Core files are not forbidden: %s', error)
        return None
    return before


def _history_recorder() -> Any:
    from botocore.history import get_global_history_recorder

    return get_global_history_recorder()


def _is_recording(recorder: Any) -> bool | None:
    """Tell whether the history recorder is running, if it says so.

    ``_enabled`` is private to botocore: the recorder can be switched but
    not asked. Without the attribute the history would not go on after a
    call of ours. tests/e2e/test_secrecy.py reads the CLI's database on
    every host version.
    """
    enabled: bool | None = getattr(recorder, '_enabled', None)
    return enabled


def stop_history() -> None:
    """Record nothing of this ``aws`` command from here on.

    The CLI would record its own arguments, a token code among them.
    """
    _pause.for_good()


def mask_arguments(record: logging.LogRecord) -> None:
    """Hide the token code in a log record of the CLI's about arguments."""
    args: Any = record.args
    if isinstance(args, tuple):
        record.args = tuple(
            _masked(arg) if isinstance(arg, list) else _masked_text(arg)
            for arg in args
        )


def _masked_text(value: Any) -> Any:
    """Return a command line that an alias has put together, masked."""
    if not isinstance(value, str) or '--t' not in value:
        return value
    return re.sub(
        r'(?<!\S)(--[\w-]+)([=\s]+)(\S+)',
        lambda match: (
            f'{match[1]}{match[2]}{_MASK}'
            if _is_token_code_option(match[1])
            else match[0]
        ),
        value,
    )


def _masked(arguments: list[Any]) -> list[Any]:
    masked = []
    hide_next = False
    for argument in arguments:
        name, equals, _ = str(argument).partition('=')
        if hide_next:
            masked.append(_MASK)
        elif equals and _is_token_code_option(name):
            masked.append(f'{name}={_MASK}')
        else:
            masked.append(argument)
        hide_next = not equals and _is_token_code_option(name)
    return masked


def _is_token_code_option(name: str) -> bool:
    """Tell whether a token code follows: options may be cut short."""
    return len(name) > len('--t') and any(
        option.startswith(name) for option in TOKEN_CODE_OPTIONS
    )
