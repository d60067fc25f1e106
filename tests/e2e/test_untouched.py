# SPDX-License-Identifier: Apache-2.0
"""Whatever is no MFA session's business is as it is without the plugin."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from tests.e2e.person import REGION, Person, Result
from tests.hosts import Host
from tests.standin import Role, StandIn, User

WHO_AM_I = ('sts', 'get-caller-identity')
START_URL = 'https://example.awsapps.com/start'
FOREVER = '2099-12-31T23:59:59Z'

# An elliptic curve key that signs nothing here: what `aws login` keeps.
DPOP_KEY = """\
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIG1hZGUgdXAgZm9yIGEgdGVzdCBvZiB0aGUgcGx1Z2luoAoGCCqGSM49
AwEHoUQDQgAEpfX/tRmBNa4SS6Cdj5YQ+xRYGR0eDuTxOqVdLLIfIzNZe2cMTOzT
WdcBLoTjyBn8vUZlbP/w7bmmLCS0bWz6kA==
-----END EC PRIVATE KEY-----
"""


@dataclass(frozen=True)
class Keys:
    """Temporary credentials that some service of AWS gives out."""

    access_key_id: str
    secret_access_key: str
    session_token: str


class Metadata:
    """Loopback's services that give out credentials.

    Those of containers, instances, the SSO portal and web identities.

    :ivar requests: What was asked for.
    """

    def __init__(self, keys: Keys) -> None:
        common = {
            'AccessKeyId': keys.access_key_id,
            'SecretAccessKey': keys.secret_access_key,
            'Token': keys.session_token,
            'Expiration': FOREVER,
        }
        in_role = '/latest/meta-data/iam/security-credentials/'
        answers = {
            '/container': json.dumps(common),
            '/latest/api/token': 'metadata-token',
            in_role: 'instance',
            f'{in_role}instance': json.dumps({'Code': 'Success', **common}),
            '/federation/credentials': json.dumps(
                {
                    'roleCredentials': {
                        'accessKeyId': keys.access_key_id,
                        'secretAccessKey': keys.secret_access_key,
                        'sessionToken': keys.session_token,
                        'expiration': 4102444799000,
                    }
                }
            ),
            '/': (
                '<AssumeRoleWithWebIdentityResponse xmlns='
                '"https://sts.amazonaws.com/doc/2011-06-15/">'
                '<AssumeRoleWithWebIdentityResult><Credentials>'
                f'<AccessKeyId>{keys.access_key_id}</AccessKeyId>'
                f'<SecretAccessKey>{keys.secret_access_key}</SecretAccessKey>'
                f'<SessionToken>{keys.session_token}</SessionToken>'
                f'<Expiration>{FOREVER}</Expiration></Credentials>'
                '</AssumeRoleWithWebIdentityResult>'
                '</AssumeRoleWithWebIdentityResponse>'
            ),
        }
        self.requests: list[str] = []
        asked = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get('Content-Length', 0))
                body = self.rfile.read(length)
                asked.append(f'{self.command} {self.path} {body.decode()}')
                text = answers.get(self.path.partition('?')[0])
                self.send_response_only(404 if text is None else 200)
                body = (text or '').encode()
                self.send_header('Content-Length', str(len(body)))
                self.send_header('X-aws-ec2-metadata-token-ttl-seconds', '60')
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_GET

        self.server = HTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}'


@dataclass(frozen=True)
class Cast:
    """Who takes part.

    :ivar user: Has the profile ``mfa``, with an MFA device.
    :ivar other: Has the profile ``plain``, without.
    :ivar role: Wants no MFA.
    :ivar keys: What ``metadata`` gives out.
    """

    host: Host
    user: User
    other: User
    role: Role
    keys: Keys
    metadata: Metadata

    @property
    def sso(self) -> str:
        """The settings of a profile of IAM Identity Center."""
        return (
            'sso_session = company\n'
            'sso_account_id = 000000000000\n'
            'sso_role_name = admin\n'
            'mfa_serial = ' + self.user.device.serial_number + '\n'
        )


@dataclass(frozen=True)
class Situation:
    """A command and what it finds.

    :ivar signer: The access key, or the role's name, that signs last; None
        when nothing is to be signed.
    :ivar config: More of the config file.
    :ivar files: More files, by their path below the home folder.
    """

    arguments: tuple[str, ...]
    signer: str | None
    code: int = 0
    config: str = ''
    variables: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    stdin: str | None = None
    bare: bool = False


def environment_keys(cast: Cast) -> Situation:
    """Keys in the environment go before the profile it names."""
    return Situation(
        WHO_AM_I,
        cast.other.access_key_id,
        variables={**cast.other.environment(), 'AWS_PROFILE': 'mfa'},
    )


def profile_option_and_variable(cast: Cast) -> Situation:
    """``--profile`` goes before ``AWS_PROFILE``, which uses MFA."""
    return Situation(
        (*WHO_AM_I, '--profile', 'plain'),
        cast.other.access_key_id,
        variables={'AWS_PROFILE': 'mfa'},
    )


def profile_option_and_environment_keys(cast: Cast) -> Situation:
    """``--profile`` goes before keys in the environment."""
    return Situation(
        (*WHO_AM_I, '--profile', 'plain'),
        cast.other.access_key_id,
        variables=cast.user.environment(),
    )


def profile_variable(cast: Cast) -> Situation:
    """``AWS_PROFILE`` names a profile without MFA."""
    return Situation(
        WHO_AM_I,
        cast.other.access_key_id,
        variables={'AWS_PROFILE': 'plain'},
    )


def source_that_is_not_there(cast: Cast) -> Situation:
    """A source without a role, which botocore does not look at."""
    return Situation(
        (*WHO_AM_I, '--profile', 'sourced'),
        cast.other.access_key_id,
        config='[profile sourced]\n'
        + REGION_LINE
        + 'source_profile = gone\n'
        + f'aws_access_key_id = {cast.other.access_key_id}\n'
        + f'aws_secret_access_key = {cast.other.secret_access_key}\n',
    )


def sso_profile(cast: Cast) -> Situation:
    """A profile of IAM Identity Center, which was logged in to."""
    return Situation(
        (*WHO_AM_I, '--profile', 'sso'),
        cast.keys.access_key_id,
        config='[profile sso]\n' + REGION_LINE + cast.sso + SSO_SESSION,
        variables={'AWS_ENDPOINT_URL_SSO': cast.metadata.url},
        files=SSO_TOKEN,
    )


def sso_profile_without_login(cast: Cast) -> Situation:
    """A profile of IAM Identity Center, which was not logged in to."""
    return Situation(
        (*WHO_AM_I, '--profile', 'sso'),
        None,
        code=255,
        config='[profile sso]\n' + REGION_LINE + cast.sso + SSO_SESSION,
    )


def role_behind_sso(cast: Cast) -> Situation:
    """A role whose source is no user: the CLI itself asks for the code."""
    return Situation(
        (*WHO_AM_I, '--profile', 'app'),
        cast.keys.access_key_id,
        code=254 if cast.host.is_v2 else 255,
        config='[profile sso]\n'
        + REGION_LINE
        + cast.sso
        + '[profile app]\n'
        + REGION_LINE
        + f'role_arn = {cast.role.arn}\n'
        'role_session_name = me\n'
        'source_profile = sso\n'
        f'mfa_serial = {cast.user.device.serial_number}\n' + SSO_SESSION,
        variables={'AWS_ENDPOINT_URL_SSO': cast.metadata.url},
        files=SSO_TOKEN,
        stdin=cast.user.device.wrong_code() + '\n',
    )


def web_identity(cast: Cast) -> Situation:
    """A role that a web identity's token is exchanged for."""
    return Situation(
        ('s3', 'ls', '--profile', 'web'),
        cast.keys.access_key_id,
        config='[profile web]\n'
        + REGION_LINE
        + f'role_arn = {cast.role.arn}\n'
        'role_session_name = me\n'
        f'mfa_serial = {cast.user.device.serial_number}\n'
        'web_identity_token_file = token.jwt\n',
        variables={'AWS_ENDPOINT_URL_STS': cast.metadata.url},
        files={'token.jwt': 'header.payload.signature'},
    )


def credential_process(cast: Cast) -> Situation:
    """A profile without MFA whose keys a program prints."""
    return Situation(
        (*WHO_AM_I, '--profile', 'process'),
        cast.other.access_key_id,
        config='[profile process]\n'
        + REGION_LINE
        + f'credential_process = {sys.executable} print_keys.py\n',
        files={
            'print_keys.py': _prints(
                Version=1,
                AccessKeyId=cast.other.access_key_id,
                SecretAccessKey=cast.other.secret_access_key,
            )
        },
    )


def temporary_credential_process(cast: Cast) -> Situation:
    """Temporary keys of a program are used even where there is a device."""
    return Situation(
        (*WHO_AM_I, '--profile', 'process'),
        cast.keys.access_key_id,
        config='[profile process]\n'
        + REGION_LINE
        + f'credential_process = {sys.executable} print_keys.py\n'
        f'mfa_serial = {cast.user.device.serial_number}\n',
        files={
            'print_keys.py': _prints(
                Version=1,
                AccessKeyId=cast.keys.access_key_id,
                SecretAccessKey=cast.keys.secret_access_key,
                SessionToken=cast.keys.session_token,
                Expiration=FOREVER,
            )
        },
    )


def console_login(cast: Cast) -> Situation:
    """A profile of ``aws login``, where the CLI knows that."""
    session = 'arn:aws:iam::000000000000:user/somebody'
    token = {
        'accessToken': {
            'accessKeyId': cast.keys.access_key_id,
            'secretAccessKey': cast.keys.secret_access_key,
            'sessionToken': cast.keys.session_token,
            'accountId': '000000000000',
            'expiresAt': FOREVER,
        },
        'refreshToken': 'made-up',
        'clientId': 'arn:aws:signin:::devtools/same-device',
        'dpopKey': DPOP_KEY,
    }
    name = sha256(session.encode()).hexdigest()
    known = cast.host.version >= (2, 32)
    return Situation(
        (*WHO_AM_I, '--profile', 'console'),
        cast.keys.access_key_id if known else None,
        code=0 if known else 253 if cast.host.is_v2 else 255,
        config='[profile console]\n'
        + REGION_LINE
        + f'login_session = {session}\n'
        f'mfa_serial = {cast.user.device.serial_number}\n',
        files={f'.aws/login/cache/{name}.json': json.dumps(token)},
    )


def container(cast: Cast) -> Situation:
    """A task's credentials, from the container service."""
    return Situation(
        (*WHO_AM_I, '--region', REGION),
        cast.keys.access_key_id,
        variables={
            'AWS_CONTAINER_CREDENTIALS_FULL_URI': (
                f'{cast.metadata.url}/container'
            )
        },
    )


def instance_metadata(cast: Cast) -> Situation:
    """An instance's credentials, from its metadata service."""
    return Situation(
        (*WHO_AM_I, '--region', REGION),
        cast.keys.access_key_id,
        variables={
            'AWS_EC2_METADATA_DISABLED': 'false',
            'AWS_EC2_METADATA_SERVICE_ENDPOINT': f'{cast.metadata.url}/',
        },
    )


def credential_source(cast: Cast) -> Situation:
    """A role whose source is the environment."""
    return Situation(
        (*WHO_AM_I, '--profile', 'app'),
        cast.role.name,
        config='[profile app]\n'
        + REGION_LINE
        + f'role_arn = {cast.role.arn}\n'
        'role_session_name = me\n'
        'credential_source = Environment\n',
        variables=cast.other.environment(),
    )


def plain_role(cast: Cast) -> Situation:
    """A role that nobody has named an MFA device for."""
    return Situation(
        (*WHO_AM_I, '--profile', 'app'),
        cast.role.name,
        config='[profile app]\n'
        + REGION_LINE
        + f'role_arn = {cast.role.arn}\n'
        'role_session_name = me\n'
        'source_profile = plain\n',
    )


def unknown_profile(cast: Cast) -> Situation:
    """A profile that is not there."""
    return Situation((*WHO_AM_I, '--profile', 'nobody'), None, code=255)


def unknown_source_profile(cast: Cast) -> Situation:
    """A role whose source is not there."""
    return Situation(
        (*WHO_AM_I, '--profile', 'app'),
        None,
        code=255,
        config='[profile app]\n'
        + REGION_LINE
        + f'role_arn = {cast.role.arn}\n'
        f'mfa_serial = {cast.user.device.serial_number}\n'
        'source_profile = nobody\n',
    )


def no_config(cast: Cast) -> Situation:
    """Neither a config file nor credentials."""
    return Situation(
        (*WHO_AM_I, '--region', REGION),
        None,
        code=253 if cast.host.is_v2 else 255,
        bare=True,
    )


def configure_list(cast: Cast) -> Situation:
    """``configure list`` shows the key of a profile with MFA."""
    return Situation(('configure', 'list', '--profile', 'mfa'), None)


def configure_get(cast: Cast) -> Situation:
    """``configure get`` reads a setting."""
    return Situation(
        ('configure', 'get', 'mfa_serial', '--profile', 'mfa'), None
    )


def configure_set(cast: Cast) -> Situation:
    """``configure set`` writes a setting."""
    return Situation(
        ('configure', 'set', 'output', 'text', '--profile', 'mfa'), None
    )


def configure_new(cast: Cast) -> Situation:
    """``configure`` makes a profile that is not there yet."""
    return Situation(
        ('configure', '--profile', 'new'),
        None,
        stdin='AKIANEWEXAMPLE\nnew-secret\neu-west-1\n\n',
    )


def list_profiles(cast: Cast) -> Situation:
    """``configure list-profiles``, which v1 does not have."""
    return Situation(
        ('configure', 'list-profiles'), None, code=0 if cast.host.is_v2 else 2
    )


SITUATIONS: tuple[Callable[[Cast], Situation], ...] = (
    environment_keys,
    profile_option_and_variable,
    profile_option_and_environment_keys,
    source_that_is_not_there,
    profile_variable,
    sso_profile,
    sso_profile_without_login,
    role_behind_sso,
    web_identity,
    credential_process,
    temporary_credential_process,
    console_login,
    container,
    instance_metadata,
    credential_source,
    plain_role,
    unknown_profile,
    unknown_source_profile,
    no_config,
    configure_list,
    configure_get,
    configure_set,
    configure_new,
    list_profiles,
)

REGION_LINE = f'region = {REGION}\n'
SSO_SESSION = (
    '[sso-session company]\n'
    f'sso_start_url = {START_URL}\n'
    f'sso_region = {REGION}\n'
    'sso_registration_scopes = sso:account:access\n'
)
# The CLI names the file so.
SSO_TOKEN_NAME = sha1(b'company').hexdigest()  # noqa: S324
SSO_TOKEN = {
    f'.aws/sso/cache/{SSO_TOKEN_NAME}.json': json.dumps(
        {
            'startUrl': START_URL,
            'region': REGION,
            'accessToken': 'made-up',
            'expiresAt': FOREVER,
        }
    )
}


def _prints(**values: Any) -> str:
    return f'print({json.dumps(json.dumps(values))})\n'


@dataclass(frozen=True)
class Seen:
    """What a command showed, did and left."""

    result: Result
    requests: list[dict[str, Any]]
    asked: list[str]
    config: str
    credentials: str


@pytest.fixture
def keys(aws: StandIn, new_user: Callable[[], User]) -> Keys:
    """Give temporary credentials that AWS knows."""
    user = new_user()
    client = botocore.session.Session().create_client(
        'sts',
        region_name=REGION,
        endpoint_url=aws.url,
        aws_access_key_id=user.access_key_id,
        aws_secret_access_key=user.secret_access_key,
    )
    given = client.get_session_token(
        SerialNumber=user.device.serial_number, TokenCode=user.device.code()
    )['Credentials']
    return Keys(
        given['AccessKeyId'], given['SecretAccessKey'], given['SessionToken']
    )


@pytest.fixture
def metadata(keys: Keys) -> Iterator[Metadata]:
    """Run the services that give out credentials on loopback."""
    metadata = Metadata(keys)
    thread = threading.Thread(
        target=metadata.server.serve_forever, kwargs={'poll_interval': 0.01}
    )
    thread.start()
    try:
        yield metadata
    finally:
        metadata.server.shutdown()
        metadata.server.server_close()
        thread.join()


@pytest.fixture
def cast(
    host: Host,
    aws: StandIn,
    new_user: Callable[[], User],
    keys: Keys,
    metadata: Metadata,
) -> Cast:
    """Give everybody who takes part."""
    user = new_user()
    role = aws.create_role(f'{user.name}-app', require_mfa=False)
    return Cast(host, user, new_user(), role, keys, metadata)


def _see(
    situation: Situation,
    cast: Cast,
    aws: StandIn,
    home: Path,
    plugin_folder: Path,
    *,
    plugin: bool,
) -> Seen:
    """Run the command in a new home folder, always of the same name."""
    person = Person(home, cast.host, aws, cast.user, plugin_folder)
    person.write_config(
        ''
        if situation.bare
        else '[profile mfa]\n'
        + REGION_LINE
        + f'mfa_serial = {cast.user.device.serial_number}\n'
        '[profile plain]\n' + REGION_LINE + situation.config,
        plugin=plugin,
    )
    if situation.bare:
        person.credentials_file.unlink()
        if not plugin:
            person.config_file.unlink()
    else:
        person.write_credentials({'mfa': cast.user, 'plain': cast.other})
    for name, text in situation.files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    aws.clear_requests()
    cast.metadata.requests.clear()
    result = person.run(
        *situation.arguments, input=situation.stdin, **situation.variables
    )
    assert not person.cache.exists()
    seen = Seen(
        result,
        [
            {
                'operation': call.operation,
                'who': call.role_name or call.access_key_id,
                'region': call.region,
                'parameters': call.parameters,
                'error': call.error_code,
            }
            for call in aws.requests()
        ],
        list(cast.metadata.requests),
        _text(person.config_file).replace(
            cast.host.plugin_lines(plugin_folder), ''
        ),
        _text(person.credentials_file),
    )
    shutil.rmtree(home)
    return seen


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ''


@pytest.mark.parametrize(
    'situation_of', SITUATIONS, ids=lambda function: function.__name__
)
def test_the_same_with_and_without_the_plugin(
    situation_of: Callable[[Cast], Situation],
    cast: Cast,
    aws: StandIn,
    tmp_path: Path,
    plugin_folder: Path,
) -> None:
    """Output, exit code, requests, signer and files are the same."""
    situation = situation_of(cast)
    without, with_plugin = (
        _see(
            situation,
            cast,
            aws,
            tmp_path / 'home',
            plugin_folder,
            plugin=plugin,
        )
        for plugin in (False, True)
    )
    assert with_plugin == without
    assert without.result.code == situation.code, without
    last = without.requests[-1]['who'] if without.requests else None
    assert last == situation.signer, without
