# SPDX-License-Identifier: Apache-2.0
"""The AWS CLIs that host the plugin in the end-to-end tests."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Paths of further `aws` executables, separated like those of PATH.
VARIABLE = 'AWSCLI_MFA_TEST_CLIS'

_VERSION = re.compile(r'aws-cli/(\d+(?:\.\d+)*)')


class NoHostError(Exception):
    """An AWS CLI that must be there is missing or does not start."""


@dataclass(frozen=True)
class Host:
    """An AWS CLI: the path of its executable, its version and its name."""

    aws: str
    version: tuple[int, ...]
    name: str

    @property
    def is_v2(self) -> bool:
        """Whether it is v2, which wants to be told the plugin's folder."""
        return self.version >= (2,)

    def plugin_lines(self, folder: Path | str) -> str:
        """Return the section of the config file that loads the plugin.

        `folder` is where the plugin is installed for v2. On v1, which would
        import the path as if it were a plugin's name, it is left out.
        """
        lines = ['[plugins]']
        if self.is_v2:
            lines.append(f'cli_legacy_plugin_path = {folder}')
        lines.append('mfa = awscli_mfa_plugin')
        return '\n'.join(lines) + '\n'


@functools.cache
def hosts() -> tuple[Host, ...]:
    """Find the AWS CLIs to test with, v1 first.

    v1 is the one installed beside the running interpreter. v2 cannot be
    installed from PyPI: `AWSCLI_MFA_TEST_CLIS` names its executables, else
    the first v2 on PATH is taken. In CI a missing one is an error.
    """
    found = []
    beside = shutil.which('aws', path=str(Path(sys.executable).parent))
    if beside:
        found.append(_host(beside))
    named = os.environ.get(VARIABLE, '')
    if named:
        # Absolute: a test may start it in another folder.
        found.extend(
            _host(os.path.abspath(path))
            for path in named.split(os.pathsep)
            if path
        )
    else:
        found.extend(_first_v2_on_path())
    if os.environ.get('CI'):
        _check_complete(found)
    return tuple(found)


def _check_complete(found: list[Host]) -> None:
    v2_count = sum(host.is_v2 for host in found)
    if v2_count == len(found) or v2_count < 2:
        names = ', '.join(host.name for host in found) or 'none'
        raise NoHostError(
            'CI is set, and CI tests with one AWS CLI v1 and two v2 at '
            f'least; found: {names}. Name the v2 in {VARIABLE}, as .ci/run '
            'does.'
        )


def _host(aws: str) -> Host:
    with tempfile.TemporaryDirectory() as home:
        # Nothing of the developer's: a plugin named in a config file would
        # be imported even for --version.
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith('AWS_')
        }
        environment.update(HOME=home, USERPROFILE=home)
        try:
            completed = subprocess.run(
                [aws, '--version'],
                check=False,
                capture_output=True,
                env=environment,
                text=True,
                timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoHostError(f'{aws} does not start: {error}') from error
    answer = completed.stdout + completed.stderr
    match = _VERSION.match(answer)
    if completed.returncode or not match:
        raise NoHostError(f'{aws} --version says: {answer.strip()}')
    version = tuple(int(part) for part in match[1].split('.'))
    return Host(aws, version, f'v{version[0]}-{match[1]}')


def _first_v2_on_path() -> list[Host]:
    for folder in os.get_exec_path():
        aws = shutil.which('aws', path=folder)
        if aws is None:
            continue
        try:
            host = _host(aws)
        except NoHostError:
            # A version manager's stand-in without a CLI behind it.
            continue
        if host.is_v2:
            return [host]
    return []


def install_plugin(project: Path, folder: Path) -> None:
    """Install the plugin with what it requires into `folder`, for v2."""
    pip = [sys.executable, '-m', 'pip', 'install', '--quiet']
    subprocess.run(
        [*pip, '--disable-pip-version-check', '--target', folder, project],
        check=True,
    )
