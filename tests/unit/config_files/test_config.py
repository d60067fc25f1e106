# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.config_files.config."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from awscli_mfa_plugin.config_files.config import write_profile
from awscli_mfa_plugin.exceptions.files import ConfigWriteError
from tests.unit.conftest import Home
from tests.unit.names import SERIAL

ROOT = Path(__file__).parents[3]
LINE = f'mfa_serial = {SERIAL}'.encode()


def write(home: Home, name: str = 'work', **values: str) -> str:
    """Write the profile's serial number, or other values."""
    return write_profile(
        home.session(), name, values or {'mfa_serial': SERIAL}
    )


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        # Nothing there yet.
        (b'', b'[profile work]\n%s\n'),
        # A new section comes last.
        (
            b'# mine\n\n[default]\nregion=x\n',
            b'# mine\n\n[default]\nregion=x\n[profile work]\n%s\n',
        ),
        (b'[default]\nregion=x', b'[default]\nregion=x\n[profile work]\n%s\n'),
        (
            b'[default]\r\nregion = x\r\n',
            b'[default]\r\nregion = x\r\n[profile work]\r\n%s\r\n',
        ),
        (
            b'[default]\r\nregion = x',
            b'[default]\r\nregion = x\r\n[profile work]\r\n%s\r\n',
        ),
        # An existing section gets the one line.
        (
            b'[profile work]\nregion = x\n\n; two\n[profile b]\nregion=y\n',
            b'[profile work]\nregion = x\n%s\n\n; two\n'
            b'[profile b]\nregion=y\n',
        ),
        (
            b'[profile work]\r\nregion = x\r\n[profile b]\r\nregion=y\r\n',
            b'[profile work]\r\nregion = x\r\n%s\r\n'
            b'[profile b]\r\nregion=y\r\n',
        ),
        (
            b'[profile work]\nregion = x\n',
            b'[profile work]\nregion = x\n%s\n',
        ),
        (b'[profile work]\nregion = x', b'[profile work]\nregion = x\n%s\n'),
        (b'[profile work]\n', b'[profile work]\n%s\n'),
        # Odd layout, tabs, umlauts and mixed endings stay.
        (
            b'\n\n  # \xc3\xa4 \t\n[default]\r\nregion=x  \n\n\n'
            b'[profile work]\noutput =   json \r\n[b]\r\nx:y\n',
            b'\n\n  # \xc3\xa4 \t\n[default]\r\nregion=x  \n\n\n'
            b'[profile work]\noutput =   json \r\n%s\r\n[b]\r\nx:y\n',
        ),
        # A nested section before it.
        (
            b'[profile work]\ns3 =\n    a = b\nregion = x\n[profile b]\n',
            b'[profile work]\ns3 =\n    a = b\nregion = x\n%s\n[profile b]\n',
        ),
        # What is there is replaced.
        (
            b'[profile work]\n# c\nmfa_serial = old\nregion = x\n',
            b'[profile work]\n# c\n%s\nregion = x\n',
        ),
        # A comment that looks like the section.
        (
            b'# [profile work]\n[profile b]\nregion = x\n',
            b'# [profile work]\n[profile b]\nregion = x\n[profile work]\n%s\n',
        ),
    ],
)
def test_only_the_new_line_changes(
    home: Home, before: bytes, after: bytes
) -> None:
    """Every other byte of the file stays as it was."""
    home.config.write_bytes(before)
    assert write(home) == str(home.config)
    assert home.config.read_bytes() == after % LINE


def test_same_value_changes_nothing(home: Home) -> None:
    """Writing what is there already leaves the file as it was."""
    before = b'# c\r\n[profile work]\n' + LINE + b'\r\nregion = x'
    home.config.write_bytes(before)
    write(home)
    assert home.config.read_bytes() == before


def test_two_changes_leave_what_is_between(home: Home) -> None:
    """Lines between two changed ones keep their endings."""
    home.config.write_bytes(
        b'[profile work]\nregion = a\n# c\noutput = b\n[x]\r\ny = 1\r\n'
    )
    write(home, region='r', output='o')
    assert b'\n# c\n' in home.config.read_bytes()


@pytest.mark.parametrize(
    'name', ['default', 'work', 'my profile', 'a-b_c@d.e']
)
def test_botocore_reads_what_was_written(home: Home, name: str) -> None:
    """Whatever a profile is called, it is found again."""
    home.write('[profile another]\nregion = x\n')
    write(home, name)
    write(home, name, region='eu-west-1')
    assert home.session().full_config['profiles'] == {
        'another': {'region': 'x'},
        name: {'mfa_serial': SERIAL, 'region': 'eu-west-1'},
    }


def test_default_profile_has_no_prefix(home: Home) -> None:
    """The section of the default profile is ``[default]``."""
    write(home, 'default')
    assert home.config.read_bytes() == b'[default]\n' + LINE + b'\n'


def test_missing_folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not there is made."""
    path = home.path / 'new' / 'folder' / 'config'
    monkeypatch.setenv('AWS_CONFIG_FILE', str(path))
    write(home)
    assert LINE in path.read_bytes()


def test_tilde(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path is shown as it was set and written where it leads."""
    monkeypatch.setenv('AWS_CONFIG_FILE', '~/my-config')
    assert write(home) == '~/my-config'
    assert LINE in (home.path / 'my-config').read_bytes()


def files(folder: Path) -> set[str]:
    """Return what is in a folder, but for the cache's own."""
    return set(os.listdir(folder)) - {'cli'}


@pytest.mark.parametrize('step', ['fsync', 'replace'])
def test_failure_leaves_the_file(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A full disk leaves the file as it was, and nothing beside it."""

    def full(*arguments: object) -> None:
        raise OSError(28, 'No space left on device')

    home.config.write_bytes(b'[default]\r\n')
    with monkeypatch.context() as patch:
        patch.setattr(os, step, full)
        with pytest.raises(ConfigWriteError, match='No space left') as caught:
            write(home)
    assert str(home.config) in str(caught.value)
    assert home.config.read_bytes() == b'[default]\r\n'
    assert files(home.config.parent) == {'config'}


def test_folder_that_cannot_be_made(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path under a file is an error that names the path."""
    (home.path / 'file').touch()
    path = home.path / 'file' / 'config'
    monkeypatch.setenv('AWS_CONFIG_FILE', str(path))
    with pytest.raises(ConfigWriteError, match='file/config'):
        write(home)


# Waits for its start, so that all write at once.
WRITE = """
import sys
import botocore.session
from awscli_mfa_plugin.config_files.config import write_profile
session = botocore.session.Session()
print('ready', flush=True)
sys.stdin.readline()
for number in range(20):
    write_profile(session, f'{sys.argv[1]}-{number}', {'region': 'x'})
"""


def test_two_processes_at_once(home: Home) -> None:
    """Two that write at the same time both have their profiles in."""
    processes = [
        subprocess.Popen(
            [sys.executable, '-c', WRITE, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for name in ('a', 'b')
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == 'ready\n'
    for process in processes:
        assert process.stdin is not None
        process.stdin.write('\n')
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0]
    assert set(home.session().full_config['profiles']) == {
        f'{name}-{number}' for name in ('a', 'b') for number in range(20)
    }


@pytest.mark.parametrize(
    ('name', 'header'),
    [
        ('default', 'profile default'),
        ('work', 'profile "work"'),
        ('work', "profile 'work'"),
        ('work', 'profile  work'),
        ('work', 'profile\twork'),
        ('my profile', 'profile "my profile"'),
        ('my profile', 'profile my\\ profile'),
    ],
)
def test_another_spelling_of_the_section(
    home: Home, name: str, header: str
) -> None:
    """It is written to: a second section would hide it."""
    before = f'# Mine.\r\n[{header}] # too\r\nregion = x\r\n\r\n[y]\r\n'
    home.config.write_bytes(before.encode())
    write(home, name)
    assert home.session().full_config['profiles'][name] == {
        'region': 'x',
        'mfa_serial': SERIAL,
    }
    assert home.config.read_bytes() == before.encode().replace(
        b'region = x\r\n', b'region = x\r\n' + LINE + b'\r\n'
    )


def test_several_spellings_of_the_section(home: Home) -> None:
    """botocore reads the last one."""
    home.write('[default]\nregion = x\n[profile default]\nregion = y\n')
    write(home, 'default')
    assert home.session().full_config['profiles']['default'] == {
        'region': 'y',
        'mfa_serial': SERIAL,
    }


@pytest.mark.parametrize('name', ["it's", 'a"b', "it's a b"])
def test_a_name_that_has_to_be_quoted(home: Home, name: str) -> None:
    """The CLI's own way of writing it cannot be read."""
    write(home, name)
    write(home, name, region='x')
    assert home.session().full_config['profiles'][name] == {
        'mfa_serial': SERIAL,
        'region': 'x',
    }
