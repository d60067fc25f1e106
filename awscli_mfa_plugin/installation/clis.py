# SPDX-License-Identifier: Apache-2.0
"""The AWS CLIs of this computer: where, which version, do they work."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from awscli_mfa_plugin.host.child_environment import child_environment

_T = TypeVar('_T')

_VERSION = re.compile(r'aws-cli/(\d\S*)')

# A cold start takes seconds on a slow disk. A CLI that takes longer hangs.
_PATIENCE_SECONDS = 30

# Prints where a Python has this package, and which version.
_WHERE = 'import awscli_mfa_plugin as p; print(p.__version__, p.__path__[0])'


@dataclass(frozen=True)
class CLI:
    """An AWS CLI, by the path of its ``aws``."""

    path: str
    version: str

    @property
    def is_v1(self) -> bool:
        """Whether it is v1, which has its plugins in its own Python."""
        return self.version.startswith('1.')

    def __str__(self) -> str:
        return f'{self.path} ({self.version})'


@dataclass(frozen=True)
class Trial:
    """How a CLI takes the config file.

    :ivar works: It runs.
    :ivar loads: It runs and has the command ``aws mfa``.
    :ivar reason: The CLI's own words if it does not run.
    """

    works: bool
    loads: bool
    reason: str = ''


def find_clis(paths: Sequence[str] | None = None) -> list[CLI]:
    """Return every CLI on the ``PATH``, or those that are named.

    A version manager's ``aws`` without a CLI behind it is none.
    """
    return [cli for cli in _at_once(_ask_version, find_aws(paths)) if cli]


def find_aws(paths: Sequence[str] | None = None) -> list[str]:
    """Return every ``aws`` on the ``PATH``, or those that are named.

    Whether it is a CLI is not known. Under two names the same program
    counts once.
    """
    if paths is None:
        folders = os.environ.get('PATH', os.defpath).split(os.pathsep)
        found = (
            shutil.which('aws', path=folder)
            for folder in folders
            if os.path.isabs(folder)
        )
    else:
        found = (os.path.abspath(os.path.expanduser(path)) for path in paths)
    programs = {os.path.realpath(path): path for path in found if path}
    return list(programs.values())


def try_clis(
    clis: Sequence[CLI], config_file: str | None = None
) -> list[Trial]:
    """Find out how each CLI takes the config file as it stands.

    :param config_file: Another one, in the place of the person's.
    """
    variables = {} if config_file is None else {'AWS_CONFIG_FILE': config_file}
    return _at_once(lambda cli: _try(cli, variables), clis)


def package_of_v1(cli: CLI) -> tuple[str, str] | None:
    """Return version and folder of the package that a v1 has installed."""
    python = _python_of(cli.path)
    if python is None:
        return None
    completed = _run([python, '-c', _WHERE])
    version, _, folder = completed.stdout.strip().partition(' ')
    return (version, folder) if completed.returncode == 0 else None


def install_command(cli: CLI) -> str:
    """Return the command that installs the package beside a CLI v1."""
    package = 'awscli-mfa-plugin'
    python = _python_of(cli.path)
    if python is None:
        return f'python3 -m pip install {package}'
    folders = python.split(os.sep)
    if 'pipx' in folders and 'venvs' in folders:
        environment = folders[folders.index('venvs') + 1]
        return f'pipx inject {shlex.quote(environment)} {package}'
    if 'uv' in folders:
        # An environment that uv made has no pip.
        return f'uv pip install --python {shlex.quote(python)} {package}'
    return f'{shlex.quote(python)} -m pip install {package}'


def _at_once(
    function: Callable[..., _T], arguments: Iterable[object]
) -> list[_T]:
    # Each is a process of half a second and more.
    with ThreadPoolExecutor() as threads:
        return list(threads.map(function, arguments))


def _ask_version(path: str) -> CLI | None:
    """Return the CLI of a path, if it is one.

    Without any configuration it starts whatever the person's says.
    """
    nothing = dict.fromkeys(
        ('AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'), os.devnull
    )
    completed = _run([path, '--version'], **nothing)
    match = _VERSION.match(completed.stdout + completed.stderr)
    if completed.returncode or match is None:
        return None
    return CLI(path, match[1])


def _try(cli: CLI, variables: Mapping[str, str]) -> Trial:
    # The parser refuses a command that it does not know before it sees the
    # option, so this succeeds where "aws mfa" is there, and runs nothing.
    if _run([cli.path, 'mfa', '--version'], **variables).returncode == 0:
        return Trial(works=True, loads=True)
    completed = _run([cli.path, '--version'], **variables)
    if completed.returncode == 0:
        return Trial(works=True, loads=False)
    lines = completed.stderr.strip().splitlines() or ['it says nothing']
    return Trial(works=False, loads=False, reason=lines[-1].strip())


def _run(
    command: Sequence[str], **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; one that cannot be run has failed."""
    environment = child_environment()
    # A profile that does not exist would be the error, or auto-prompt ask.
    for name in ('AWS_PROFILE', 'AWS_DEFAULT_PROFILE'):
        environment.pop(name, None)
    environment.update(AWS_CLI_AUTO_PROMPT='off', **variables)
    try:
        return subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding='utf-8',
            errors='replace',
            env=environment,
            timeout=_PATIENCE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 127, '', str(error))


def _python_of(script: str) -> str | None:
    """Return the Python that a script is run by, from its first lines.

    pip writes a path with a blank or one that is too long for ``#!`` as
    an argument of ``exec`` in the second line.
    """
    try:
        with open(script, 'rb') as file:
            lines = file.read(4096).decode('utf-8', 'replace').splitlines()
    except OSError:
        return None
    if not lines or not lines[0].startswith('#!'):
        return None
    try:
        words = shlex.split(' '.join([lines[0][2:], *lines[1:2]]))
    except ValueError:
        words = lines[0][2:].split()
    for word in words:
        if os.path.isabs(word) and 'python' in os.path.basename(word):
            return word
    return None
