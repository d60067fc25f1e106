# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.diagnosis.files."""

from __future__ import annotations

import pytest
from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError

from awscli_mfa_plugin.diagnosis.checks import OK, PROBLEM, WARNING
from awscli_mfa_plugin.diagnosis.files import check_files, find_secrets
from tests.unit.conftest import Home
from tests.unit.names import SECRET_KEY, WORK, WORK_KEYS


def said(status: str) -> list[str]:
    """Return what is found and what mends it."""
    return [
        f'{check.message} -> {check.remedy}'
        for check in check_files()
        if check.status == status
    ]


def test_good_files(home: Home) -> None:
    """Nothing is to be mended in files that only their owner can read."""
    home.write(WORK, WORK_KEYS)
    home.credentials.chmod(0o600)
    home.cache.mkdir(parents=True, mode=0o700)
    assert [check.status for check in check_files()] == [OK] * 3


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('region = x\n', 'line 1 stands before the first [section]'),
        ('\ufeff[a]\n', 'it begins with a byte order mark'),
        ('[a]\n[a]\n', 'line 2 begins [a] a second time'),
        ('[a]\nx = 1\nx = 2\n', 'line 3 sets x a second time'),
        ('[a]\nx\n', 'line 2 is neither a [section] nor a setting'),
        ('[a]\ns3 =\n  x\n', 'a line below s3 in [a] is no setting'),
    ],
)
def test_a_file_that_does_not_parse(
    home: Home, text: str, reason: str
) -> None:
    """Where botocore gives up, the line is named and not quoted."""
    home.write(text)
    with pytest.raises(ConfigParseError):
        raw_config_parse(str(home.config))
    (found,) = said(PROBLEM)
    assert f'cannot be read: {reason}' in found
    assert 'AWS_CONFIG_FILE=/dev/null' in found


def test_a_file_of_another_encoding(home: Home) -> None:
    """A file that cannot be decoded is named with its encoding."""
    home.write()
    home.config.write_bytes(b'[a]\nx = \xff\n')
    (found,) = said(PROBLEM)
    assert 'it is not utf-8' in found


def test_keys_that_others_may_read(home: Home) -> None:
    """The mode matters only for a file that holds a secret."""
    home.write(WORK, WORK_KEYS)
    home.config.chmod(0o644)
    home.credentials.chmod(0o644)
    (found,) = said(WARNING)
    assert 'mode 644' in found
    assert found.endswith(f'chmod 600 {home.credentials}')


def test_what_stands_in_the_way(home: Home) -> None:
    """Folders, links and files in each other's place are named."""
    home.config.mkdir()
    home.credentials.symlink_to('nowhere')
    (home.config.parent / 'cli').write_text('')
    found = '\n'.join(said(PROBLEM))
    assert f'{home.config} is not a file' in found
    assert f'{home.credentials} is a link to nowhere' in found
    assert f'{home.config.parent}/cli is not a folder' in found


def test_a_cache_that_others_may_write(home: Home) -> None:
    """Somebody else could put a session there."""
    home.write(WORK)
    home.cache.mkdir(parents=True)
    home.cache.chmod(0o777)
    (found,) = said(PROBLEM)
    assert found.endswith(f'chmod 700 {home.cache}')


def test_a_variable_that_leads_nowhere(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is named, for the file cannot be."""
    home.write()
    monkeypatch.setenv('AWS_CONFIG_FILE', str(home.path / 'no'))
    (found,) = said(PROBLEM)
    assert found.endswith('unset AWS_CONFIG_FILE')


def test_find_secrets(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are found in both files, in any section, and in variables."""
    monkeypatch.setenv('AWS_SESSION_TOKEN', 'token-in-variable')
    home.write('[profile x]\naws_session_token = token-in-config\n', WORK_KEYS)
    assert find_secrets() == {
        'token-in-variable',
        'token-in-config',
        SECRET_KEY,
    }
