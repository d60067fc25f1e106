# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.chain."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.credentials import CredentialResolver, EnvProvider
from botocore.exceptions import ProfileNotFound

from awscli_mfa_plugin import names_mfa_device, register
from awscli_mfa_plugin.chain import insert_providers, insert_providers_later
from awscli_mfa_plugin.credentials.refreshing import METHOD
from awscli_mfa_plugin.exceptions.profiles import AgentRoleError
from tests.unit.conftest import FakeSTS, FakeTerminal, Home
from tests.unit.names import KEYS, SERIAL, WORK, WORK_KEYS


def methods(session: Any) -> list[str]:
    """Return the chain, in order."""
    resolver = session.get_component('credential_provider')
    return [provider.METHOD for provider in resolver.providers]


@pytest.mark.parametrize('profile', [None, 'work'])
def test_place_in_the_chain(home: Home, profile: str | None) -> None:
    """Sessions stand right before the file whose key they replace."""
    home.write(WORK)
    arguments = {} if profile is None else {'profile': profile}
    session = home.session(**arguments)
    insert_providers(session)
    found = methods(session)
    assert found.count(METHOD) == 1
    assert found.index('shared-credentials-file') == found.index(METHOD) + 1
    assert ('env' in found) == (profile is None)
    if profile is None:
        assert found.index('env') < found.index(METHOD)


def test_botocores_providers_stay(home: Home) -> None:
    """Nothing that was in the chain is lost or moved."""
    session = home.session()
    before = methods(session)
    insert_providers(session)
    after = iter(methods(session))
    assert all(method in after for method in before)


def test_once_is_enough(home: Home) -> None:
    """A second time changes nothing."""
    session = home.session()
    insert_providers(session)
    before = methods(session)
    insert_providers(session)
    assert methods(session) == before


def test_unknown_profile(home: Home) -> None:
    """A profile that does not exist is botocore's own error."""
    home.write(WORK)
    with pytest.raises(ProfileNotFound, match='gone'):
        insert_providers(home.session(profile='gone'))


def test_profile_of_the_environment(
    home: Home,
    sts: FakeSTS,
    terminal: FakeTerminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """AWS_PROFILE names the profile as ``--profile`` does."""
    home.write(WORK, f'[work]\n{KEYS}')
    monkeypatch.setenv('AWS_PROFILE', 'work')
    terminal.answers = ['123456']
    session = home.session()
    insert_providers(session)
    assert session.get_credentials().method == METHOD


def test_connection_is_used(
    home: Home,
    sts: FakeSTS,
    terminal: FakeTerminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command's region and endpoint are those of the STS call."""
    home.write(WORK, f'[work]\n{KEYS}')
    monkeypatch.setenv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:1')
    terminal.answers = ['123456']
    session = home.session(profile='work')
    insert_providers(session, region_name='eu-north-1', endpoint_url=sts.url)
    session.get_credentials().get_frozen_credentials()
    assert [request.region for request in sts.requests] == ['eu-north-1']


def test_later_roles_are_assumed_where_botocore_would(home: Home) -> None:
    """A role without MFA is assumed in the region of the first client."""
    home.write(
        '[profile app]\nrole_arn = arn:aws:iam::1:role/app\n'
        'source_profile = plain\n',
        f'[plain]\n{KEYS}',
    )
    urls = []
    for is_registered in (False, True):
        session = home.session(profile='app')
        if is_registered:
            insert_providers_later(session)
            insert_providers_later(session)
        session.create_client('s3', region_name='ap-south-1')
        resolver = session.get_component('credential_provider')
        creator = resolver.get_provider('assume-role')._client_creator
        urls.append(creator('sts').meta.region_name)
        count = [p.METHOD for p in resolver.providers].count('mfa-session')
        assert count == is_registered
    assert urls == ['ap-south-1', 'ap-south-1']


def test_later_needs_a_profile_now(home: Home) -> None:
    """A profile that does not exist is said at once."""
    with pytest.raises(ProfileNotFound):
        register(home.session(profile='gone'))


@pytest.mark.parametrize(
    'removed', [['assume-role'], ['shared-credentials-file'], None]
)
@pytest.mark.parametrize('insert', [insert_providers, insert_providers_later])
def test_a_chain_that_is_not_botocore_s(
    home: Home, removed: list[str] | None, insert: Any
) -> None:
    """A chain of somebody's own stays as it is."""
    session = home.session()
    resolver = CredentialResolver([EnvProvider()])
    if removed:
        resolver = session.get_component('credential_provider')
        for method in removed:
            resolver.remove(method)
    session.register_component('credential_provider', resolver)
    before = methods(session)
    for _ in range(2):
        insert(session)
        assert methods(session) == before


@pytest.mark.parametrize(
    ('profiles', 'expected'),
    [
        ({'work': {'mfa_serial': SERIAL}}, True),
        ({'work': {}, 'work-long-term': {'aws_mfa_device': SERIAL}}, True),
        ({'work': {'source_profile': 'base'}, 'base': {}}, False),
        (
            {
                'work': {'role_arn': 'r', 'source_profile': 'base'},
                'base': {},
                'base-long-term': {'mfa_serial': SERIAL},
            },
            True,
        ),
        (
            {
                'work': {'role_arn': 'r', 'source_profile': 'base'},
                'base-long-term': {'mfa_serial': SERIAL},
            },
            True,
        ),
        ({'work': {'source_profile': 'work'}}, False),
        ({'work': {'source_profile': {'a': 'section'}}}, False),
        ({'work': {}, 'other': {'mfa_serial': SERIAL}}, False),
        ({}, False),
    ],
)
def test_where_an_mfa_device_is_named(
    profiles: dict[str, Any], expected: bool
) -> None:
    """It may be anywhere on the profile's way, and nowhere else."""
    assert names_mfa_device('work', profiles) is expected


def test_an_agent_role_without_a_device(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent never has the long-term key because a line is missing."""
    home.write('[profile work]\nmfa_agent_role = work\n', WORK_KEYS)
    session = home.session(profile='work')
    insert_providers(session)
    assert session.get_credentials().method == 'shared-credentials-file'
    monkeypatch.setenv('CLAUDECODE', '1')
    session = home.session(profile='work')
    insert_providers(session)
    with pytest.raises(AgentRoleError, match='mfa_agent_role = work of'):
        session.get_credentials()
