# SPDX-License-Identifier: Apache-2.0
"""Draw the pictures of the documentation from real runs.

``tox -e pictures`` runs a real AWS CLI, the newest there is, in a real shell
at a terminal of 80 columns, against the tests' stand-in for AWS. What differs
from run to run (times, numbers of accounts, processes and ports) is replaced,
so that a picture changes when a command does.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from release.svg import THEMES, draw
from tests.e2e.person import PROMPT, REGION, Person, Terminal
from tests.hosts import hosts
from tests.standin import StandIn

FOLDER = Path(__file__).parent.parent / 'docs' / 'images'

_SHELL = ('bash', '--norc', '--noprofile', '-i')
_SHELL_PROMPT = '$ '
_PROFILE = 's3-cli-user'

# What is replaced in all that a terminal shows, in this order.
_REPLACED = (
    (r'(until )\d{4}-\d\d-\d\d \d\d:\d\d:\d\d', r'\g<1>2026-11-24 18:31:12'),
    (r'(user +)\d{4}-\d\d-\d\d \d\d:\d\d', r'\g<1>2026-11-24 18:31'),
    (r'(role admin +)\d{4}-\d\d-\d\d \d\d:\d\d', r'\g<1>2026-11-24 07:31'),
    (r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= holiday)', '2026-03-01 09:26:53'),
    (r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= tax)', '2026-04-15 16:12:08'),
    (r'11h59m', '12h00m'),
    (r' 59m', ' 1h00m'),
    (r'(?<![\d.])\d{12}(?!\d)', '123456789012'),
    (r'\*{8}\d{4}', '********9012'),
    (r'at pts/\d+', 'at pts/2'),
    (r'127\.0\.0\.1:\d+', '127.0.0.1:40000'),
    (r'(Python \d+\.\d+)\.\d+', r'\1'),
)


class Scene:
    """A person with a profile, a role, two buckets, and a shell."""

    def __init__(self, folder: Path, aws: StandIn) -> None:
        home = folder / 'home'
        self.host = max(hosts(), key=lambda host: host.version)
        self.user = aws.create_user(_PROFILE)
        role = aws.create_role('admin')
        for bucket in ('holiday-pictures', 'tax-2026'):
            aws.create_bucket(bucket)
        self.person = Person(home, self.host, aws, self.user, home)
        programs = home / 'bin'
        programs.mkdir()
        for name, path in (
            ('aws', self.host.aws),
            ('awscli-mfa', shutil.which('awscli-mfa', path=_beside())),
        ):
            script = programs / name
            script.write_text(f'#!/bin/sh\nexec {path} "$@"\n')
            script.chmod(0o755)
        self.person.variables.update(
            PATH=f'{programs}:/usr/bin:/bin',
            PS1=f'\\[\033[32m\\]{_SHELL_PROMPT}\\[\033[0m\\]',
            TZ='UTC',
            AWS_PROFILE=_PROFILE,
        )
        self.person.write_credentials({f'{_PROFILE}-long-term': self.user})
        self.person.credentials_file.chmod(0o600)
        serial_number = self.user.device.serial_number
        self.person.write_config(
            f'[profile {_PROFILE}]\n'
            f'region = {REGION}\n'
            f'mfa_serial = {serial_number}\n'
            '\n'
            '[profile admin]\n'
            f'region = {REGION}\n'
            f'role_arn = {role.arn}\n'
            f'source_profile = {_PROFILE}\n',
            plugin=False,
        )
        self.person.ok('enable', program=[str(programs / 'awscli-mfa')])

    def shell(self) -> Terminal:
        """Start a shell."""
        shell = self.person.at_terminal(program=_SHELL)
        shell.delaybeforesend = None
        shell.expect_exact(_SHELL_PROMPT)
        return shell

    def login_with_one_code(self) -> list[str]:
        """Log in, use the session and a role, and look at what there is."""
        shell = self.shell()
        shell.sendline('aws mfa login')
        shell.answer(self.user.device.code())
        shell.expect_exact(_SHELL_PROMPT)
        for command in (
            'aws s3 ls',
            'aws s3 ls --profile admin',
            'aws mfa status',
        ):
            _run(shell, command)
        return [_shown(shell)]

    def commands(self) -> list[str]:
        """Ask what there is to type."""
        shell = self.shell()
        _run(shell, 'aws mfa')
        return [_shown(shell)]

    def waiting(self) -> list[str]:
        """Start a second command while the first one asks."""
        first, second = self.shell(), self.shell()
        first.sendline('aws s3 ls')
        first.expect_exact(PROMPT)
        second.sendline('aws s3 ls --profile admin')
        second.expect_exact('at pts/')
        second.expect_exact('.')
        # Now: the line goes away.
        waits = second.shown
        first.sendline(self.user.device.code())
        for shell in (first, second):
            shell.expect_exact(_SHELL_PROMPT)
            shell.close()
        end = first.shown.index('\n', first.shown.index(PROMPT))
        return [_replaced(first.shown[:end]), _replaced(waits)]

    def doctor(self) -> list[str]:
        """Break the set-up, and ask what is wrong."""
        self.person.credentials_file.chmod(0o644)
        config = self.person.config_file
        config.write_text(
            config.read_text().replace(
                self.user.device.serial_number,
                f'{self.user.device.serial_number}-old-phone',
            )
        )
        shell = self.shell()
        _run(shell, 'aws mfa doctor')
        return [_shown(shell)]


# The title of each picture; its name is that of what is played.
PICTURES: dict[str, tuple[str, Callable[[Scene], list[str]]]] = {
    'login': (
        'aws mfa login asks for one code; aws s3 ls, a role and aws mfa '
        'status need none',
        Scene.login_with_one_code,
    ),
    'commands': ('aws mfa prints its subcommands', Scene.commands),
    'waiting': (
        'A second command waits for the code that the first one asks for',
        Scene.waiting,
    ),
    'doctor': (
        'aws mfa doctor finds a problem and what mends it',
        Scene.doctor,
    ),
}


def pictures() -> Iterator[tuple[str, str]]:
    """Play each scene in a home folder of its own; return the files."""
    for name, (title, play) in PICTURES.items():
        with (
            StandIn.start() as aws,
            # A command that the shell's end cuts off may still write there.
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ):
            screens = play(Scene(Path(folder), aws))
        for page, theme in THEMES.items():
            yield f'{name}-{page}.svg', draw(title, screens, theme)


def _run(shell: Terminal, command: str) -> None:
    shell.sendline(command)
    shell.expect_exact(_SHELL_PROMPT)


def _shown(shell: Terminal) -> str:
    """Return all that was shown before the last prompt."""
    shown = shell.shown.rpartition(_SHELL_PROMPT)[0]
    shell.close()
    return _replaced(shown)


def _replaced(shown: str) -> str:
    for pattern, replacement in _REPLACED:
        shown = re.sub(pattern, replacement, shown)
    return shown


def _beside() -> str:
    """Return the folder of the programs of this environment."""
    return str(Path(sys.executable).parent)


def main() -> int:
    """Write the pictures and return an exit code."""
    for name, text in pictures():
        (FOLDER / name).write_text(text, encoding='utf-8')
        print(FOLDER / name)
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
