#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Show the plugin at work against a stand-in for AWS on this machine.

python3 tests/demo.py
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import bootstrap

PROFILE = 's3-cli-user'


def story() -> int:
    """Tell the story and return an exit code: 0 when it ended well."""
    from tests.standin import StandIn

    say('Starting a stand-in for AWS on this machine ...')
    with StandIn.start() as aws, tempfile.TemporaryDirectory() as home:
        user = aws.create_user(PROFILE)
        aws.create_bucket('holiday-pictures')
        aws.create_bucket('tax-2026')
        shell = Shell(Path(home), aws.environment())
        shell.write(
            '.aws/credentials',
            f'[{PROFILE}-long-term]\n'
            f'aws_access_key_id = {user.access_key_id}\n'
            f'aws_secret_access_key = {user.secret_access_key}\n',
        )
        shell.write(
            '.aws/config',
            '[plugins]\n'
            'mfa = awscli_mfa_plugin\n'
            '\n'
            f'[profile {PROFILE}]\n'
            'region = eu-central-1\n'
            f'mfa_serial = {user.device.serial_number}\n',
        )
        say('These are the settings of somebody who uses the plugin:')
        shell.run('cat', str(shell.home / '.aws' / 'config'))

        say('The access key alone may do nothing without MFA:')
        refused = shell.run(
            'aws', 's3', 'ls', '--profile', f'{PROFILE}-long-term'
        )
        say('And there is no MFA session yet:')
        refused_too = shell.run('aws', 's3', 'ls', '--profile', PROFILE)

        code = user.device.code()
        say(f'Now your authenticator shows   {code[:3]} {code[3:]}')
        login = ['aws', 'mfa', 'login', '--profile', PROFILE]
        if not has_terminal():
            # Nobody to type it: say it on the command line.
            login += ['--token-code', code]
        logged_in = shell.run(*login)
        say('From now on every command just works:')
        allowed = shell.run('aws', 's3', 'ls', '--profile', PROFILE)
        identity = shell.run(
            'aws', 'sts', 'get-caller-identity', '--profile', PROFILE
        )
        shell.run('aws', 'mfa', 'status', '--profile', PROFILE)

        calls = [request.operation for request in aws.requests()]
        say('What AWS was asked, in order: ' + ', '.join(calls))
    ended_well = (
        refused and refused_too and not (logged_in or allowed or identity)
    )
    say('That was all.' if ended_well else 'That did not go as it should.')
    return 0 if ended_well else 1


class Shell:
    """Runs commands in a home folder of their own, and shows them."""

    def __init__(self, home: Path, variables: dict[str, str]) -> None:
        self.home = home
        scripts = Path(sys.executable).parent
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith('AWS_')
        }
        self._environment.update(
            HOME=str(home),
            USERPROFILE=str(home),
            PATH=f'{scripts}{os.pathsep}{os.environ.get("PATH", "")}',
            # The story wants to show what happens without a session.
            AWS_MFA_PROMPT='never',
            **variables,
        )

    def write(self, name: str, text: str) -> None:
        """Write a file of the home folder."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')
        path.chmod(0o600)

    def run(self, *command: str) -> int:
        """Run a command at the person's terminal; return its exit code."""
        shown = shlex.join(command).replace(str(self.home), '~')
        print(f'\n$ {shown}', flush=True)
        program = shutil.which(command[0], path=self._environment['PATH'])
        if program is None:
            print(f'{command[0]}: command not found')
            return 127
        return subprocess.call([program, *command[1:]], env=self._environment)


def has_terminal() -> bool:
    """Tell whether there is somebody who could type a code."""
    from awscli_mfa_plugin.host.terminal import Terminal

    return Terminal().is_available()


def say(text: str) -> None:
    """Say something between the commands."""
    print(f'\n# {text}', flush=True)


def main() -> int:
    """Install what the demonstration needs, then tell its story."""
    bootstrap.run_inside(
        'demo',
        # This project as it is in the checkout, with an AWS CLI v1.
        [
            *('--editable', '.[awscli]'),
            *('--requirement', 'tests/standin/requirements.txt'),
        ],
        # MiniStack's and the newest AWS CLI v1's oldest Python.
        minimum=(3, 10),
    )
    return story()


if __name__ == '__main__':
    sys.exit(main())
