# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.exec_command."""

from __future__ import annotations

import argparse
import errno
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from awscli_mfa_plugin.commands.exec_command import ExecCommand, _split
from awscli_mfa_plugin.exceptions import UsageError
from awscli_mfa_plugin.exceptions.commands import NestedExecError
from tests.unit.conftest import Home
from tests.unit.names import ACCESS_KEY_ID, KEYS

PLAIN = f'[profile plain]\nregion = eu-west-1\n{KEYS}'


class Executed(Exception):
    """The program that this process would have become."""

    def __init__(self, path: str, command: list[str], env: Any) -> None:
        super().__init__(path)
        self.command = command
        self.environment = dict(env)


def execute(path: str, command: list[str], env: Any) -> None:
    """Stand in for ``os.execve``, which does not return."""
    raise Executed(path, command, env)


@pytest.fixture(autouse=True)
def _no_execve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, 'execve', execute)
    monkeypatch.setattr(signal, 'signal', lambda *_: None)


def run(
    home: Home, *command: str, profile: str = 'plain', region: str = ''
) -> int:
    """Run ``aws mfa exec -- COMMAND``."""
    command_of_aws = ExecCommand(home.session(profile=profile))
    command_of_aws._command = list(command)
    return command_of_aws.run(
        argparse.Namespace(), argparse.Namespace(region=region or None)
    )


@pytest.mark.parametrize(
    ('args', 'argv', 'expected'),
    [
        # What the parsers leave: with the first "--" or without it.
        ('-- a -- b', 'mfa exec -- a -- b', ('', 'a -- b')),
        ('a -- b', 'mfa exec -- a -- b', ('', 'a -- b')),
        ('-- a', 'mfa exec -- a', ('', 'a')),
        ('a', 'mfa exec -- a', ('', 'a')),
        # Of what is before it there is something left over.
        ('x -- a', 'mfa exec x -- a', ('x', 'a')),
        ('x a', 'mfa exec x -- a', ('x', 'a')),
        # An alias: "t = mfa exec -- env", "r = mfa exec".
        ('-- env a', 't a', ('', 'env a')),
        ('-- env a -- b', 't a -- b', ('', 'env a -- b')),
        ('a --b', 'r -- a --b', ('', 'a --b')),
        # No command.
        ('', 'mfa exec', ('', '')),
        ('--', 'mfa exec --', ('', '')),
        ('', 'mfa exec --', ('', '')),
        ('a', 'mfa exec a', ('a', '')),
    ],
)
def test_split(args: str, argv: str, expected: tuple[str, str]) -> None:
    """The first ``--`` parts our arguments from the program's."""
    before, command = _split(args.split(), argv.split())
    assert (' '.join(before), ' '.join(command)) == expected


def test_environment(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of other credentials is left beside the profile's."""
    home.write(PLAIN)
    for name in (
        'AWS_PROFILE',
        'AWS_DEFAULT_PROFILE',
        'AWS_SESSION_TOKEN',
        'AWS_SECURITY_TOKEN',
        'AWS_CREDENTIAL_EXPIRATION',
    ):
        monkeypatch.setenv(name, 'stale')
    with pytest.raises(Executed) as executed:
        run(home, 'sh', '-c', 'true')
    environment = executed.value.environment
    assert 'stale' not in environment.values()
    assert environment['AWS_ACCESS_KEY_ID'] == ACCESS_KEY_ID
    assert environment['AWS_MFA_EXEC_PROFILE'] == 'plain'
    assert environment['AWS_REGION'] == 'eu-west-1'
    assert executed.value.command == ['sh', '-c', 'true']


@pytest.mark.parametrize(
    ('variables', 'option', 'expected'),
    [
        ({}, '', ('eu-west-1', 'eu-west-1')),
        ({'AWS_REGION': 'x'}, '', ('x', None)),
        ({'AWS_DEFAULT_REGION': 'x'}, '', (None, 'x')),
        ({'AWS_REGION': 'x'}, 'y', ('y', 'y')),
    ],
)
def test_region(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    option: str,
    expected: tuple[str | None, str | None],
) -> None:
    """``--region``, else the environment's, else the profile's."""
    home.write(PLAIN)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Executed) as executed:
        run(home, 'sh', region=option)
    environment = executed.value.environment
    assert (
        environment.get('AWS_REGION'),
        environment.get('AWS_DEFAULT_REGION'),
    ) == expected


def test_no_command(home: Home) -> None:
    """It says how a command is given."""
    home.write(PLAIN)
    with pytest.raises(UsageError, match='needs a command behind "--"'):
        run(home)


def test_nested(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says inside which profile's session it is, and the way out."""
    home.write(PLAIN)
    monkeypatch.setenv('AWS_MFA_EXEC_PROFILE', 'outer')
    with pytest.raises(NestedExecError, match=r'outer.*AWS_MFA_EXEC_PROFILE'):
        run(home, 'sh')


def test_not_found(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is a shell's."""
    home.write(PLAIN)
    assert run(home, 'no-such-program') == 127
    errors = capsys.readouterr().err
    assert errors == '\nno-such-program: command not found\n'


@pytest.mark.parametrize(
    ('number', 'why'),
    [
        (
            errno.ENOEXEC,
            'cannot be executed because it is no program of this system; '
            'the first line of a script has to be one like #!/bin/sh',
        ),
        (
            errno.ENOENT,
            'cannot be executed because the interpreter that it names is '
            'not there',
        ),
        (errno.E2BIG, 'cannot be executed: Argument list too long'),
    ],
)
def test_not_executable(
    home: Home,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    why: str,
) -> None:
    """It says why in a sentence, and the exit code is a shell's."""
    home.write(PLAIN)
    script = tmp_path / 'script'
    script.touch(0o755)

    def refuse(path: str, command: list[str], env: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, 'execve', refuse)
    assert run(home, str(script)) == 126
    assert capsys.readouterr().err == f'\n{script}: {why}\n'


def test_without_the_permission(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is there but no program is not one that is not there."""
    home.write(PLAIN)
    script = tmp_path / 'script'
    script.touch(0o644)
    for path in (script, tmp_path):
        assert run(home, str(path)) == 126
        assert capsys.readouterr().err == (
            f'\n{path}: cannot be executed because it is not an executable '
            'file\n'
        )
