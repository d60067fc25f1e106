# SPDX-License-Identifier: Apache-2.0
"""A person with a home folder, an AWS CLI and an IAM user."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect

from tests.hosts import Host
from tests.standin import StandIn, User

REGION = 'eu-central-1'
PROMPT = 'Enter MFA code for '

# How long a command may take before a test fails, in seconds; never how
# long a test waits.
_TIMEOUT = 120


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """Return its output, which is JSON."""
        return json.loads(self.stdout)


@dataclass(frozen=True)
class ExitCodes:
    """What an AWS CLI ends with, by what went wrong."""

    usage: int
    configuration: int
    service: int
    other: int = 255


def _plain_groff(home: Path) -> str:
    """Make a folder with a ``groff`` that leaves the layout out.

    The CLI shows no help page without one, and a machine with nothing but
    a Python has none; CI has the real one.
    """
    folder = home.parent / 'groff'
    folder.mkdir(exist_ok=True)
    script = folder / 'groff'
    script.write_text(
        '#!/bin/sh\n'
        r"exec sed -e '/^\./d' -e 's/\\f[A-Z]//g' -e 's/\\\(.\)/\1/g'"
        '\n'
    )
    script.chmod(0o755)
    return str(folder)


class Person:
    """Somebody whose commands run in a home folder of their own.

    :ivar profile: The profile the person works with; it has the IAM
        user's key and MFA device.
    :ivar exit_codes: Those of the host.
    """

    def __init__(
        self,
        home: Path,
        host: Host,
        aws: StandIn,
        user: User,
        plugin_folder: Path,
    ) -> None:
        self.home = home
        self.host = host
        self.aws = aws
        self.user = user
        self.profile = 's3-cli-user'
        self.config_file = home / '.aws' / 'config'
        self.credentials_file = home / '.aws' / 'credentials'
        self.cache = home / '.aws' / 'cli' / 'mfa-cache'
        self.variables: dict[str, str] = {}
        self.exit_codes = (
            ExitCodes(usage=252, configuration=253, service=254)
            if host.is_v2
            else ExitCodes(usage=2, configuration=255, service=255)
        )
        self._plugin_lines = host.plugin_lines(plugin_folder)
        self.config_file.parent.mkdir(parents=True)
        self._path = os.environ['PATH']
        if not (shutil.which('groff') or shutil.which('mandoc')):
            self._path = os.pathsep.join([_plain_groff(home), self._path])
        self.write_config(
            f'[profile {self.profile}]\n'
            f'region = {REGION}\n'
            f'mfa_serial = {user.device.serial_number}\n'
        )
        self.write_credentials({self.profile: user})

    def write_config(self, text: str, *, plugin: bool = True) -> None:
        """Write the config file, with the plugin enabled."""
        lines = self._plugin_lines if plugin else ''
        self.config_file.write_text(lines + text)

    def write_profiles(
        self,
        profiles: Mapping[str, Mapping[str, object]],
        *,
        plugin: bool = True,
    ) -> None:
        """Write a config file of these profiles, each with a region."""
        self.write_config(
            '\n'.join(
                '\n'.join(
                    [
                        f'[profile {profile}]',
                        *(
                            f'{name} = {value}'
                            for name, value in {
                                'region': REGION,
                                **settings,
                            }.items()
                        ),
                        '',
                    ]
                )
                for profile, settings in profiles.items()
            ),
            plugin=plugin,
        )

    def write_credentials(self, users: Mapping[str, User]) -> None:
        """Write the credentials file: the long-term keys of users."""
        self.credentials_file.write_text(
            ''.join(
                f'[{profile}]\n'
                f'aws_access_key_id = {user.access_key_id}\n'
                f'aws_secret_access_key = {user.secret_access_key}\n'
                for profile, user in users.items()
            )
        )

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return the whole environment of a command."""
        return {
            'HOME': str(self.home),
            'PATH': self._path,
            'TERM': 'xterm',
            'COLUMNS': '80',
            'LANG': 'C.UTF-8',
            'TZ': 'Europe/Berlin',
            # Its pager would wait for a key.
            'AWS_PAGER': '',
            **self.aws.environment(),
            **self.variables,
            **variables,
        }

    def start(
        self,
        *arguments: str,
        program: Sequence[str] | None = None,
        stdin: int = subprocess.DEVNULL,
        **variables: str,
    ) -> subprocess.Popen[str]:
        """Start a command without any terminal."""
        return subprocess.Popen(
            [*(program or [self.host.aws]), *arguments],
            env=self.environment(variables),
            cwd=self.home,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(
        self,
        *arguments: str,
        program: Sequence[str] | None = None,
        input: str | None = None,
        **variables: str,
    ) -> Result:
        """Run an ``aws`` command without any terminal.

        :param program: Another program in the place of ``aws``.
        """
        process = self.start(
            *arguments,
            program=program,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            **variables,
        )
        stdout, stderr = process.communicate(input, timeout=_TIMEOUT)
        return Result(process.returncode, stdout, stderr)

    def ok(self, *arguments: str, **keywords: Any) -> Result:
        """Run a command that has to succeed."""
        result = self.run(*arguments, **keywords)
        assert result.code == 0, (arguments, result)
        return result

    def login(self, *arguments: str, **variables: str) -> Result:
        """Log in with a fresh code from the device."""
        return self.ok(
            'mfa',
            'login',
            '--profile',
            self.profile,
            '--token-code',
            self.user.device.code(),
            *arguments,
            **variables,
        )

    def at_terminal(
        self,
        *arguments: str,
        program: Sequence[str] | None = None,
        **variables: str,
    ) -> Terminal:
        """Start a command at a terminal of its own."""
        command, *rest = [*(program or [self.host.aws]), *arguments]
        terminal = Terminal(
            command,
            rest,
            env=self.environment(variables),
            cwd=str(self.home),
            encoding='utf-8',
            timeout=_TIMEOUT,
            dimensions=(24, 80),
        )
        terminal.logfile_read = io.StringIO()
        return terminal

    def in_shell(
        self, script: str, *arguments: str, **variables: str
    ) -> Terminal:
        """Start a shell script at a terminal of its own.

        :param script: In it, ``"$0"`` is ``aws`` and ``"$@"`` are the
            arguments.
        """
        return self.at_terminal(
            *arguments,
            program=['sh', '-c', script, self.host.aws],
            **variables,
        )

    def session_files(self) -> list[Path]:
        """Return the MFA sessions in the cache, not the roles."""
        return sorted(self.cache.glob(f'{"[0-9a-f]" * 64}.json'))

    def cached_files(self) -> list[Path]:
        """Return the sessions in the cache, the roles with them."""
        return sorted(self.cache.glob(f'{"[0-9a-f]" * 64}*.json'))

    def sessions(self) -> list[dict[str, Any]]:
        """Return what is in these files."""
        return [json.loads(path.read_text()) for path in self.session_files()]


class Terminal(pexpect.spawn):  # type: ignore[type-arg]
    """A command at a pseudo-terminal."""

    @property
    def shown(self) -> str:
        """Everything that the terminal has shown so far."""
        log = self.logfile_read
        assert isinstance(log, io.StringIO)
        return log.getvalue()

    @property
    def said(self) -> str:
        """The same in one line, wherever the terminal broke it."""
        return ' '.join(self.shown.split())

    def expect_words(self, text: str) -> None:
        """Wait for a text that may be broken at any space."""
        self.expect(re.escape(text).replace('\\ ', r'\s+'))

    def answer(self, text: str, prompt: str = PROMPT) -> None:
        """Wait for a prompt and type an answer to it."""
        self.expect_words(prompt)
        # The prompt comes when echo is off already, but pexpect would
        # wait a moment all the same.
        self.delaybeforesend = None
        self.sendline(text)

    def finish(self) -> Result:
        """Wait for the end; all that was shown counts as output."""
        shown = self.before_and_rest()
        self.close()
        code = self.exitstatus
        return Result(-1 if code is None else code, shown, '')

    def before_and_rest(self) -> str:
        """Return everything shown since the last prompt."""
        self.expect(pexpect.EOF)
        return str(self.before)
