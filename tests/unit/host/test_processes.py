# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.host.processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from awscli_mfa_plugin.host.processes import Process, this_process


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        (['/usr/bin/aws', 's3', 'ls', 's3://payroll'], 'aws s3 ls'),
        (['aws', 'mfa', 'login', '123456'], 'aws mfa login'),
        (['aws', '--profile', 'payroll', 's3', 'ls'], 'aws'),
        (['aws', 'sts', '--debug'], 'aws sts'),
        (['aws', '123456'], 'aws'),
        (['aws', 's3', 'ls\033[2J'], 'aws s3'),
        (['backup.py', 'password'], 'backup.py'),
        (['/opt/\033[2J'], 'another program'),
        (['-c'], '-c'),
        ([], 'another program'),
    ],
)
def test_a_process_tells_its_command_and_no_more(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: str
) -> None:
    """What follows an option or names a thing may be somebody's secret."""
    monkeypatch.setattr(sys, 'argv', arguments)
    assert this_process().command == expected
    assert this_process().process_id == os.getpid()


def test_how_it_is_shown() -> None:
    """The number and the terminal tell a person where to look."""
    process = Process('aws s3 ls', 123, 'key', 'pts/3')
    assert str(process) == 'aws s3 ls (process 123, terminal pts/3)'
    assert str(Process('aws', 123, 'key')) == 'aws (process 123)'


@pytest.mark.skipif(
    not os.path.exists('/proc/self/stat'), reason='no /proc on this system'
)
def test_a_stopped_process_is_known() -> None:
    """Ctrl-Z shows, as long as it lasts."""
    with subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1) as made:
        process = Process('python', made.pid, 'key')
        assert not process.is_stopped()
        made.send_signal(signal.SIGSTOP)
        os.waitpid(made.pid, os.WUNTRACED)
        assert process.is_stopped()
        made.kill()
    assert not process.is_stopped()
