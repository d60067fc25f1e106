# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.diagnosis.profile."""

from __future__ import annotations

import sys

import pytest

from awscli_mfa_plugin.cache.sessions import MFASessionCache
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.diagnosis import profile as module
from awscli_mfa_plugin.diagnosis.checks import OK, Check
from awscli_mfa_plugin.diagnosis.profile import check_profile
from tests.unit.conftest import Home, make_mfa_session
from tests.unit.names import KEY, LONG_TERM, ROLE, SERIAL, WORK, WORK_KEYS


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'check_answers', lambda *_: iter(()))


def check(
    home: Home, profile: str = 'work', is_named: bool = True
) -> list[Check]:
    """Return the checks of a profile that the command line named."""
    session = home.session(profile=profile)
    return list(check_profile(STSConnection(session), is_named=is_named))


def bad(checks: list[Check]) -> list[str]:
    """Return what is no ``ok``, with its remedy."""
    return [
        f'{c.status}: {c.message} -> {c.remedy}'
        for c in checks
        if c.status != OK
    ]


def test_a_good_profile(home: Home) -> None:
    """The rules that were applied are told, and nothing is to be mended."""
    process = f'credential_process = {sys.executable} awscli-mfa\n'
    home.write(WORK + process, LONG_TERM)
    MFASessionCache().put(KEY, make_mfa_session())
    checks = check(home)
    said = '\n'.join(c.message for c in checks)
    assert bad(checks) == []
    assert (
        'Profile work (named by --profile) uses the access key of profile '
        'work-long-term, found by its name: work with -long-term.'
    ) in said
    assert f'Its MFA device is {SERIAL} (virtual).' in said
    assert 'There is an MFA session until' in said
    assert f'SDKs get the session from {sys.executable}.' in said


def test_a_new_profile(home: Home) -> None:
    """A profile with its key in itself wants a login and configure-sdk."""
    home.write(WORK, WORK_KEYS)
    assert bad(check(home)) == [
        'warning: Profile work has no session that a command could use. -> '
        'aws mfa login --profile work',
        'warning: SDKs sign with the access key in profile work, and take '
        'no MFA session. -> aws mfa configure-sdk --profile work',
    ]


def test_a_role(home: Home) -> None:
    """A role's SDKs are those of its source profile."""
    home.write(
        f'{WORK}[profile app]\nrole_arn = {ROLE}\nsource_profile = work\n',
        WORK_KEYS,
    )
    checks = check(home, 'app')
    said = '\n'.join(c.message for c in checks)
    assert 'the role of profile app, assumed from an MFA session' in said
    assert 'which its source_profile leads to' in said
    assert bad(checks)[-1].endswith('aws mfa configure-sdk --profile work')


@pytest.mark.parametrize(
    ('config', 'credentials', 'expected'),
    [
        (
            WORK,
            f'[work]\naws_session_token = x\n{LONG_TERM}',
            'SDKs use the temporary credentials that stand in [work]',
        ),
        (
            f'{WORK}credential_process = /usr/bin/vault x\n',
            LONG_TERM,
            'SDKs use the credential_process of another tool',
        ),
        (
            f'{WORK}credential_process = /no/awscli-mfa credentials\n',
            LONG_TERM,
            'SDKs start /no/awscli-mfa, which cannot be run.',
        ),
        (WORK, LONG_TERM, 'SDKs find no credentials in profile work.'),
        (
            f'{WORK}mfa_process = no-such-program x\n',
            WORK_KEYS,
            'Its mfa_process starts no-such-program, which cannot be run.',
        ),
        (WORK, '', 'has no access key'),
        (
            '[profile work]\nregion = x\n',
            WORK_KEYS,
            'Profile work has no mfa_serial, so its commands go on without',
        ),
        (
            '[profile work]\nsso_session = x\n',
            '',
            'it signs in with IAM Identity Center',
        ),
        ('[profile other]\n', '', 'There is no profile work.'),
        (
            f'[profile other]\nmfa_serial = {SERIAL}\n',
            '',
            'There is no profile work. -> aws mfa login --setup',
        ),
        (
            '[profile work]\nmfa_serial = no\n',
            WORK_KEYS,
            'Correct it in the config file.',
        ),
        ('[work', '', 'Profile work was not looked at'),
    ],
)
def test_what_is_wrong(
    home: Home, config: str, credentials: str, expected: str
) -> None:
    """Each kind of mistake is named."""
    home.write(config, credentials)
    assert expected in '\n'.join(bad(check(home)))


def test_another_profile_is_meant(home: Home) -> None:
    """Nobody named the profile, so the one with MFA is offered."""
    home.write(f'[default]\n[profile other]\nmfa_serial = {SERIAL}\n')
    (found,) = bad(check(home, 'default', is_named=False))
    assert 'These profiles have MFA: other.' in found
    assert found.endswith('aws mfa doctor --profile other')


@pytest.mark.parametrize(
    ('more', 'expected'),
    [
        ('mfa_prompt = never', 'ok: mfa_prompt is never, so only aws mfa'),
        ('mfa_agent_role = app', 'ok: Under a coding agent its commands are'),
        (
            'mfa_agent_role = no',
            'problem: Its mfa_agent_role cannot be used: there is no such',
        ),
    ],
)
def test_settings_of_a_profile(home: Home, more: str, expected: str) -> None:
    """What changes who is asked and what signs is told."""
    home.write(
        f'{WORK}{more}\n[profile app]\nrole_arn = {ROLE}\n'
        'source_profile = work\n',
        WORK_KEYS,
    )
    said = '\n'.join(f'{c.status}: {c.message}' for c in check(home))
    assert expected in said
