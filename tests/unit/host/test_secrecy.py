# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.secrecy."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.history import get_global_history_recorder

from awscli_mfa_plugin.host.secrecy import (
    mask_arguments,
    stop_history,
    unrecorded,
    without_core_files,
)

LOGGERS = (
    None,
    'botocore',
    'botocore.endpoint',
    'urllib3.connectionpool',
    'awscli_mfa_plugin.credentials.sts',
    'tests.quite.another',
)


class Collector(logging.Handler):
    """A handler that keeps the messages that arrive."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture
def collectors() -> Iterator[list[Collector]]:
    """Listen at every logger, and let all of them speak."""
    listening = []
    for name in LOGGERS:
        logger = logging.getLogger(name)
        listening.append((logger, Collector(), logger.level))
    for logger, collector, _ in listening:
        logger.addHandler(collector)
        logger.setLevel(logging.DEBUG)
    yield [collector for _, collector, _ in listening]
    for logger, collector, level in listening:
        logger.removeHandler(collector)
        logger.setLevel(level)


def say(message: str) -> None:
    """Say something on every logger and level."""
    for name in LOGGERS:
        for level in (logging.DEBUG, logging.CRITICAL):
            logging.getLogger(name).log(level, message)


def messages(collectors: list[Collector]) -> set[str]:
    """Return what arrived anywhere."""
    return {text for found in collectors for text in found.messages}


def test_nothing_of_this_thread_is_logged(
    collectors: list[Collector],
) -> None:
    """What is said inside reaches no handler, at no level."""
    say('before')
    with unrecorded():
        say('inside')
    say('after')
    for collector in collectors:
        assert set(collector.messages) == {'before', 'after'}


def test_other_threads_go_on(collectors: list[Collector]) -> None:
    """What other threads say meanwhile arrives everywhere."""
    with unrecorded():
        thread = threading.Thread(target=say, args=('elsewhere',))
        thread.start()
        thread.join()
    for collector in collectors:
        assert set(collector.messages) == {'elsewhere'}


def test_logging_resumes_after_an_error(collectors: list[Collector]) -> None:
    """An error inside passes, and no filter stays behind."""
    with pytest.raises(KeyError, match='mine'), unrecorded():
        raise KeyError('mine')
    say('after')
    assert messages(collectors) == {'after'}
    assert all(collector.filters == [] for collector in collectors)


def test_calls_within_calls(collectors: list[Collector]) -> None:
    """The inner one's end does not end the outer one."""
    with unrecorded():
        with unrecorded():
            say('inner')
        say('outer')
    say('after')
    assert messages(collectors) == {'after'}


def test_handler_of_last_resort(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any handler, warnings do not reach standard error either."""
    logger = logging.Logger('alone')  # noqa: LOG001
    with unrecorded():
        logger.warning('inside')
    logger.warning('after')
    assert capsys.readouterr().err == 'after\n'


class HistoryCollector:
    """A handler of botocore's history that keeps the types of events."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def emit(self, event_type: str, payload: Any, source: str) -> None:
        self.events.append(event_type)


@pytest.fixture
def history() -> Iterator[HistoryCollector]:
    """Listen to botocore's history, which is off."""
    recorder = get_global_history_recorder()
    collector = HistoryCollector()
    recorder.add_handler(collector)
    yield collector
    recorder.disable()
    recorder._handlers.remove(collector)


@pytest.mark.parametrize('fails', [False, True])
def test_history_pauses(history: HistoryCollector, fails: bool) -> None:
    """A running history records nothing inside, and goes on after."""
    recorder = get_global_history_recorder()
    recorder.enable()
    recorder.record('before', {})
    try:
        with unrecorded():
            recorder.record('inside', {})
            if fails:
                raise KeyError('mine')
    except KeyError:
        assert fails
    recorder.record('after', {})
    assert history.events == ['before', 'after']


def test_history_that_was_off_stays_off(history: HistoryCollector) -> None:
    """Nobody's history is switched on by us."""
    with unrecorded():
        pass
    get_global_history_recorder().record('after', {})
    assert history.events == []


def test_history_stops_for_good(history: HistoryCollector) -> None:
    """After stop_history() nothing is recorded any more."""
    recorder = get_global_history_recorder()
    recorder.enable()
    stop_history()
    with unrecorded():
        pass
    recorder.record('after', {})
    assert history.events == []


def test_history_pauses_for_all_threads(history: HistoryCollector) -> None:
    """It goes on after the last call, not after the first one's."""
    recorder = get_global_history_recorder()
    recorder.enable()
    is_in, may_go = threading.Event(), threading.Event()

    def call() -> None:
        with unrecorded():
            is_in.set()
            may_go.wait()

    thread = threading.Thread(target=call)
    with unrecorded():
        thread.start()
        is_in.wait()
    recorder.record('inside of the other one', {})
    may_go.set()
    thread.join()
    recorder.record('after', {})
    assert history.events == ['after']


def test_history_that_stops_during_a_call(history: HistoryCollector) -> None:
    """The end of the call does not start it again."""
    recorder = get_global_history_recorder()
    recorder.enable()
    with unrecorded():
        stop_history()
    recorder.record('after', {})
    assert history.events == []


@pytest.mark.skipif(sys.platform == 'win32', reason='POSIX')
def test_no_core_files_while_a_secret_waits() -> None:
    """The last of several threads puts back what a child may inherit."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_CORE)
    allowed = (before[1], before[1])
    resource.setrlimit(resource.RLIMIT_CORE, allowed)
    first, second = without_core_files(), without_core_files()
    try:
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, before[1])
        second.__exit__(None, None, None)
        assert resource.getrlimit(resource.RLIMIT_CORE) == allowed
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.fixture
def cli_logger() -> tuple[logging.Logger, Collector]:
    """Return a logger as the CLI has it, masked by us."""
    logger = logging.Logger('awscli.clidriver')  # noqa: LOG001
    collector = Collector()
    logger.addHandler(collector)

    def mask(record: logging.LogRecord) -> bool:
        mask_arguments(record)
        return True

    logger.addFilter(mask)
    return logger, collector


@pytest.mark.parametrize(
    ('arguments', 'shown'),
    [
        (['--token-code', '123456'], ['--token-code', '******']),
        (['--token-code=123456'], ['--token-code=******']),
        (
            ['mfa', 'login', '--token-code', '1', '--debug'],
            ['mfa', 'login', '--token-code', '******', '--debug'],
        ),
        (
            ['--token-code', '1', '--token-code=2', '--token-code', '3'],
            [
                *('--token-code', '******', '--token-code=******'),
                *('--token-code', '******'),
            ],
        ),
        (['--token-code'], ['--token-code']),
        (['--token-code='], ['--token-code=******']),
    ],
)
def test_token_code_is_masked(
    cli_logger: tuple[logging.Logger, Collector],
    arguments: list[str],
    shown: list[str],
) -> None:
    """``--debug`` shows the command line without the code."""
    logger, collector = cli_logger
    before = list(arguments)
    logger.debug('Arguments entered to CLI: %s', arguments)
    assert collector.messages == [f'Arguments entered to CLI: {shown}']
    assert arguments == before


@pytest.mark.parametrize('option', ['--token', '--token-c', '--to'])
def test_abbreviated_option_is_masked(
    cli_logger: tuple[logging.Logger, Collector], option: str
) -> None:
    """The CLI takes an option's beginning for it, and so does the mask."""
    logger, collector = cli_logger
    arguments = ['mfa', 'login', option, '271828', f'{option}=271828']
    logger.debug('Arguments entered to CLI: %s', arguments)
    assert '271828' not in collector.messages[0]


@pytest.mark.parametrize(
    'arguments',
    [
        [],
        ['s3', 'ls', '--debug'],
        ['--serial-number=x', '123456'],
        ['--token-codes', '123456'],
    ],
)
def test_other_arguments_are_shown(
    cli_logger: tuple[logging.Logger, Collector], arguments: list[str]
) -> None:
    """A command line without a code is logged as it is."""
    logger, collector = cli_logger
    logger.debug('Arguments entered to CLI: %s', arguments)
    assert collector.messages == [f'Arguments entered to CLI: {arguments}']


def test_other_messages_are_shown(
    cli_logger: tuple[logging.Logger, Collector],
) -> None:
    """Messages of any form of that logger pass unchanged."""
    logger, collector = cli_logger
    logger.debug('CLI version: %s', 'aws-cli/2')
    logger.debug('%(a)s', {'a': 1})
    logger.debug('no arguments')
    assert collector.messages == [
        'CLI version: aws-cli/2',
        '1',
        'no arguments',
    ]


@pytest.mark.parametrize(
    ('message', 'args', 'shown'),
    [
        (
            'Alias %r passing on arguments: %r to %r command',
            ('ml', ['login', '--token-code', '271828'], 'mfa'),
            "Alias 'ml' passing on arguments: ['login', '--token-code', "
            "'******'] to 'mfa' command",
        ),
        (
            'Using external alias %r with value: %r to run: %r',
            (
                'shell',
                '!aws mfa login --token-code',
                'aws mfa login --token-code 271828 --profile work',
            ),
            "Using external alias 'shell' with value: '!aws mfa login "
            "--token-code' to run: 'aws mfa login --token-code ****** "
            "--profile work'",
        ),
        (
            '%s',
            ('aws mfa login --to=271828 --mfa-token   271828',),
            'aws mfa login --to=****** --mfa-token   ******',
        ),
        (
            'Alias %r passing on arguments: %r to %r command',
            ('who', ['get-caller-identity'], 'sts'),
            "Alias 'who' passing on arguments: ['get-caller-identity'] to "
            "'sts' command",
        ),
        (
            'Delegating to proxy sub-command with new alias args: %s',
            (['login', '--token-code', '271828'],),
            'Delegating to proxy sub-command with new alias args: '
            "['login', '--token-code', '******']",
        ),
        (
            '%s',
            ('aws x --table 271828 --t 1 a--token 2 --token-codes 3',),
            'aws x --table 271828 --t 1 a--token 2 --token-codes 3',
        ),
        ('no arguments', (), 'no arguments'),
    ],
)
def test_what_an_alias_is_made_into_is_masked(
    cli_logger: tuple[logging.Logger, Collector],
    message: str,
    args: tuple[Any, ...],
    shown: str,
) -> None:
    """The CLI says how it understood an alias, also as one text."""
    logger, collector = cli_logger
    logger.debug(message, *args)
    assert collector.messages == [shown]
