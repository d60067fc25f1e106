# SPDX-License-Identifier: Apache-2.0
"""AWS's own MCP server, in an environment of its own, on the same home.

It has its credentials from boto3, and an AWS CLI v1 inside, which loads what
the config file says.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.person import Person
from tests.installers.computer import Computer
from tests.installers.conftest import Release

# The Python of the server's environment, which tox has made.
VARIABLE = 'AWSCLI_MFA_TEST_MCP_SERVER'

# At its start the server fetches a list of operations that only read from
# AWS, which no test reaches. Those that it does not know count as others.
PROGRAM = """\
import awslabs.aws_api_mcp_server.core.metadata.read_only_operations_list as m
m.ServiceReferenceUrlsByService.__init__ = dict.__init__
from awslabs.aws_api_mcp_server.server import main
main()
"""


class MCPServer:
    """A running server, spoken to over its standard input and output."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._request(
            'initialize',
            protocolVersion='2025-03-26',
            capabilities={},
            clientInfo={'name': 'tests', 'version': '1'},
        )
        self._send({'method': 'notifications/initialized'})

    def call_aws(self, command: str) -> str:
        """Let it run a command of the AWS CLI; return what it answers."""
        answer = self._request(
            'tools/call', name='call_aws', arguments={'cli_command': command}
        )
        return json.dumps(answer)

    def _request(self, method: str, **parameters: Any) -> Any:
        self._send({'id': method, 'method': method, 'params': parameters})
        assert self._process.stdout
        for line in self._process.stdout:
            message = json.loads(line)
            if message.get('id') == method:
                return message['result']
        raise AssertionError('the server has ended')

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({'jsonrpc': '2.0', **message}))
        self._process.stdin.write('\n')
        self._process.stdin.flush()


@contextmanager
def running_server(
    person: Person, log: Path, **variables: str
) -> Iterator[MCPServer]:
    """Start the server for a person's profile, and end it."""
    if VARIABLE not in os.environ:
        raise pytest.UsageError('run tox -e mcp-server')
    with log.open('w') as errors:
        process = subprocess.Popen(
            [os.environ[VARIABLE], '-c', PROGRAM],
            env={
                **person.environment(variables),
                'AWS_API_MCP_PROFILE_NAME': person.profile,
                'AWS_API_MCP_TELEMETRY': 'false',
                'AWS_API_MCP_WORKING_DIR': str(person.home),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield MCPServer(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def person(computer: Computer, releases: tuple[Release, Release]) -> Person:
    """Give somebody with the package in a folder, and a key for SDKs."""
    person = computer.person
    person.write_credentials({f'{person.profile}-long-term': person.user})
    computer.publish(releases[0].wheel)
    computer.sh('pip install --target ~/plugin awscli-mfa-plugin')
    return person


def check_call(person: Person, folder: Path, **variables: str) -> None:
    """Check that a call through the server is signed with the session."""
    person.aws.clear_requests()
    log = folder / 'log'
    with running_server(person, log, **variables) as server:
        answer = server.call_aws('aws sts get-caller-identity')
    assert person.user.arn in answer, (answer, log.read_text())
    [call] = person.aws.requests()
    assert call.key_kind == 'mfa-session'


def test_beside_the_plugin(
    computer: Computer, person: Person, tmp_path: Path
) -> None:
    """Where ``enable`` was run the server's environment has the package."""
    v2 = computer.v2[-1]
    computer.sh(f'python3 ~/plugin/awscli_mfa_plugin enable --aws {v2}')
    person.login()
    person.ok('mfa', 'configure-sdk', '--profile', person.profile)
    # As with: uvx --with awscli-mfa-plugin awslabs.aws-api-mcp-server
    check_call(person, tmp_path, PYTHONPATH=str(person.home / 'plugin'))


def test_without_plugins(person: Person, tmp_path: Path) -> None:
    """Without lines under ``[plugins]`` the server needs nothing of ours."""
    # The Python here has botocore, as "awscli-mfa-plugin[botocore]" has.
    program = [
        sys.executable,
        str(person.home / 'plugin' / 'awscli_mfa_plugin'),
    ]
    with person.config_file.open('a') as file:
        file.write(
            f'credential_process = {" ".join(program)} credentials '
            f'--profile {person.profile}\n'
        )
    code = person.user.device.code()
    person.ok(
        *('login', '--profile', person.profile, '--token-code', code),
        program=program,
    )
    check_call(person, tmp_path)
