# SPDX-License-Identifier: Apache-2.0
"""``awscli-mfa enable`` and ``disable`` where the set-up went wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

from awscli_mfa_plugin.diagnosis.checks import OK
from awscli_mfa_plugin.diagnosis.page import all_checks
from tests.broken_setups import Setup, put_fake_cli, setups

SETUPS = list(setups())
# What the doctor says, by a part of the set-up's name; the first one counts.
CAUSES = {
    'typing error': 'perhaps awscli_mfa_plugin is meant',
    'hyphens': 'is not the name of the module',
    'quotes': 'is not the name of the module',
    'no value': 'mfa has no value',
    'without a path': 'which the AWS CLI v2 needs, is missing',
    'removed folder': 'that is not there',
    'empty folder': 'there is no awscli_mfa_plugin in it',
    'file for a folder': 'that is not a folder',
    'literal tilde': 'does not expand ~ and variables',
    'variable': 'does not expand ~ and variables',
    'relative folder': 'it has to be the whole path',
    'folder of the package': 'the folder above it is the right one',
    'old copy, right name, path first': 'stands before the plugin',
    'damaged copy': 'is damaged',
    'empty copy': 'is damaged',
    'damaged fixed copy': 'is damaged',
    'dangling fixed copy': 'that is not there',
    'other plugin': 'other = others',
    'file empty': 'no line names the plugin',
    'file latin-1': 'it is not utf-8',
    'file utf-16': 'it is not utf-8',
    'file byte order mark': 'begins with a byte order mark',
    'file section twice': 'begins [plugins] a second time',
    'file plugin twice': 'sets mfa a second time',
    'file nested': 'mfa has no value',
    'file continued path': 'leads to /x, and that is not there',
    'file tabs': 'which the AWS CLI v2 needs, is missing',
    'file windows': 'no line names the plugin',
    'file': 'stands before the first [section]',
    'folder set-up': 'config is not a file',
    'link set-up': 'is a link to nowhere',
    'missing set-up': 'so aws does not load the plugin',
    'credentials set-up': 'stands before the first [section]',
    'blocked set-up': 'is not a folder, but',
}
# A file that is cut off ends in one of these.
CUT_OFF = (
    'neither a [section] nor a setting',
    'before the first [section]',
    'no line names the plugin',
    'mfa has no value',
    'is meant',
    'which the AWS CLI v2 needs, is missing',
    'does not expand',
    'it has to be the whole path',
    'that is not there',
    'there is no awscli_mfa_plugin in it',
    'No module named',
)
STATES = ['ends', 'works', 'loads']
NO_COMMAND = 2


class Computer:
    """A home folder with several ``aws`` on its PATH."""

    def __init__(
        self, home: Path, clis: list[Path], program: list[str]
    ) -> None:
        self.config = home / '.aws' / 'config'
        self._clis = clis
        self._program = program
        self._environment = {
            'HOME': str(home),
            'PATH': os.pathsep.join(str(cli.parent) for cli in clis),
            'LANG': 'C.UTF-8',
        }

    def states(self) -> list[str]:
        """Return what each CLI does: it loads the plugin, works or ends."""
        return [self._state(cli) for cli in self._clis]

    def awscli_mfa(self, command: str) -> int:
        """Run the program; it never ends in a traceback."""
        completed = subprocess.run(
            [*self._program, command],
            check=False,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert 'Traceback' not in completed.stderr, completed.stderr
        assert bool(completed.stderr) == bool(completed.returncode)
        return completed.returncode

    def diagnosis(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """Return what the doctor finds wrong."""
        with monkeypatch.context() as patched:
            for name, value in self._environment.items():
                patched.setenv(name, value)
            return '\n'.join(
                f'{check.message} {check.remedy}'
                for check in all_checks([])
                if check.status != OK
            )

    def content(self) -> bytes | None:
        """Return what the config file holds, if it is a file."""
        return self.config.read_bytes() if self.config.is_file() else None

    def _state(self, cli: Path) -> str:
        completed = subprocess.run(
            [cli, 'mfa', '--version'],
            check=False,
            env=self._environment,
            capture_output=True,
            text=True,
        )
        if completed.returncode == 0:
            return 'loads'
        # Without the plugin there is no such command.
        is_working = completed.returncode == NO_COMMAND
        return 'works' if is_working else 'ends'


def check(setup: Setup, computer: Computer, before: list[str]) -> None:
    """Check that nothing is worse after either command."""
    content = computer.content()
    if computer.awscli_mfa('enable') == 0:
        after = computer.states()
        assert 'loads' in after
    else:
        assert computer.content() == content
        after = before
    for was, now in zip(before, after):
        assert now in {'ends': STATES, 'works': STATES[1:]}.get(was, [was])
    disabled = computer.awscli_mfa('disable')
    last = computer.states()
    for was, now in zip(before, last):
        assert was == 'ends' or now != 'ends'
    if setup.ours:
        assert after == ['loads', 'loads']
        assert (disabled, last) == (0, ['works', 'works'])


def test_there_are_a_hundred() -> None:
    """Every set-up has a name of its own."""
    assert len({setup.name for setup in SETUPS}) == len(SETUPS) >= 100


@pytest.fixture(scope='module')
def package(
    plugin_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give the plugin without the parts that only make a copy slow."""
    folder = tmp_path_factory.mktemp('package') / 'plugin'
    shutil.copytree(
        plugin_folder,
        folder,
        ignore=shutil.ignore_patterns(
            'bin',
            'commands',
            'credentials',
            'diagnosis',
            'examples',
            'segno*',
            'share',
        ),
    )
    return folder


@pytest.fixture(scope='module')
def program(
    package: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """Give ``awscli-mfa`` with a Python that has no botocore to load."""
    folder = tmp_path_factory.mktemp('python')
    venv.create(folder, symlinks=True)
    python = folder / 'bin' / 'python'
    return [str(python), '-IS', str(package / 'awscli_mfa_plugin')]


@pytest.mark.parametrize('setup', SETUPS, ids=lambda setup: setup.name)
def test_broken_setup(
    setup: Setup,
    tmp_path: Path,
    package: Path,
    program: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A v1 that has the package and a v2 that is told where it is."""
    clis = [
        put_fake_cli(tmp_path / 'v1', '1.46.3', package=package),
        put_fake_cli(tmp_path / 'v2', '2.38.1'),
    ]
    setup.make(tmp_path / 'home', package)
    computer = Computer(tmp_path / 'home', clis, program)
    before = computer.states()
    if before != ['loads', 'loads']:
        found = computer.diagnosis(monkeypatch)
        assert any(cause in found for cause in causes_of(setup)), found
    check(setup, computer, before)


def causes_of(setup: Setup) -> tuple[str, ...]:
    """Return what the doctor has to say of a set-up, one of these."""
    for part, cause in CAUSES.items():
        if part in setup.name:
            return (cause,)
    return CUT_OFF
