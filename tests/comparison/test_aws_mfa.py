# SPDX-License-Identifier: Apache-2.0
"""aws-mfa 0.0.12 from PyPI and ``aws mfa login``, side by side."""

from __future__ import annotations

import configparser
import json
import os
import re
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import botocore.session
import pexpect
import pytest

from tests.comparison.conftest import OUTCOME
from tests.comparison.scenarios import (
    DIFFERENCES,
    FIELDS,
    SCENARIOS,
    Scenario,
)
from tests.e2e.person import REGION, Person
from tests.hosts import Host
from tests.standin import StandIn, User

VARIABLE = 'AWSCLI_MFA_TEST_AWS_MFA'

COMMENT = '# mine, and worth keeping'
PROMPT = 'Enter (AWS )?MFA code for '
# aws-mfa's question for the one file that it knows.
CREATE = 'would you like to create one'

# What a section holds: aws-mfa's names for a session, and for a role's.
SESSION = {
    'assumed_role',
    'aws_access_key_id',
    'aws_secret_access_key',
    'aws_session_token',
    'aws_security_token',
    'expiration',
}
ROLE = SESSION | {'assumed_role_arn'}

MakeUser = Callable[[], User]


@dataclass(frozen=True)
class Outcome:
    """What a person has at the end, in words.

    :ivar asked: Whether there was a prompt for a code.
    :ivar code: Whether the code was to be seen on the screen.
    :ivar exit: Success or failure.
    :ivar section: What the short-term section holds.
    :ivar keys: Who AWS takes the keys for.
    :ivar lasts: How long the section says that they last.
    :ivar comments: Whether the comments of the file are still there.
    """

    asked: str
    code: str
    exit: str
    section: str
    keys: str
    lasts: str
    comments: str


@pytest.fixture(scope='session')
def aws_mfa() -> str:
    """Return the path of aws-mfa, which has an environment of its own."""
    path = os.environ.get(VARIABLE)
    if not path:
        pytest.fail(
            f'{VARIABLE} does not name an aws-mfa; run tox -e comparison'
        )
    return path


@pytest.fixture(scope='session')
def roles(running_aws: StandIn) -> dict[str, str]:
    """Make the roles that the scenarios name."""
    return {
        name: running_aws.create_role(f'comparison-{name}').arn
        for name in ('role', 'other_role')
    }


@pytest.fixture(scope='session')
def outcomes_of_aws_mfa() -> dict[str, Outcome]:
    """Remember what aws-mfa does, which no AWS CLI changes."""
    return {}


class Attempt:
    """A scenario, by somebody with one of both programs.

    :ivar command: The program and its arguments but for the flags.
    """

    def __init__(
        self,
        scenario: Scenario,
        person: Person,
        command: list[str],
        roles: dict[str, str],
    ) -> None:
        self.scenario = scenario
        self.person = person
        self.command = command
        self.names = {
            'device': person.user.device.serial_number,
            **roles,
        }
        self.file = person.credentials_file
        self._write_files()

    def _write_files(self) -> None:
        person, scenario = self.person, self.scenario
        person.variables['USER'] = 'anna'
        person.write_config(scenario.config)
        if scenario.region:
            person.variables['AWS_DEFAULT_REGION'] = REGION
        if scenario.elsewhere:
            person.credentials_file.unlink()
            self.file = person.home / 'my-credentials'
            person.variables['AWS_SHARED_CREDENTIALS_FILE'] = str(self.file)
        text = f'{COMMENT}\n[other]\nregion = x\n'
        if scenario.long_term:
            text += (
                f'[{scenario.long_term}]\n'
                f'aws_access_key_id = {person.user.access_key_id}\n'
                f'aws_secret_access_key = {person.user.secret_access_key}\n'
                + scenario.settings.format(**self.names)
            )
        self.file.write_text(text)

    def outcome(self) -> Outcome:
        """Do it, and see what came of it."""
        scenario = self.scenario
        for flags in scenario.before:
            self._run(flags, self.person.user.device.code())
        if scenario.before:
            assert self._section(), 'the logins before it failed'
        if scenario.expires:
            self._expire()
        device = self.person.user.device
        code = '12345'
        if scenario.code != 'malformed':
            is_right = scenario.code == 'right'
            code = device.code() if is_right else device.wrong_code()
        asked, shown, status = self._run(scenario.flags, code)
        section = self._section()
        return Outcome(
            asked='yes' if asked else 'no',
            code=self._is_shown(code, shown) if asked else '-',
            exit='success' if status == 0 else 'failure',
            section=self._what_is_in(section),
            keys=self._whose_keys(section),
            lasts=_how_long(section),
            comments=('kept' if COMMENT in self.file.read_text() else 'lost'),
        )

    def _run(self, flags: str, code: str) -> tuple[bool, str, int]:
        """Return whether a code was asked for, what was shown, the code."""
        command = [*self.command]
        if self.scenario.profile:
            command += ['--profile', self.scenario.profile]
        command += flags.format(**self.names).split()
        terminal = self.person.at_terminal(
            program=command,
            **{
                name: value.format(**self.names)
                for name, value in self.scenario.variables.items()
            },
        )
        asked = False
        while True:
            found = terminal.expect([PROMPT, CREATE, pexpect.EOF])
            if found == 2:
                break
            if found == 1:
                terminal.sendline('n')
            elif asked:
                # Asked again, the person gives up.
                terminal.sendeof()
            else:
                asked = True
                terminal.sendline(code)
        terminal.close()
        assert terminal.exitstatus is not None
        return asked, terminal.shown, terminal.exitstatus

    def _is_shown(self, code: str, shown: str) -> str:
        # Prompts show the device, which has digits too.
        shown = shown.replace(self.names['device'], '')
        return 'shown' if code in shown else 'hidden'

    def _expire(self) -> None:
        """Let the time of the session pass, here and at AWS."""
        self.person.aws.expire_sessions()
        past = datetime.now(timezone.utc) - timedelta(seconds=90)
        text, count = re.subn(
            r'(?m)^expiration = .*$',
            f'expiration = {past:%Y-%m-%d %H:%M:%S}',
            self.file.read_text(),
        )
        assert count == 1
        self.file.write_text(text)
        for path in self.person.cached_files():
            entry = json.loads(path.read_text())
            entry['Credentials']['Expiration'] = f'{past:%Y-%m-%dT%H:%M:%SZ}'
            path.write_text(json.dumps(entry))

    def _section(self) -> dict[str, str]:
        parser = configparser.RawConfigParser(default_section='none')
        parser.read(self.file)
        if not parser.has_section(self.scenario.short_term):
            return {}
        return dict(parser.items(self.scenario.short_term))

    def _what_is_in(self, section: dict[str, str]) -> str:
        names = set(section)
        arn = section.get('assumed_role_arn')
        if section.get('aws_security_token') != section.get(
            'aws_session_token'
        ):
            return 'two tokens'
        if names == SESSION and section['assumed_role'] == 'False':
            return 'session'
        if names == ROLE and section['assumed_role'] == 'True':
            name = [n for n, value in self.names.items() if value == arn]
            return f'session of {name[0]}'
        return 'long-term keys' if names else '-'

    def _whose_keys(self, section: dict[str, str]) -> str:
        if 'aws_session_token' not in section:
            return '-'
        keys = {
            name: section[name]
            for name in (
                'aws_access_key_id',
                'aws_secret_access_key',
                'aws_session_token',
            )
        }

        client = botocore.session.Session().create_client(
            's3',
            region_name=REGION,
            endpoint_url=self.person.aws.url,
            **keys,
        )
        # Refused to keys without MFA.
        client.list_buckets()
        [*_, call] = self.person.aws.requests(operation='ListBuckets')
        if call.key_kind != 'role':
            return 'the user'
        [*_, made] = self.person.aws.requests(operation='AssumeRole')
        return f'a role, {made.parameters["RoleSessionName"]}'


def _how_long(section: dict[str, str]) -> str:
    """Return what is left by the section, rounded to a tenth of an hour."""
    if 'expiration' not in section:
        return '-'
    end = datetime.strptime(
        section['expiration'] + ' +0000', '%Y-%m-%d %H:%M:%S %z'
    )
    left = end - datetime.now(timezone.utc)
    return f'{left / timedelta(hours=1):.1f} h'


@pytest.mark.parametrize(
    'scenario', SCENARIOS, ids=[scenario.name for scenario in SCENARIOS]
)
def test_scenario(
    scenario: Scenario,
    host: Host,
    aws: StandIn,
    new_user: MakeUser,
    aws_mfa: str,
    roles: dict[str, str],
    outcomes_of_aws_mfa: dict[str, Outcome],
    plugin_folder: Path,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Both end alike, but for the differences that are listed."""

    def attempt(name: str, *command: str) -> Outcome:
        person = Person(tmp_path / name, host, aws, new_user(), plugin_folder)
        return Attempt(scenario, person, [*command], roles).outcome()

    theirs = outcomes_of_aws_mfa.get(scenario.name)
    if theirs is None:
        theirs = attempt('aws-mfa', aws_mfa)
        outcomes_of_aws_mfa[scenario.name] = theirs
    record_property(OUTCOME, (scenario.name, 'aws-mfa', astuple(theirs)))
    ours = attempt('ours', host.aws, 'mfa', 'login', '--write-credentials')
    record_property(OUTCOME, (scenario.name, host.name, astuple(ours)))
    different = {
        name for name in FIELDS if getattr(theirs, name) != getattr(ours, name)
    }
    explained = {
        name for key in scenario.differs for name in DIFFERENCES[key].fields
    }
    assert different == explained, (theirs, ours)
