# SPDX-License-Identifier: Apache-2.0
"""One terminal has one question at a time, and is left as it was."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pexpect
import pytest

from tests.e2e.person import PROMPT, Person, Terminal
from tests.standin import User

NATIVE = ('sts', 'get-caller-identity')

# Says at the end which of its modes the terminal has.
LOOK = 'stty -a | grep -owE -- "-?(echo|icanon|isig)" | xargs echo modes:'
NORMAL = 'modes: isig icanon echo'


def check_left_as_it_was(terminal: Terminal) -> None:
    """Check that the terminal takes lines, and shows them, again."""
    assert NORMAL in terminal.shown


@pytest.fixture
def users(person: Person, new_user: Callable[[], User]) -> dict[str, User]:
    """Give two profiles, each with an access key and a device."""
    users = {'first': new_user(), 'second': new_user()}
    person.write_profiles(
        {
            name: {'mfa_serial': user.device.serial_number}
            for name, user in users.items()
        }
    )
    person.write_credentials(users)
    return users


def answer_next(terminal: Terminal, users: dict[str, User]) -> tuple[str, str]:
    """Answer the question that stands there; return profile and code."""
    devices = {user.device.serial_number: name for name, user in users.items()}
    terminal.expect(f'{PROMPT}(\\S+): ')
    assert isinstance(terminal.match, re.Match)
    name = devices[terminal.match[1]]
    code = users[name].device.code()
    terminal.delaybeforesend = None
    terminal.sendline(code)
    return name, code


def test_two_devices_are_asked_for_in_turn(
    person: Person, users: dict[str, User]
) -> None:
    """Each code goes to its own device, and neither shows."""
    terminal = person.in_shell(
        f"""
        for profile in first second; do
            "$0" "$@" --profile $profile >$profile 2>&1 &&
                echo "done with $profile" &
        done
        wait
        {LOOK}
        """,
        *NATIVE,
    )
    answered = [answer_next(terminal, users) for _ in users]
    assert terminal.finish().code == 0
    assert terminal.shown.count(PROMPT) == 2
    for name, code in answered:
        assert f'done with {name}' in terminal.shown
        assert code not in terminal.shown
    check_left_as_it_was(terminal)
    assert len(person.sessions()) == 2
    # No word of the questions is left.
    assert not list(person.cache.glob('*.holder'))


@pytest.mark.one_host
def test_a_choice_is_asked_for_in_turn(
    person: Person, users: dict[str, User]
) -> None:
    """A code that is typed next goes to no question of another command."""
    first = users['first']
    first.iam_policy('any-device')
    first.add_device(f'GAHT{int(first.name.rpartition("-")[2]):08}')
    person.write_profiles(
        {
            'first': {},
            'second': {'mfa_serial': users['second'].device.serial_number},
        }
    )
    # Whoever asks leaves word beside the terminal's lock; whoever waits to ask
    # for a code does so beside the session's.
    terminal = person.in_shell(
        f"""
        there_are() {{
            tries=0
            until [ "$(ls .aws/cli/mfa-cache | grep -c "$2")" = $1 ] ||
                [ $((tries += 1)) = 300 ]; do sleep 0.1; done
        }}
        mkdir -p -m 700 .aws/cli/mfa-cache
        "$0" mfa login --profile first >first 2>&1 &
        there_are 1 'terminal-.*holder'
        "$0" "$@" --profile second >second 2>&1 &
        there_are 2 holder
        echo both are there
        wait
        {LOOK}
        """,
        *NATIVE,
    )
    terminal.expect_exact('both are there')
    assert PROMPT not in terminal.shown
    terminal.sendline('1')
    for _ in users:
        answer_next(terminal, users)
    assert terminal.finish().code == 0
    assert 'MFA device (number or ARN): ' in terminal.shown
    check_left_as_it_was(terminal)
    assert len(person.sessions()) == 2


@pytest.mark.parametrize('number', ['HUP', 'TERM', 'KILL'])
def test_a_killed_question_makes_room_for_the_next(
    person: Person, users: dict[str, User], number: str
) -> None:
    """Whatever ends the one, the other asks, and nothing typed shows."""
    terminal = person.in_shell(
        f"""
        "$0" "$@" --profile first >first 2>&1 &
        first=$!
        until ls .aws/cli/mfa-cache/terminal-*.holder; do sleep 0.1
        done >/dev/null 2>&1
        "$0" "$@" --profile second >second 2>&1 &
        until [ "$(ls .aws/cli/mfa-cache/*.holder | wc -l)" = 3 ]; do
            sleep 0.1
        done
        kill -{number} $first
        wait
        {LOOK}
        """,
        *NATIVE,
    )
    terminal.expect_exact(users['first'].device.serial_number)
    name, code = answer_next(terminal, users)
    assert name == 'second'
    assert terminal.finish().code == 0
    assert code not in terminal.shown
    check_left_as_it_was(terminal)
    (session,) = person.sessions()
    assert session['ProfileName'] == 'second'


@pytest.mark.parametrize('mode', ['-echo', '-icanon'])
def test_a_terminal_in_another_mode_is_left_alone(
    person: Person, mode: str
) -> None:
    """A command that finds another program's mode asks and changes nothing."""
    person.variables['AWS_PROFILE'] = person.profile
    terminal = person.in_shell(
        f'stty {mode}; "$0" "$@" 2>err; echo "code $?"; '
        f'"$0" mfa login 2>>err; echo "code $?"; {LOOK}',
        *NATIVE,
    )
    assert terminal.finish().code == 0
    assert PROMPT not in terminal.shown
    assert f'code {person.exit_codes.usage}' in terminal.shown
    modes = NORMAL.replace(mode.lstrip('-'), mode)
    assert modes in terminal.shown
    said = (person.home / 'err').read_text()
    assert (
        'another program is using this terminal. Start one in another '
        'terminal with: aws mfa login --profile s3-cli-user\n'
    ) in said
    assert person.aws.requests() == []


def test_another_terminal_is_told_who_asks(person: Person) -> None:
    """It is told at once, and once for all that wait there."""
    person.variables['AWS_PROFILE'] = person.profile
    first = person.at_terminal(*NATIVE, '--query', 'Account')
    first.expect_exact(PROMPT)
    second = person.in_shell(
        """
        for number in 1 2 3; do
            "$0" "$@" >/dev/null && echo "done $number" &
        done
        wait
        """,
        *NATIVE,
    )
    second.expect(
        'Waiting up to 5 minutes: aws sts get-caller-identity asks for a '
        r'code (at pts/\d+|\(process \d+\))\.'
    )
    # A code that somebody has is no reason to wait for the prompt.
    person.login()
    # The first that goes on takes the line away.
    second.expect_exact('\r\033[K')
    second.expect_exact('done ')
    assert second.finish().code == 0
    assert second.shown.count('Waiting') == 1
    assert second.shown.count('done ') == 3
    first.sendcontrol('c')
    first.finish()


@pytest.mark.skipif(
    shutil.which('bash') is None, reason='bash is the shell with jobs'
)
def test_background_jobs_say_why_they_do_not_ask(person: Person) -> None:
    """A job that read from the terminal would be stopped."""
    terminal = person.at_terminal(
        '--norc',
        '--noprofile',
        '-i',
        '-c',
        'set -m; "$AWS_PROGRAM" sts get-caller-identity & wait; fg; exit 0',
        program=['bash'],
        AWS_PROFILE=person.profile,
        AWS_PROGRAM=person.host.aws,
    )
    terminal.expect_exact('and a background job may not ask for a code. Start')
    terminal.expect(pexpect.EOF)
    assert PROMPT not in terminal.shown
