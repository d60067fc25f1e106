# SPDX-License-Identifier: Apache-2.0
"""The people, files and programs that the measured commands run with."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from awscli_mfa_plugin.host.launcher import launcher
from benchmarks.measure import Command, seconds
from tests.hosts import Host
from tests.standin import StandIn, User

REGION = 'eu-central-1'

# A profile that names an MFA device, and one that has the keys of its
# session as static keys.
MFA, STATIC = 'mfa', 'static'


class Scene:
    """Two people with the same profiles; one of them has the plugin."""

    def __init__(
        self,
        folder: Path,
        host: Host,
        aws: StandIn,
        user: User,
        plugin_folder: Path,
        peers: Path,
    ) -> None:
        self.host = host
        self._aws = aws
        self._user = user
        self._plugin_folder = plugin_folder
        self._peers = peers
        self._with, self._without = folder / 'with', folder / 'without'
        keys = {
            'aws_access_key_id': user.access_key_id,
            'aws_secret_access_key': user.secret_access_key,
        }
        self._profiles: dict[str, dict[str, str]] = {MFA: keys}
        self.write_profiles(0)
        seconds(self.login())
        self._profiles[STATIC] = {
            'aws_access_key_id': self._session['AccessKeyId'],
            'aws_secret_access_key': self._session['SecretAccessKey'],
            'aws_session_token': self._session['SessionToken'],
        }
        self.write_profiles(0)
        # The first command leaves the note that `awscli-mfa` reads.
        seconds(self.aws('s3', 'ls', '--profile', MFA))

    def aws(self, *arguments: str, plugin: bool = True) -> Command:
        """Return a command of the AWS CLI."""
        return self._command(self.host.aws, *arguments, plugin=plugin)

    def login(self) -> Command:
        """Return a login with a fresh token code."""
        code = self._user.device.code()
        return self.aws(
            *('mfa', 'login', '--profile', MFA, '--token-code', code)
        )

    def get_session_token(self) -> Command:
        """Return AWS's own command for the same, without the plugin."""
        device = self._user.device
        return self.aws(
            *('sts', 'get-session-token', '--profile', MFA),
            *('--serial-number', device.serial_number),
            *('--token-code', device.code()),
            plugin=False,
        )

    def bare_python(self) -> Command:
        """Return a Python that does nothing."""
        return self._command(sys.executable, '-c', 'pass')

    def with_launcher(self, *arguments: str) -> Command:
        """Return ``awscli-mfa`` as ``configure-sdk`` writes it."""
        script = self._with / 'awscli-mfa'
        script.write_text(launcher(sys.executable, str(self._plugin_folder)))
        script.chmod(0o755)
        return self._command(
            str(script), arguments[0], '--profile', MFA, *arguments[1:]
        )

    def with_script(self, *arguments: str) -> Command:
        """Return ``awscli-mfa`` as pip installs it."""
        script = Path(sys.executable).parent / 'awscli-mfa'
        return self._command(
            str(script), arguments[0], '--profile', MFA, *arguments[1:]
        )

    def aws_mfa(self) -> Command:
        """Return an aws-mfa that finds its session valid."""
        return self._command(
            str(self._peers / 'aws-mfa' / 'bin' / 'aws-mfa'),
            *('--profile', 'peer'),
            plugin=False,
        )

    def awsume(self) -> Command:
        """Return an awsume that has its session in its cache."""
        cached = (self._without / '.awsume' / 'cache').is_dir()
        code = [] if cached else ['--mfa-token', self._user.device.code()]
        return self._command(
            str(self._peers / 'awsume' / 'bin' / 'awsumepy'),
            *(MFA, '--show-commands', *code),
            plugin=False,
        )

    def export_credentials(self) -> Command:
        """Return what AWS CLI v2 offers to SDKs."""
        return self.aws(
            *('configure', 'export-credentials', '--profile', STATIC),
            plugin=False,
        )

    def write_profiles(self, roles: int) -> None:
        """Write the config files, with so many profiles of roles more."""
        config = f'[profile {STATIC}]\nregion = {REGION}\n'
        config += f'[profile {MFA}]\nregion = {REGION}\n'
        config += f'mfa_serial = {self._user.device.serial_number}\n'
        config += ''.join(
            f'[profile role-{number}]\nregion = {REGION}\n'
            f'role_arn = arn:aws:iam::000000000000:role/{number}\n'
            f'source_profile = {MFA}\n'
            for number in range(roles)
        )
        credentials = _sections(
            {
                **self._profiles,
                # aws-mfa's layout, for aws-mfa itself.
                'peer-long-term': {
                    **self._profiles[MFA],
                    'aws_mfa_device': self._user.device.serial_number,
                },
                'peer': {
                    **self._profiles.get(STATIC, {}),
                    'aws_security_token': 'EXAMPLE',
                    'assumed_role': 'False',
                    'expiration': '2099-01-01 00:00:00',
                },
            }
        )
        for home, lines in (
            (self._with, self.host.plugin_lines(self._plugin_folder)),
            (self._without, ''),
        ):
            folder = home / '.aws'
            folder.mkdir(parents=True, exist_ok=True)
            (folder / 'config').write_text(lines + config)
            (folder / 'credentials').write_text(credentials)

    def write_sessions(self, count: int) -> None:
        """Have so many more sessions in the cache than the first."""
        session = self._session_files()[0]
        text = session.read_text()
        for number in range(count):
            key = sha256(str(number).encode()).hexdigest()
            path = session.with_name(f'{key}.json')
            path.write_text(text)
            # A file that others can read is not believed.
            path.chmod(0o600)

    @property
    def _session(self) -> Mapping[str, str]:
        [session] = self._session_files()
        found: Mapping[str, str] = json.loads(session.read_text())[
            'Credentials'
        ]
        return found

    def _session_files(self) -> list[Path]:
        cache = self._with / '.aws' / 'cli' / 'mfa-cache'
        return sorted(cache.glob(f'{"[0-9a-f]" * 64}.json'))

    def _command(self, *arguments: str, plugin: bool = True) -> Command:
        return Command(
            arguments,
            {
                'HOME': str(self._with if plugin else self._without),
                'PATH': os.environ['PATH'],
                'LANG': 'C.UTF-8',
                'AWS_PAGER': '',
                # Otherwise two runs of the same command differ.
                'PYTHONHASHSEED': '0',
                **self._aws.environment(),
            },
        )


def _sections(profiles: Mapping[str, Mapping[str, str]]) -> str:
    return ''.join(
        f'[{profile}]\n'
        + ''.join(f'{name} = {value}\n' for name, value in settings.items())
        for profile, settings in profiles.items()
    )
