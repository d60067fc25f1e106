# SPDX-License-Identifier: Apache-2.0
"""How the STS call reaches AWS: endpoint, region, TLS, proxy, timeouts."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.person import Person
from tests.hosts import Host
from tests.standin import StandIn

# No one listens on the port for tcpmux.
NOWHERE = 'http://127.0.0.1:1'


@pytest.fixture(scope='module')
def aws_with_tls() -> Iterator[StandIn]:
    """Start a stand-in that speaks HTTPS, with a CA of its own."""
    with StandIn.start(tls=True) as aws:
        yield aws


@contextlib.contextmanager
def full_port() -> Iterator[str]:
    """Give a URL where nothing accepts a connection, and none is refused."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(('127.0.0.1', 0))
        listener.listen(0)
        for _ in range(8):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield f'http://127.0.0.1:{listener.getsockname()[1]}'


def test_endpoint_and_region_of_the_command_line(person: Person) -> None:
    """``--endpoint-url`` and ``--region`` go before all else."""
    person.login(
        '--endpoint-url',
        person.aws.url,
        '--region',
        'us-west-2',
        AWS_ENDPOINT_URL=NOWHERE,
        AWS_DEFAULT_REGION='eu-west-1',
    )
    [call] = person.aws.requests()
    assert (call.operation, call.region) == ('GetSessionToken', 'us-west-2')


@pytest.mark.parametrize(
    ('partition', 'region'),
    [
        ('aws', 'us-east-1'),
        ('aws-cn', 'cn-northwest-1'),
        ('aws-us-gov', 'us-gov-west-1'),
    ],
)
def test_partition_without_a_region(
    person: Person, partition: str, region: str
) -> None:
    """Without a region STS is reached in the device's own partition."""
    name = person.user.device.serial_number.rpartition('/')[2]
    device = person.user.add_device(
        f'arn:{partition}:iam::000000000000:mfa/{name}-{partition}'
    )
    person.write_config(
        f'[profile {person.profile}]\nmfa_serial = {device.serial_number}\n'
    )
    person.ok(
        'mfa',
        'login',
        '--profile',
        person.profile,
        '--token-code',
        device.code(),
    )
    [call] = person.aws.requests()
    assert (call.serial_number, call.region) == (device.serial_number, region)


def test_tls(
    tmp_path: Path, host: Host, aws_with_tls: StandIn, plugin_folder: Path
) -> None:
    """``--ca-bundle`` and ``--no-verify-ssl`` are for the STS call too."""
    assert aws_with_tls.ca_bundle is not None
    user = aws_with_tls.create_user(f'tls-{host.name}')
    aws_with_tls.clear_requests()
    person = Person(tmp_path / 'home', host, aws_with_tls, user, plugin_folder)
    distrusted = person.run(
        'mfa',
        'login',
        '--profile',
        person.profile,
        '--token-code',
        user.device.code(),
    )
    assert distrusted.code == person.exit_codes.other
    assert 'SSL validation failed' in distrusted.stderr
    assert aws_with_tls.requests() == []

    person.login('--ca-bundle', aws_with_tls.ca_bundle)
    person.login('--force', '--no-verify-ssl')
    # The prompt of a native command goes the way of the command itself.
    for path in person.session_files():
        path.unlink()
    terminal = person.at_terminal(
        's3',
        'ls',
        '--profile',
        person.profile,
        '--ca-bundle',
        aws_with_tls.ca_bundle,
    )
    terminal.answer(user.device.code())
    assert terminal.finish().code == 0
    assert [call.operation for call in aws_with_tls.requests()] == [
        *['GetSessionToken'] * 3,
        'ListBuckets',
    ]


def test_proxy(person: Person) -> None:
    """The proxy of the environment is used for the STS call."""
    person.login(
        AWS_ENDPOINT_URL='http://sts.example.invalid',
        HTTP_PROXY=person.aws.url,
        http_proxy=person.aws.url,
    )
    [call] = person.aws.requests()
    assert call.through_proxy
    assert (call.operation, call.host) == (
        'GetSessionToken',
        'sts.example.invalid',
    )


def test_timeouts(person: Person) -> None:
    """The two timeouts end a call that nobody answers; it is made once."""
    arguments = ('mfa', 'login', '--profile', person.profile, '--token-code')
    with person.aws.hold(operation='GetSessionToken'):
        unanswered = person.run(
            *arguments, '123456', '--cli-read-timeout', '1'
        )
    assert unanswered.code == person.exit_codes.other
    assert 'Read timeout on endpoint URL' in unanswered.stderr
    assert len(person.aws.requests()) == 1

    with full_port() as url:
        unreachable = person.run(
            *arguments,
            '654321',
            '--cli-connect-timeout',
            '1',
            AWS_ENDPOINT_URL=url,
        )
    assert unreachable.code == person.exit_codes.other
    assert 'Connect timeout on endpoint URL' in unreachable.stderr
    assert person.sessions() == []


def test_a_slow_answer_has_its_time(person: Person) -> None:
    """The whole of it has, and not each part; the message says so."""
    profile = ('--profile', person.profile)
    person.ok('configure', 'set', 'mfa_timeout', '1', *profile)
    code = person.user.device.code()
    with person.aws.hold(operation='GetSessionToken'):
        result = person.run('mfa', 'login', '--token-code', code, *profile)
    assert result.code == person.exit_codes.other
    assert 'answer did not arrive' in result.stderr
    assert 'Traceback' not in result.stderr


def test_a_slow_answer_can_be_interrupted(person: Person) -> None:
    """Ctrl-C ends a login at once, and leaves the terminal as it was."""
    person.variables['AWS_PROFILE'] = person.profile
    terminal = person.at_terminal('mfa', 'login')
    with person.aws.hold(operation='GetSessionToken') as hold:
        terminal.answer(person.user.device.code())
        hold.wait()
        terminal.sendcontrol('c')
        ended = terminal.finish()
    assert ended.code == 130
    assert 'Traceback' not in terminal.shown
    assert person.session_files() == []
