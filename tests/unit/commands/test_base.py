# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.base."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import awscli_mfa_plugin
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.mfa import MFACommand
from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    MFAError,
    UnknownProfileError,
    UsageError,
)
from awscli_mfa_plugin.exceptions.token_codes import (
    InvalidTokenCodeError,
    MFAProcessError,
    NoMFASessionError,
)

EXCEPTIONS = 'awscli.customizations.exceptions'


class ConfigurationError(Exception):
    """What v2 exits with 253 for."""


class ParamValidationError(Exception):
    """What v2 exits with 252 for."""


@pytest.fixture
def v1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a CLI without exceptions of its own."""
    monkeypatch.setitem(sys.modules, EXCEPTIONS, None)


@pytest.fixture
def v2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a CLI that chooses its exit code by the exception."""
    module = ModuleType(EXCEPTIONS)
    vars(module).update(
        ConfigurationError=ConfigurationError,
        ParamValidationError=ParamValidationError,
    )
    monkeypatch.setitem(sys.modules, EXCEPTIONS, module)


class FailingCommand(MFABasicCommand):
    """A command that raises what it is told to."""

    NAME = 'fail'

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(None)
        self._error = error

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        if self._error is not None:
            raise self._error
        return 7


def run(error: Exception | None) -> int:
    """Run a command that raises the error."""
    return FailingCommand(error)._run_main(None, None)


def test_exit_code_is_the_commands() -> None:
    """What a command returns is what ``aws`` exits with."""
    assert run(None) == 7


def test_v1_usage(v1: None, capsys: pytest.CaptureFixture[str]) -> None:
    """v1 exits with 2 for a wrong command line, and says why."""
    assert run(InvalidTokenCodeError()) == 2
    output, errors = capsys.readouterr()
    assert output == ''
    assert errors == f'\n{InvalidTokenCodeError()}\n'


@pytest.mark.parametrize(
    'error',
    [
        UnknownProfileError(profile='work'),
        MFAConfigurationError(msg='x'),
        NoMFASessionError(profile='work', lasting=''),
    ],
)
def test_v1_others(v1: None, error: MFAError) -> None:
    """v1 shows every other error itself, and exits with 255."""
    with pytest.raises(type(error)) as caught:
        run(error)
    assert caught.value is error


def test_v2_usage(v2: None) -> None:
    """v2 exits with 252 for a wrong command line."""
    with pytest.raises(ParamValidationError, match='six digits'):
        run(InvalidTokenCodeError())


@pytest.mark.parametrize(
    'error',
    [UnknownProfileError(profile='work'), NoMFASessionError(profile='work')],
)
def test_v2_configuration(v2: None, error: MFAError) -> None:
    """v2 exits with 253 for what the files have wrong, or no session."""
    with pytest.raises(ConfigurationError, match='--profile work'):
        run(error)


def test_v2_others(v2: None) -> None:
    """v2 finds the exit code of every other error itself."""
    error = MFAProcessError(profile='work', reason='x')
    with pytest.raises(MFAProcessError) as caught:
        run(error)
    assert caught.value is error


def test_other_errors_pass(v1: None) -> None:
    """A bug is not dressed up as an error of the user's."""
    with pytest.raises(KeyError, match='bug'):
        run(KeyError('bug'))


def test_bare_mfa_names_its_subcommands() -> None:
    """``aws mfa`` alone says which subcommands there are."""
    command = MFACommand(None)
    with pytest.raises(UsageError, match=r'\n  login  .*\n  status'):
        command.run(None, None)


def test_every_command_has_help() -> None:
    """Each command has a description and each argument a help text."""
    commands: list[Any] = [
        MFACommand,
        *(sub['command_class'](None) for sub in MFACommand.SUBCOMMANDS),
    ]
    assert len(commands) == 13
    for command in commands:
        folder = Path(awscli_mfa_plugin.__file__).parent / 'examples'
        path = folder / command.DESCRIPTION.filename
        assert path.read_text(encoding='utf-8').strip()
        for argument in command.ARG_TABLE:
            assert argument['help_text'].endswith('.')


def test_help_is_looked_for_in_this_package() -> None:
    """Help texts come from this package, not from the CLI's."""
    assert from_file('mfa', '_description.rst').root_module is (
        awscli_mfa_plugin
    )
