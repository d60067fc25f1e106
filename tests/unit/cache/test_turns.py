# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.cache.turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from awscli_mfa_plugin.cache.turns import holder_of, turn
from awscli_mfa_plugin.host.processes import Process, this_process
from tests.unit.cache.conftest import mode

ROOT = Path(__file__).parents[3]

# Holds the turn until its standard input ends or it is killed.
HOLD = """
import sys
from awscli_mfa_plugin.cache.turns import turn
sys.argv[1:1] = ['s3', 'ls']
sys.argv[0] = 'aws'
with turn(sys.argv[3], lambda holder: True) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a lock file in a folder that is not there yet."""
    return str(tmp_path / 'mfa-cache' / 'session.lock')


def start(path: str) -> subprocess.Popen[str]:
    """Start a process that holds the turn."""
    process = subprocess.Popen(
        [sys.executable, '-c', HOLD, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert 'is_held=True' in process.stdout.readline()
    return process


def test_a_turn_leaves_word_while_it_lasts(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may know who has it, and only the owner can read it."""
    process = Process('aws s3 ls', 4711, '/dev/pts/3 12', 'pts/3')
    monkeypatch.setattr(
        'awscli_mfa_plugin.cache.turns.this_process', lambda: process
    )
    with turn(path, lambda _: False) as mine:
        assert (mine.is_held, mine.was_left) == (True, False)
        assert holder_of(path) == process
        assert mode(Path(path).with_suffix('.holder')) == 0o600
    assert holder_of(path) is None
    assert os.listdir(os.path.dirname(path)) in ([], ['session.lock'])


def test_who_waits_is_told_by_whom(path: str) -> None:
    """Waiting ends when it is said to, or with the turn of the other."""
    told: list[Process | None] = []
    with start(path) as process:

        def wait_once(holder: Process | None) -> bool:
            told.append(holder)
            return False

        with turn(path, wait_once) as mine:
            assert not mine.is_held
        assert holder_of(path) is not None

        def let_go(holder: Process | None) -> bool:
            assert process.stdin is not None
            process.stdin.close()
            return True

        with turn(path, let_go) as mine:
            assert (mine.is_held, mine.was_left) == (True, False)
        (holder,) = told
        assert holder is not None
        assert holder.process_id == process.pid
        assert holder.command == 'aws s3 ls'


def test_a_killed_process_is_noticed(path: str) -> None:
    """The next one learns that the terminal may need to be put right."""
    with start(path) as process:
        process.kill()
    with turn(path, lambda _: True) as mine:
        assert (mine.is_held, mine.was_left) == (True, True)
        assert holder_of(path) == this_process()


@pytest.mark.parametrize(
    'changes',
    [
        {'ProcessId': True},
        {'ProcessId': '1'},
        {'Command': ''},
        {'Command': 'aws \033[2J'},
        {'TerminalName': 'pts/3\n'},
        {'TerminalName': None},
        {'Terminal': 7},
        {'Version': 2},
    ],
)
def test_word_that_is_not_believed(
    path: str, changes: dict[str, object]
) -> None:
    """Nothing is shown that could not have been left by a turn."""
    word = Path(path).with_suffix('.holder')
    with turn(path, lambda _: False):
        entry = json.loads(word.read_text())
    word.write_text(json.dumps({**entry, **changes}))
    word.chmod(0o600)
    assert holder_of(path) is None


def test_without_a_lock_the_work_is_done(tmp_path: Path) -> None:
    """Where nothing can be locked nobody has a turn to wait for."""
    (tmp_path / 'file').touch()
    path = str(tmp_path / 'file' / 'cache' / 'a.lock')
    with turn(path, lambda _: pytest.fail('waits')) as mine:
        assert not mine.is_held


def test_somebody_elses_link_is_not_followed(
    path: str, tmp_path: Path
) -> None:
    """Word is left in a file of its own."""
    word = Path(path).with_suffix('.holder')
    word.parent.mkdir()
    word.symlink_to(tmp_path / 'theirs')
    with turn(path, lambda _: False) as mine:
        assert mine.is_held
        assert holder_of(path) == this_process()
    assert not (tmp_path / 'theirs').exists()
