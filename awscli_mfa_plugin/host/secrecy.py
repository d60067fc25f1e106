# SPDX-License-Identifier: Apache-2.0
"""What keeps a call that carries secrets out of logs and history.

``--debug`` logs the parameters and the answer of every call, and with
``cli_history = enabled`` the CLI keeps them in a database. Ours carry a
token code one way and a secret key and a session token the other.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

logger = logging.getLogger(__name__)

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

    The recorder is one for the whole process: who is the first stops it,
    and who is the last starts it again, if it was running.
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


def stop_history_of(command: Any) -> None:
    """Record nothing of a command that is ``aws mfa``, by any name.

    :param command: What stands behind ``aws``.
    """
    if command == 'mfa' or (
        # Else nobody needs to know, and the file is not read.
        _is_recording(_history_recorder()) is not False
        and command in _read_aliases().of_mfa
    ):
        stop_history()


class _Aliases(NamedTuple):
    """The aliases in the CLI's alias file that lead to ``aws mfa``.

    :ivar of_mfa: Their names behind ``aws``.
    :ivar below_mfa: Their names behind ``aws mfa``.
    """

    of_mfa: frozenset[str] = frozenset()
    below_mfa: frozenset[str] = frozenset()

    def end_of_names(self, arguments: list[Any]) -> int | None:
        """Return where what an alias is given begins on a command line."""
        is_mfa = False
        for place, argument in enumerate(map(str, arguments), 1):
            if argument in self.of_mfa or (
                is_mfa and argument in self.below_mfa
            ):
                return place
            is_mfa = is_mfa or argument == 'mfa'
        return None


def _read_aliases() -> _Aliases:
    """Read the CLI's alias file, and never raise.

    The file is parsed as the CLI does it, and more is taken for an alias
    of ``mfa`` than is one: also a shell command, and one that has the
    word anywhere. Were the file elsewhere, a code that came through an
    alias would show, and tests/e2e/test_secrecy.py would fail.
    """
    path = os.path.expanduser(os.path.join('~', '.aws', 'cli', 'alias'))
    try:
        if not os.path.exists(path):
            return _Aliases()
        from botocore.configloader import raw_config_parse

        parsed = raw_config_parse(path, parse_subsections=False)
        return _Aliases(
            _leading_to_mfa(parsed.get('toplevel', {})),
            frozenset(
                name
                for section, aliases in parsed.items()
                if section.split()[:2] == ['command', 'mfa']
                for name in aliases
            ),
        )
    except Exception as error:  # noqa: BLE001
        # It is for the CLI to report. The type alone: a parser's message
        # quotes the file.
        logger.debug('No aliases (%s)', type(error).__name__)
        return _Aliases()


def _leading_to_mfa(aliases: dict[str, str]) -> frozenset[str]:
    """Return the aliases of ``mfa``, and the aliases of those."""
    words = {
        name: set(re.findall(r'[^\s"\'!]+', value))
        for name, value in aliases.items()
    }
    found: set[str] = set()
    while True:
        wanted = {'mfa', *found}
        more = {name for name, of_it in words.items() if of_it & wanted}
        if more <= found:
            return frozenset(found)
        found |= more


def mask_token_code_in_debug_output() -> None:
    """Have ``--debug`` show the command line without a token code.

    The CLI logs ``sys.argv`` before any event reaches a plugin, in
    "Arguments entered to CLI: %s" of the logger ``awscli.clidriver``, and
    what it makes of an alias in that of ``awscli.alias``. If a name
    changes, the code shows again in debug output, and
    tests/e2e/test_secrecy.py fails.
    """
    # Filters are asked only where --debug is heard.
    logging.getLogger('awscli.clidriver').addFilter(_mask_arguments)
    logging.getLogger('awscli.alias').addFilter(_mask_alias)


def _mask_arguments(record: logging.LogRecord) -> bool:
    args: Any = record.args
    if isinstance(args, tuple) and any(isinstance(arg, list) for arg in args):
        aliases = _read_aliases()
        record.args = tuple(
            _masked_from(_masked(arg), aliases.end_of_names(arg))
            if isinstance(arg, list)
            else arg
            for arg in args
        )
    return True


def _mask_alias(record: logging.LogRecord) -> bool:
    args: Any = record.args
    if isinstance(args, tuple) and args:
        aliases = _read_aliases()
        names = {'mfa', *aliases.of_mfa, *aliases.below_mfa}
        record.args = (
            tuple(_hidden(arg, names) for arg in args)
            if isinstance(args[0], str) and args[0] in names
            else tuple(
                _masked(arg) if isinstance(arg, list) else arg for arg in args
            )
        )
    return True


def _hidden(value: Any, names: set[str]) -> Any:
    """Return a mask for what a call of an alias of ``mfa`` is made of."""
    if isinstance(value, list):
        return _masked_from(value, 0)
    return value if str(value) in names else _MASK


def _masked_from(arguments: list[Any], start: int | None) -> list[Any]:
    if start is None:
        return arguments
    return arguments[:start] + [_MASK] * (len(arguments) - start)


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
