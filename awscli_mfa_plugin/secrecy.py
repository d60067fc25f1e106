# SPDX-License-Identifier: Apache-2.0
"""What keeps a call that carries secrets out of logs and history.

``--debug`` logs the parameters and the answer of every call, and with
``cli_history = enabled`` the CLI keeps them in a database. Ours carry a
token code one way and a secret key and a session token the other.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Any

# The options whose value is a secret for as long as the code is fresh.
TOKEN_CODE_OPTIONS = ('--token-code', '--token', '--mfa-token')
_MASK = '******'


@contextlib.contextmanager
def unrecorded() -> Iterator[None]:
    """Keep what this thread does out of logs and the CLI's history."""
    thread = threading.get_ident()

    def from_elsewhere(record: logging.LogRecord) -> bool:
        # With logging.logThreads off, whose it is cannot be told.
        return record.thread not in (thread, None)

    handlers = _all_log_handlers()
    for handler in handlers:
        handler.addFilter(from_elsewhere)
    try:
        with _history_stopped():
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


@contextlib.contextmanager
def _history_stopped() -> Iterator[None]:
    """Stop the history recorder, and start it again if it was running.

    ``_enabled`` is private to botocore: the recorder can be switched but
    not asked. Without the attribute nothing was ever recorded by it, and
    none of this would be needed. tests/e2e/test_secrecy.py reads the
    CLI's database on every host version.
    """
    from botocore.history import get_global_history_recorder

    recorder = get_global_history_recorder()
    was_enabled = getattr(recorder, '_enabled', False)
    recorder.disable()
    try:
        yield
    finally:
        if was_enabled:
            recorder.enable()


def stop_history() -> None:
    """Record nothing of this ``aws`` command from here on.

    The CLI would record its own arguments, a token code among them.
    """
    from botocore.history import get_global_history_recorder

    get_global_history_recorder().disable()


def holds_token_code(arguments: list[str]) -> bool:
    """Tell whether a command line has a token code on it.

    By the option and not by the command, which may be an alias.
    """
    return any(
        _is_token_code_option(argument.partition('=')[0])
        for argument in arguments
    )


def mask_token_code_in_debug_output() -> None:
    """Have ``--debug`` show the command line without a token code.

    The CLI logs ``sys.argv`` before any event reaches a plugin, in
    "Arguments entered to CLI: %s" of the logger ``awscli.clidriver``. If
    that name changes, the code shows again in debug output, and
    tests/e2e/test_secrecy.py fails.
    """
    logging.getLogger('awscli.clidriver').addFilter(_mask_arguments)


def _mask_arguments(record: logging.LogRecord) -> bool:
    args: Any = record.args
    if isinstance(args, tuple):
        record.args = tuple(
            _masked(arg) if isinstance(arg, list) else arg for arg in args
        )
    return True


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
