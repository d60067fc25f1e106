# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.setup_guide."""

from __future__ import annotations

import argparse
import stat
from typing import Any

import pytest
from botocore.config import Config

from awscli_mfa_plugin.commands.setup_guide import SetupGuide, fresh_session
from awscli_mfa_plugin.exceptions import NoTokenCodeError, UsageError
from tests.unit.conftest import (
    ACCESS_KEY_ID,
    KEYS,
    SECRET_KEY,
    SERIAL,
    Answer,
    FakeSTS,
    FakeTerminal,
    Home,
    refused,
)

FIDO = 'arn:aws:iam::123456789012:u2f/user/anna/key'
HARDWARE = 'GAHT12345678'


class FakePerson(FakeTerminal):
    """A terminal where questions other than for codes are answered too."""

    def ask(self, prompt: str) -> str:
        self.prompts.append(prompt)
        if not self.answers:
            raise NoTokenCodeError()
        return self.answers.pop(0)

    def ask_hidden(self, prompt: str) -> str:
        self.hidden = prompt
        return super().ask_hidden(prompt)


@pytest.fixture
def iam(sts: FakeSTS, monkeypatch: pytest.MonkeyPatch) -> FakeSTS:
    """Have IAM where STS is."""
    monkeypatch.setenv('AWS_ENDPOINT_URL_IAM', sts.url)
    return sts


def devices(*serial_numbers: str) -> Answer:
    """Return IAM's answer that lists devices."""
    members = ''.join(
        f'<member><SerialNumber>{serial_number}</SerialNumber></member>'
        for serial_number in serial_numbers
    )
    return Answer(
        200,
        '<ListMFADevicesResponse xmlns='
        '"https://iam.amazonaws.com/doc/2010-05-08/"><ListMFADevicesResult>'
        f'<MFADevices>{members}</MFADevices><IsTruncated>false</IsTruncated>'
        '</ListMFADevicesResult></ListMFADevicesResponse>',
    )


def set_up(
    home: Home, *answers: str, **session: Any
) -> tuple[str, FakePerson]:
    """Answer the guide's questions; return the profile and the terminal."""
    person = FakePerson(*answers)
    guide = SetupGuide(
        home.session(**session),
        argparse.Namespace(endpoint_url=None, verify_ssl=None),
        person,
    )
    return guide.run(), person


KEY = (ACCESS_KEY_ID, f' {SECRET_KEY} ')


def test_new_profile(home: Home, iam: FakeSTS) -> None:
    """The keys go where aws-mfa has them, the rest where AWS has it."""
    iam.answers = [devices(SERIAL)]
    name, person = set_up(home, 'work', *KEY, 'eu-west-1', 'text')
    assert name == 'work'
    assert person.prompts == [
        'Profile name [default]: ',
        'AWS Access Key ID: ',
        'AWS Secret Access Key: ',
        'Default region name: ',
        'Default output format [json]: ',
    ]
    assert person.hidden == 'AWS Secret Access Key: '
    assert f'MFA device: {SERIAL}' in person.told
    assert not any(SECRET_KEY in text for text in person.told)
    [request] = iam.requests
    assert request.parameters['Action'] == 'ListMFADevices'
    assert request.access_key_id == ACCESS_KEY_ID
    assert home.credentials.read_text() == f'[work-long-term]\n{KEYS}'
    assert stat.S_IMODE(home.credentials.stat().st_mode) == 0o600
    general = 'region = eu-west-1\noutput = text\n'
    assert home.config.read_text() == (
        f'[profile work-long-term]\n{general}[profile work]\n{general}'
        f'mfa_serial = {SERIAL}\n'
    )


def test_defaults(home: Home, iam: FakeSTS) -> None:
    """Enter takes the command's profile, no region, and JSON."""
    home.write('[profile other]\nregion = x\n')
    iam.answers = [devices(SERIAL)]
    name, person = set_up(home, '', *KEY, '', '', profile='new')
    assert name == 'new'
    assert person.prompts[0] == 'Profile name [new]: '
    assert home.config.read_text() == (
        '[profile other]\nregion = x\n[profile new-long-term]\n'
        f'output = json\n[profile new]\noutput = json\nmfa_serial = {SERIAL}\n'
    )


@pytest.mark.parametrize(
    ('profile', 'config', 'credentials'),
    [
        ('work', '[profile work]\nregion = x\n', ''),
        ('work-long-term', '', f'[work-long-term]\n{KEYS}'),
        ('default', '[default]\nregion = x\n', ''),
    ],
)
@pytest.mark.parametrize('answer', ['', 'n', 'no', 'what'])
def test_taken_name(
    home: Home,
    iam: FakeSTS,
    profile: str,
    config: str,
    credentials: str,
    answer: str,
) -> None:
    """A section that exists is changed for a clear yes only."""
    home.write(config, credentials)
    name = profile.replace('-long-term', '')
    with pytest.raises(UsageError, match='Nothing was changed'):
        set_up(home, name, answer)
    assert home.config.read_text() == config
    assert home.credentials.read_text() == credentials
    assert iam.requests == []


def test_taken_name_that_may_be_changed(home: Home, iam: FakeSTS) -> None:
    """After a yes for each, both are changed, and no token is left."""
    home.write(
        '[profile work]\n# mine\nmfa_serial = old\n',
        '[work-long-term]\n# mine\naws_access_key_id = x\n'
        'aws_secret_access_key = y\naws_session_token = z\n',
    )
    iam.answers = [devices(SERIAL)]
    _, person = set_up(home, 'work', 'y', 'YES', *KEY, '', '')
    assert person.prompts[1:3] == [
        'The profile work-long-term exists. Change it? [y/N] ',
        'The profile work exists. Change it? [y/N] ',
    ]
    assert home.credentials.read_text() == f'[work-long-term]\n# mine\n{KEYS}'
    text = home.config.read_text()
    assert '# mine\n' in text
    assert 'old' not in text
    assert f'mfa_serial = {SERIAL}\n' in text


@pytest.mark.parametrize('key', [('', SECRET_KEY), (ACCESS_KEY_ID, ' ')])
def test_half_a_key(home: Home, iam: FakeSTS, key: tuple[str, str]) -> None:
    """Without both parts of a key nothing is done."""
    with pytest.raises(UsageError, match='two parts'):
        set_up(home, 'work', *key)
    assert not home.credentials.exists()
    assert iam.requests == []


@pytest.mark.parametrize('count', [1, 3, 4])
def test_leaving(home: Home, iam: FakeSTS, count: int) -> None:
    """Ctrl-D at any question leaves everything as it was."""
    answers = ('work', *KEY, 'eu-west-1', 'json')
    with pytest.raises(UsageError, match='Nothing was changed'):
        set_up(home, *answers[:count])
    assert not home.config.exists()
    assert not home.credentials.exists()


def test_nobody_to_ask(home: Home) -> None:
    """Without a terminal the message is about that, and not about codes."""
    with pytest.raises(UsageError, match='there is no terminal') as caught:
        set_up(home)
    assert 'code' not in str(caught.value)


def test_several_devices(home: Home, iam: FakeSTS) -> None:
    """Of several devices one is chosen by its number; FIDO is told apart."""
    iam.answers = [devices(FIDO, SERIAL, HARDWARE)]
    answers = ('0', '3', '²', '2')
    _, person = set_up(home, 'work', *KEY, '', '', *answers)
    assert f'1. {SERIAL}' in person.told
    assert f'2. {HARDWARE}' in person.told
    assert any('FIDO' in text for text in person.told)
    assert person.prompts[-1] == 'MFA device (number or ARN): '
    assert f'mfa_serial = {HARDWARE}\n' in home.config.read_text()


@pytest.mark.parametrize(
    ('answer', 'words'),
    [
        (devices(), 'has no MFA device yet'),
        (devices(FIDO), 'FIDO'),
        (refused('not authorized'), 'cannot be listed'),
        (Answer(200, 'a page of a hotel'), 'cannot be listed'),
    ],
)
def test_no_device_found(
    home: Home, iam: FakeSTS, answer: Answer, words: str
) -> None:
    """Where none can be found, its ARN is asked for until it is one."""
    iam.answers = [answer]
    _, person = set_up(
        home, 'work', *KEY, '', '', 'arn:aws:iam::1:user/x', SERIAL
    )
    assert any(words in text for text in person.told)
    assert any('it is the ARN of an IAM user' in t for t in person.told)
    assert person.prompts[-2:] == ['MFA device ARN: '] * 2
    assert f'mfa_serial = {SERIAL}\n' in home.config.read_text()


@pytest.mark.parametrize(
    ('answers', 'wanted'),
    [(('',), True), (('y',), True), (('n',), False), ((), False)],
)
def test_log_in_now(
    home: Home, answers: tuple[str, ...], wanted: bool
) -> None:
    """Enter goes on with a login; Ctrl-D is no."""
    guide = SetupGuide(None, None, FakePerson(*answers))
    assert guide.wants_to_log_in() is wanted


def test_fresh_session(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads the files anew and keeps the command's own options."""
    home.write('[profile a]\nregion = eu-west-1\n')
    session = home.session(profile='a')
    session.set_default_client_config(Config(read_timeout=7))
    assert 'b' not in session.full_config['profiles']
    home.write('[profile b]\nregion = eu-west-2\n')
    monkeypatch.setenv('AWS_PROFILE', 'gone')
    fresh = fresh_session(session, 'b')
    assert fresh.get_config_variable('region') == 'eu-west-2'
    assert fresh.get_default_client_config().read_timeout == 7
    assert fresh_session(session).get_config_variable('profile') is None
