# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.export_credentials."""

from __future__ import annotations

import argparse
import json
import subprocess

import pytest

from awscli_mfa_plugin.cache.notes import find_credentials
from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.commands.export_credentials import (
    ExportCredentialsCommand,
    format_credentials,
)
from awscli_mfa_plugin.commands.exported import ExportedCredentials
from awscli_mfa_plugin.exceptions.commands import (
    ControlCharacterError,
    NoCredentialsToExportError,
)
from tests.unit.conftest import Home, make_mfa_session
from tests.unit.names import ACCESS_KEY_ID, KEY, KEYS, SECRET_KEY, SERIAL

LASTING_DOCUMENT = {
    'AccessKeyId': 'AKIAEXAMPLE',
    'SecretAccessKey': 'se/cr+et=',
}
LASTING = ExportedCredentials(LASTING_DOCUMENT)
SESSION = ExportedCredentials(
    {
        'AccessKeyId': 'ASIAEXAMPLE',
        'SecretAccessKey': 'se/cr+et=',
        'SessionToken': 'to/ken+==',
        'Expiration': '2026-11-23T12:00:00Z',
    }
)
# What some other program might give as a secret.
ODD = 'a b\'c"d$e`f\\g&h%i;$(false)'
ODD_SECRET = ExportedCredentials({**LASTING_DOCUMENT, 'SecretAccessKey': ODD})


def test_process() -> None:
    """It is what the SDKs' documents ask for."""
    text = format_credentials(SESSION, 'process')
    assert text.endswith('}\n')
    assert json.loads(text) == {
        'Version': 1,
        'AccessKeyId': 'ASIAEXAMPLE',
        'SecretAccessKey': 'se/cr+et=',
        'SessionToken': 'to/ken+==',
        'Expiration': '2026-11-23T12:00:00Z',
    }
    assert json.loads(format_credentials(LASTING, 'process')) == {
        'Version': 1,
        'AccessKeyId': 'AKIAEXAMPLE',
        'SecretAccessKey': 'se/cr+et=',
    }


@pytest.mark.parametrize(
    ('output_format', 'line'),
    [
        ('env', 'export AWS_SESSION_TOKEN=to/ken+=='),
        ('env-no-export', 'AWS_SESSION_TOKEN=to/ken+=='),
        ('powershell', '$Env:AWS_SESSION_TOKEN="to/ken+=="'),
        ('windows-cmd', 'set AWS_SESSION_TOKEN=to/ken+=='),
        ('fish', 'set -gx AWS_SESSION_TOKEN to/ken+=='),
    ],
)
def test_variables(output_format: str, line: str) -> None:
    """The output has the form that v2's own command writes."""
    lines = format_credentials(SESSION, output_format).splitlines()
    assert len(lines) == 4
    assert lines[2] == line
    assert len(format_credentials(LASTING, output_format).splitlines()) == 2


@pytest.mark.parametrize(
    ('output_format', 'quoted'),
    [
        ('env', "'a b'\"'\"'c\"d$e`f\\g&h%i;$(false)'"),
        ('fish', "'a b\\'c\"d$e`f\\\\g&h%i;$(false)'"),
        ('powershell', '"a b\'c`"d`$e``f\\g&h%i;`$(false)"'),
        ('windows-cmd', 'a b\'c^"d$e`f\\g^&h^%i;$^(false^)'),
    ],
)
def test_odd_values(output_format: str, quoted: str) -> None:
    """A shell takes them as they are and runs nothing in them."""
    text = format_credentials(ODD_SECRET, output_format)
    assert text.splitlines()[1].endswith(quoted)


def test_a_shell_reads_odd_values() -> None:
    """A real one gives the value back."""
    script = format_credentials(ODD_SECRET, 'env')
    script += 'printf %s "$AWS_SECRET_ACCESS_KEY"'
    assert subprocess.check_output(['sh', '-c', script], text=True) == ODD


@pytest.mark.parametrize('output_format', ['env-no-export', 'windows-cmd'])
@pytest.mark.parametrize('character', '\n\r\0\x1a\x7f\x85')
def test_values_of_more_than_a_line(
    output_format: str, character: str
) -> None:
    """Where a line break would begin a command, it is refused."""
    odd = ExportedCredentials(
        {**LASTING_DOCUMENT, 'SessionToken': f'b{character}del c'}
    )
    with pytest.raises(ControlCharacterError) as raised:
        format_credentials(odd, output_format)
    assert str(raised.value) == (
        'The value of AWS_SESSION_TOKEN has a line break or another control '
        f'character in it, which {output_format} has no way to write. Use '
        'another format, such as process.'
    )
    document = json.loads(format_credentials(odd, 'sts'))['Credentials']
    assert document['SessionToken'] == f'b{character}del c'


def test_no_secret_in_its_repr() -> None:
    """It may end up in a log."""
    assert 'se/cr' not in repr(SESSION) and 'to/ken' not in repr(SESSION)


def run(home: Home, profile: str, output_format: str = 'process') -> int:
    """Run ``aws mfa export-credentials``, the plugin in the chain."""
    import awscli_mfa_plugin

    session = home.session(profile=profile)
    awscli_mfa_plugin.register(session)
    return ExportCredentialsCommand(session).run(
        argparse.Namespace(format=output_format), argparse.Namespace()
    )


def test_leaves_a_note(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """awscli-mfa finds the session that was exported."""
    home.write(
        f'[profile work]\nmfa_serial = {SERIAL}\nmfa_min_remaining = 600\n',
        f'[work-long-term]\n{KEYS}',
    )
    mfa_session = make_mfa_session()
    MFASessionCache().put(KEY, mfa_session)
    assert find_credentials('work') is None
    assert run(home, 'work') == 0
    exported = json.loads(capsys.readouterr().out)
    assert exported == {'Version': 1, **(find_credentials('work') or {})}
    (note,) = (home.cache / 'profiles').iterdir()
    assert note.read_text().splitlines()[5] == '600'


def test_no_note_where_the_key_may_change_unseen(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """A process that gives the long-term key may give another."""
    document = json.dumps(
        {
            'Version': 1,
            'AccessKeyId': ACCESS_KEY_ID,
            'SecretAccessKey': SECRET_KEY,
        }
    )
    keys = home.path / 'keys.json'
    keys.write_text(document)
    home.write(
        f'[profile work]\nmfa_serial = {SERIAL}\n'
        f'[profile work-long-term]\ncredential_process = cat {keys}\n'
    )
    MFASessionCache().put(KEY, make_mfa_session())
    assert run(home, 'work', 'env') == 0
    assert capsys.readouterr().out.startswith('export AWS_ACCESS_KEY_ID=ASIA')
    assert not (home.cache / 'profiles').exists()


def test_a_profile_without_credentials(home: Home) -> None:
    """It is said which one."""
    home.write('[profile empty]\nregion = eu-west-1\n')
    with pytest.raises(NoCredentialsToExportError, match='empty'):
        run(home, 'empty')
