# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.role_clients.

What they do in a chain is tested with the provider of roles.
"""

from __future__ import annotations

import socket

import pytest

from awscli_mfa_plugin.credentials.role_clients import clients_with_token_code
from awscli_mfa_plugin.exceptions.answers import AnswerLostError
from awscli_mfa_plugin.profiles.roles import MFARole
from tests.unit.conftest import Home, PrecannedSource, make_profile
from tests.unit.names import (
    ACCESS_KEY_ID,
    ROLE,
    SECRET_KEY,
    SERIAL,
    TOKEN_CODE,
)


def test_an_answer_that_does_not_come(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command waits for as long as the profile says."""
    role = MFARole('app', ('app',), make_profile(timeout_seconds=0.05))
    create = clients_with_token_code(
        home.session().create_client, role, PrecannedSource(TOKEN_CODE)
    )
    with socket.create_server(('127.0.0.1', 0)) as silent:
        client = create(
            'sts',
            region_name='us-east-1',
            endpoint_url=f'http://127.0.0.1:{silent.getsockname()[1]}',
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_KEY,
        )
        with pytest.raises(AnswerLostError, match=r'within 0\.05 seconds'):
            client.assume_role(
                SerialNumber=SERIAL, RoleArn=ROLE, RoleSessionName='anna'
            )
