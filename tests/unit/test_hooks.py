# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.hooks, on botocore's own event emitter."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ConfigParseError,
    CredentialRetrievalError,
    ProfileNotFound,
)
from botocore.history import get_global_history_recorder
from botocore.hooks import HierarchicalEmitter

from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.credentials.refreshing import METHOD
from awscli_mfa_plugin.hooks import CLIHooks
from tests.unit.conftest import FakeSTS, FakeTerminal, Home, make_mfa_session
from tests.unit.names import ACCESS_KEY_ID, KEY, KEYS, LONG_TERM, WORK

LONG_TERM_EVENTS = (
    'operation-args-parsed.sts.get-session-token',
    'operation-args-parsed.sts.get-federation-token',
    'before-building-argument-table-parser.configure.mfa-login',
)


@pytest.fixture
def emitter() -> HierarchicalEmitter:
    """Return the CLI's emitter with the handlers registered."""
    emitter = HierarchicalEmitter()
    CLIHooks().register(emitter)
    return emitter


@pytest.fixture
def history() -> Iterator[Any]:
    """Return the history recorder, which is on during the test."""
    recorder = get_global_history_recorder()
    recorder.enable()
    yield recorder
    recorder.disable()


def start(emitter: Any, session: Any, **arguments: Any) -> None:
    """Emit what the CLI emits when a command starts."""
    emitter.emit(
        'session-initialized',
        session=session,
        parsed_args=argparse.Namespace(
            **{
                'command': 's3',
                'region': None,
                'verify_ssl': None,
                **arguments,
            }
        ),
    )


def methods(session: Any) -> list[str]:
    """Return the chain, in order."""
    resolver = session.get_component('credential_provider')
    return [provider.METHOD for provider in resolver.providers]


def test_provider_comes_in_when_a_command_starts(
    home: Home, emitter: Any
) -> None:
    """Every command's session has the provider."""
    home.write(WORK)
    session = home.session(profile='work')
    start(emitter, session)
    assert METHOD in methods(session)


def test_region_of_the_command_is_that_of_sts(
    home: Home, sts: FakeSTS, terminal: FakeTerminal, emitter: Any
) -> None:
    """``--region`` of a command holds for its STS call."""
    home.write(WORK, f'[work]\n{KEYS}')
    terminal.answers = ['123456']
    session = home.session(profile='work')
    start(emitter, session, region='eu-north-1')
    session.get_credentials().get_frozen_credentials()
    assert [request.region for request in sts.requests] == ['eu-north-1']


def test_handler_runs_last(home: Home) -> None:
    """The CLI's own handlers have done their work before, on all versions."""
    emitter = HierarchicalEmitter()
    CLIHooks().register(emitter)
    seen = []
    emitter.register(
        'session-initialized',
        lambda session, **kwargs: seen.append(METHOD in methods(session)),
    )
    session = home.session()
    start(emitter, session)
    assert seen == [False]
    assert METHOD in methods(session)


@pytest.mark.parametrize('event', LONG_TERM_EVENTS)
def test_commands_for_long_term_credentials(
    home: Home, sts: FakeSTS, emitter: Any, event: str
) -> None:
    """Commands that AWS refuses to a session are signed without one."""
    home.write(WORK, f'[work-long-term]\n{KEYS}')
    MFASessionCache().put(KEY, make_mfa_session())
    session = home.session(profile='work')
    start(emitter, session)
    emitter.emit(event, parsed_args=None, parsed_globals=None)
    assert session.get_credentials().access_key == ACCESS_KEY_ID


@pytest.mark.parametrize(
    'event',
    [
        'operation-args-parsed.sts.get-caller-identity',
        'operation-args-parsed.s3api.list-buckets',
    ],
)
def test_other_commands(
    home: Home, sts: FakeSTS, emitter: Any, event: str
) -> None:
    """Every other command is signed with the session."""
    home.write(WORK, f'[work]\n{KEYS}')
    MFASessionCache().put(KEY, make_mfa_session())
    session = home.session(profile='work')
    start(emitter, session)
    emitter.emit(event, parsed_args=None, parsed_globals=None)
    assert session.get_credentials().access_key == 'ASIASESSIONEXAMPLE0'


def test_configure_list_asks_nothing(
    home: Home, sts: FakeSTS, terminal: FakeTerminal, emitter: Any
) -> None:
    """``aws configure list`` shows what there is, without a code."""
    home.write(WORK, f'[work]\n{KEYS}')
    terminal.answers = ['123456']
    session = home.session(profile='work')
    start(emitter, session)
    emitter.emit('before-building-argument-table-parser.configure.list')
    assert session.get_credentials().access_key == ACCESS_KEY_ID
    assert (sts.requests, terminal.prompts) == ([], [])


@pytest.mark.parametrize(('command', 'recorded'), [('mfa', 0), ('s3', 1)])
def test_history_has_no_mfa_commands(
    home: Home, emitter: Any, history: Any, command: str, recorded: int
) -> None:
    """The CLI's history keeps every command but ours."""
    events = []

    class Handler:
        def emit(self, event_type: str, payload: Any, source: str) -> None:
            events.append(payload)

    handler = Handler()
    history.add_handler(handler)
    start(emitter, home.session(), command=command)
    history.record('CLI_ARGUMENTS', ['--token-code', '123456'])
    history._handlers.remove(handler)
    assert len(events) == recorded


def test_unknown_profile_is_left_to_the_command(
    home: Home, emitter: Any
) -> None:
    """``aws configure --profile new`` works with the plugin."""
    home.write(WORK)
    session = home.session(profile='new')
    start(emitter, session)
    for event in LONG_TERM_EVENTS:
        emitter.emit(event)
    emitter.emit('before-building-argument-table-parser.configure.list')
    # The command hears of it when it asks, as without the plugin.
    with pytest.raises(ProfileNotFound, match='new'):
        session.get_credentials()


class BrokenSession:
    """A session that nothing can be had of."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f'no {name}')


@pytest.mark.parametrize(
    'session', [None, object(), BrokenSession()], ids=['none', 'no', 'broken']
)
def test_broken_session_costs_the_plugin_alone(
    emitter: Any, session: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is wrong with a session is said at ``--debug`` alone."""
    with caplog.at_level('DEBUG'):
        start(emitter, session)
    for event in LONG_TERM_EVENTS:
        assert [answer for _, answer in emitter.emit(event)] == [None]
    (record,) = (
        r for r in caplog.records if r.name.endswith('mfa_plugin.hooks')
    )
    assert record.levelname == 'DEBUG'
    assert record.getMessage() == 'No MFA sessions in this command'


def test_broken_config_costs_the_plugin_alone(
    home: Home, emitter: Any
) -> None:
    """A config file that cannot be parsed is for the command to report."""
    home.write('[profile work\nbroken')
    session = home.session()
    start(emitter, session)
    with pytest.raises(ConfigParseError):
        session.get_credentials()


def test_commands_that_cannot_be_imported(
    emitter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its module ``aws mfa`` says so, and all else goes on."""
    monkeypatch.setitem(sys.modules, 'awscli_mfa_plugin.commands.mfa', None)
    table: dict[str, Any] = {'s3': None}
    emitter.emit(
        'building-command-table.main', command_table=table, session=None
    )
    assert list(table) == ['s3', 'mfa']
    with pytest.raises(
        CredentialRetrievalError, match=r'is broken .* Install it again'
    ):
        table['mfa'](['status'], None)


def test_chain_that_cannot_be_imported(
    home: Home, emitter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its module a profile with MFA is not signed for."""
    monkeypatch.setitem(sys.modules, 'awscli_mfa_plugin.chain', None)
    home.write(WORK, f'[work]\n{KEYS}' + f'[plain]\n{KEYS}')
    session = home.session(profile='work')
    start(emitter, session)
    with pytest.raises(CredentialRetrievalError, match=r'Install it again'):
        session.get_credentials()
    session = home.session(profile='plain')
    start(emitter, session)
    assert session.get_credentials().access_key == ACCESS_KEY_ID


@pytest.mark.parametrize(
    'command', ['list-mfa-devices', 'resync-mfa-device', 'enable-mfa-device']
)
def test_a_device_is_mended_without_a_code(
    home: Home, sts: FakeSTS, emitter: Any, command: str
) -> None:
    """A person whose codes are refused can still find out why."""
    home.write(WORK, f'[work]\n{KEYS}')
    session = home.session(profile='work')
    start(emitter, session)
    emitter.emit(
        f'operation-args-parsed.iam.{command}',
        parsed_args=None,
        parsed_globals=None,
    )
    assert session.get_credentials().access_key == ACCESS_KEY_ID


def test_configure_list_does_not_run_the_line_for_sdks(
    home: Home, emitter: Any
) -> None:
    """It would ask for a code where the plugin does not."""
    ran = home.path / 'ran'
    lines = {
        f'sh -c "touch {ran}; exit 1" awscli-mfa': False,
        f'sh -c "touch {ran}; exit 1"': True,
    }
    for line, expected in lines.items():
        home.write(f'{WORK}credential_process = {line}\n', LONG_TERM)
        session = home.session(profile='work')
        start(emitter, session)
        emitter.emit('before-building-argument-table-parser.configure.list')
        if expected:
            with pytest.raises(CredentialRetrievalError):
                session.get_credentials()
        else:
            assert session.get_credentials() is None
        assert ran.exists() is expected


@pytest.mark.parametrize(
    ('command', 'warning'), [('s3', True), ('mfa', False)]
)
def test_a_command_may_tell_of_the_end(
    home: Home, command: str, warning: bool
) -> None:
    """``aws mfa`` has other words, and hands sessions to programs."""
    home.write(WORK)
    hooks = CLIHooks()
    emitter = HierarchicalEmitter()
    hooks.register(emitter)
    start(emitter, home.session(profile='work'), command=command)
    assert hooks._needs.warning == warning
