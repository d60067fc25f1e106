# SPDX-License-Identifier: Apache-2.0
"""``awscli-mfa enable`` and ``disable`` where the set-up went wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.broken_setups import Setup, put_fake_cli, setups

SETUPS = list(setups())
STATES = ['ends', 'works', 'loads']
NO_COMMAND = 2


class Computer:
    """A home folder with several ``aws`` on its PATH."""

    def __init__(self, home: Path, clis: list[Path], plugin: Path) -> None:
        self.config = home / '.aws' / 'config'
        self._clis = clis
        self._program = [
            sys.executable,
            '-IS',
            str(plugin / 'awscli_mfa_plugin'),
        ]
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


def check(setup: Setup, computer: Computer) -> None:
    """Check that nothing is worse after either command."""
    before, content = computer.states(), computer.content()
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
    """Give the plugin without the parts that make each copy slow."""
    folder = tmp_path_factory.mktemp('package') / 'plugin'
    shutil.copytree(
        plugin_folder,
        folder,
        ignore=shutil.ignore_patterns('examples', 'segno*', 'share', 'bin'),
    )
    return folder


@pytest.mark.parametrize('setup', SETUPS, ids=lambda setup: setup.name)
def test_broken_setup(setup: Setup, tmp_path: Path, package: Path) -> None:
    """A v1 that has the package and a v2 that is told where it is."""
    clis = [
        put_fake_cli(tmp_path / 'v1', '1.46.3', package=package),
        put_fake_cli(tmp_path / 'v2', '2.38.1'),
    ]
    setup.make(tmp_path / 'home', package)
    check(setup, Computer(tmp_path / 'home', clis, package))
