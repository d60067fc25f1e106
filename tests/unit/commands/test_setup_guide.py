# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.commands.setup_guide."""

from __future__ import annotations

import argparse
import stat
from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config

from awscli_mfa_plugin.commands.base import fresh_session
from awscli_mfa_plugin.commands.setup_guide import SetupGuide
from awscli_mfa_plugin.exceptions import UsageError
from awscli_mfa_plugin.exceptions.token_codes import NoTokenCodeError
from awscli_mfa_plugin.profiles.settings import read_mfa_profile
from tests.unit.conftest import Answer, FakeSTS, FakeTerminal, Home, refused
from tests.unit.names import (
    ACCESS_KEY_ID,
    FIDO,
    HARDWARE,
    KEYS,
    SECRET_KEY,
    SERIAL,
)


class FakePerson(FakeTerminal):
    """A terminal where questions other than for codes are answered too."""

    def ask(self, prompt: str) -> str:
        self.prompts.append(prompt)
        if not self.answers:
            raise NoTokenCodeError()
        return self.answers.pop(0)

    def ask_hidden(self, prompt: str) -> str:
        self.hidden = prompt
        return self.ask(prompt)


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


def guide(home: Home, person: FakePerson, **session: Any) -> SetupGuide:
    """Return a guide for somebody at a terminal."""
    return SetupGuide(
        home.session(**session),
        argparse.Namespace(endpoint_url=None, verify_ssl=None),
        person,
    )


def set_up(
    home: Home, *answers: str, **session: Any
) -> tuple[str, FakePerson]:
    """Answer the guide's questions; return the profile and the terminal."""
    person = FakePerson(*answers)
    return guide(home, person, **session).run(), person


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


@pytest.mark.parametrize('line', ['source_profile = other', 'source_profile='])
@pytest.mark.parametrize('file', ['config', 'credentials', 'both'])
def test_another_source(
    home: Home, iam: FakeSTS, line: str, file: str
) -> None:
    """A profile with another one's key signs with the new one's."""
    other = f'[other]\n{KEYS}'
    home.write(
        '[profile work] ; mine\n'
        + (f'{line}\nmfa_serial = old\n' if file != 'credentials' else ''),
        other
        + (
            f'[work]\n{line}\n# c\nmfa_serial = old\n'
            if file != 'config'
            else ''
        ),
    )
    iam.answers = [devices(SERIAL)]
    key = ('AKIALONGTERMEXAMPLE2', 'another-secret-EXAMPLE')
    _, person = set_up(home, 'work', 'y', *key, 'eu-west-1', '')
    profiles = home.session().full_config['profiles']
    assert profiles['work'] == {
        'region': 'eu-west-1',
        'output': 'json',
        'mfa_serial': SERIAL,
        'source_profile': 'work-long-term',
    }
    profile = read_mfa_profile('work', profiles)
    assert profile.long_term_profile == 'work-long-term'
    assert home.credentials.read_text().startswith(other)
    said = (
        'The source_profile of profile work was other and is work-long-term '
        'now.'
    )
    assert (said in person.told) is line.endswith('other')


def test_its_own_source(home: Home, iam: FakeSTS) -> None:
    """A profile that is complete is not mentioned."""
    home.write('[profile work]\nsource_profile = work-long-term\n')
    iam.answers = [devices(SERIAL)]
    _, person = set_up(home, 'work', 'y', *KEY, '', '')
    text = home.config.read_text()
    assert text.count('source_profile = work-long-term\n') == 1
    assert not any('source_profile' in told for told in person.told)


def test_settings_that_would_be_hidden(home: Home, iam: FakeSTS) -> None:
    """What the credentials file says of a profile is set there as well."""
    home.write(
        '',
        '[work-long-term]\nregion = a\n# mine\n[work]\nregion=b\r\nx = y\r\n',
    )
    iam.answers = [devices(SERIAL)]
    set_up(home, 'work', 'y', 'y', *KEY, 'eu-west-1', '')
    with home.credentials.open(newline='') as file:
        assert file.read() == (
            '[work-long-term]\nregion = eu-west-1\n'
            + KEYS.replace('\n', '\r\n')
            + '# mine\n[work]\nregion = eu-west-1\r\nx = y\r\n'
        )


@pytest.mark.parametrize(
    ('line', 'reason'),
    [
        (
            'role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = o',
            'it is a role (role_arn)',
        ),
        ('sso_session = x', 'it signs in with IAM Identity Center'),
        ('sso_account_id = 1', 'it signs in with IAM Identity Center'),
        ('web_identity_token_file = x', 'it signs in with a web identity'),
        ('login_session = x', 'it signs in with the console (aws login)'),
    ],
)
@pytest.mark.parametrize('taken', ['work', 'work-long-term'])
def test_profile_of_another_kind(
    home: Home, iam: FakeSTS, line: str, reason: str, taken: str
) -> None:
    """A name that cannot work is refused before anything else is asked."""
    config = f'[profile {taken}]\n{line}\n'
    home.write(config)
    person = FakePerson('work')
    with pytest.raises(UsageError, match='Nothing was changed'):
        guide(home, person).run()
    assert person.prompts == ['Profile name [default]: '] * 2
    [said] = person.told
    assert said.startswith(
        f'Profile {taken} cannot be changed into one with an MFA session, '
        f'because {reason}'
    )
    assert said.endswith(': choose another name.')
    assert home.config.read_text() == config
    assert not home.credentials.read_text()

    iam.answers = [devices(SERIAL)]
    name, _ = set_up(home, 'work', 'new', *KEY, '', '')
    assert name == 'new'
    assert home.config.read_text().startswith(config)


@pytest.mark.parametrize(
    'name', ['a]b', 'a\nb', 'a\tb', '\x1b[D', 'a\x7f', '\u2028', ' ', ' a']
)
def test_unreadable_name(home: Home, iam: FakeSTS, name: str) -> None:
    """A name that no file could hold is asked for again."""
    iam.answers = [devices(SERIAL)]
    chosen, person = set_up(home, name, 'o\'b "[ä#;', *KEY, '', '')
    assert chosen == 'o\'b "[ä#;'
    assert person.prompts[:3] == [
        'Profile name [default]: ',
        'Profile name [default]: ',
        'AWS Access Key ID: ',
    ]
    assert person.told[0] == (
        'A profile name can have no ] and no control characters in it, and '
        'no blanks around it: choose another name.'
    )
    assert set(home.session().full_config['profiles']) == {
        chosen,
        f'{chosen}-long-term',
    }


def test_wrong_secret(home: Home, iam: FakeSTS) -> None:
    """A key that AWS refuses is asked for again, and never saved."""
    wrong = ('AKIALONGTERMEXAMPLE2', 'a-mistyped-secret-EXAMPLE')
    iam.answers = [
        refused('The request signature ...', 'SignatureDoesNotMatch'),
        refused('The request signature ...', 'SignatureDoesNotMatch'),
        devices(SERIAL),
    ]
    answers = (*wrong, 'eu-west-1', 'text', *wrong, *KEY)
    _, person = set_up(home, 'work', *answers)
    assert (
        person.prompts[5:]
        == [
            'AWS Access Key ID: ',
            'AWS Secret Access Key: ',
        ]
        * 2
    )
    said = (
        'AWS does not accept the secret of this access key '
        '(SignatureDoesNotMatch): enter both parts again, or press Ctrl-C to '
        'change nothing.'
    )
    assert person.told[:2] == [said, said]
    assert not any('mistyped' in told for told in person.told)
    assert home.credentials.read_text() == f'[work-long-term]\n{KEYS}'
    assert [request.access_key_id for request in iam.requests] == [
        wrong[0],
        wrong[0],
        ACCESS_KEY_ID,
    ]


@pytest.mark.parametrize(
    'code', ['InvalidClientTokenId', 'AuthFailure', 'IncompleteSignature']
)
def test_unknown_key(home: Home, iam: FakeSTS, code: str) -> None:
    """It may be one of China: the region can be put right as well."""
    iam.answers = [refused('The security token ...', code), devices(SERIAL)]
    answers = (*KEY, '', '', *KEY, 'cn-north-1')
    _, person = set_up(home, 'work', *answers)
    assert person.prompts[-1] == 'Default region name: '
    assert person.told[0] == (
        f'AWS does not accept this access key in us-east-1 ({code}): enter it '
        'and a region again, or press Ctrl-C to change nothing.'
    )
    assert [request.region for request in iam.requests] == [
        'us-east-1',
        'cn-north-1',
    ]
    assert 'region = cn-north-1\n' in home.config.read_text()


def test_region_is_kept(home: Home, iam: FakeSTS) -> None:
    """Enter leaves the region that was named before."""
    iam.answers = [
        refused('The security token ...', 'InvalidClientTokenId'),
        devices(SERIAL),
    ]
    answers = (*KEY, 'eu-west-1', '', *KEY, '')
    _, person = set_up(home, 'work', *answers)
    assert person.prompts[-1] == 'Default region name [eu-west-1]: '
    assert 'region = eu-west-1\n' in home.config.read_text()


@pytest.mark.parametrize('count', [0, 1])
def test_leaving_after_a_refusal(home: Home, iam: FakeSTS, count: int) -> None:
    """Ctrl-D is heard there too."""
    iam.answers = [refused('...', 'SignatureDoesNotMatch')]
    with pytest.raises(UsageError, match='Nothing was changed'):
        set_up(home, 'work', *KEY, '', '', *KEY[:count])
    assert not home.config.exists()
    assert not home.credentials.exists()


def test_wrong_clock(home: Home, iam: FakeSTS) -> None:
    """A clock that is wrong is not taken for a wrong secret."""
    iam.answers = [
        refused(
            'Signature expired: ...',
            'SignatureDoesNotMatch',
            ahead=timedelta(hours=1),
        )
    ]
    _, person = set_up(home, 'work', *KEY, '', '', SERIAL)
    assert person.prompts[-1] == 'MFA device ARN: '
    assert "This computer's clock is 60 minutes slow" in person.told[0]


@pytest.mark.parametrize('key', [('', SECRET_KEY), (ACCESS_KEY_ID, ' ')])
def test_half_a_key(home: Home, iam: FakeSTS, key: tuple[str, str]) -> None:
    """Without both parts of a key nothing is done."""
    with pytest.raises(UsageError, match='two parts'):
        set_up(home, 'work', *key)
    assert not home.credentials.exists()
    assert iam.requests == []


@pytest.mark.parametrize('count', [1, 2, 3, 4])
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
    """A person chooses one of several devices by number, and no FIDO key."""
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
        (refused('not authorized'), 'cannot be listed'),
        (Answer(200, 'a page of a hotel'), 'could not be read'),
        (Answer(200, '<html>a page of a hotel</html>'), 'could not be read'),
        (Answer(403, '<html>a page of a hotel</html>'), 'could not be read'),
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


@pytest.mark.parametrize('found', [(), (FIDO,)])
def test_nothing_that_gives_codes(
    home: Home, iam: FakeSTS, found: tuple[str, ...]
) -> None:
    """Enter goes on to enroll a device; after no its ARN is asked for."""
    for answers, serial_number in (([''], None), (['n', SERIAL], SERIAL)):
        home.write()
        iam.answers = [devices(*found)]
        person = FakePerson('work', *KEY, '', '', *answers)
        asking = guide(home, person)
        assert asking.run() == 'work'
        assert asking.enrolls is (serial_number is None)
        assert 'Enroll an authenticator app now? [Y/n] ' in person.prompts
        config = home.config.read_text()
        assert ('mfa_serial' in config) is (serial_number is not None)
        assert '[profile work]' in config
        assert '[work-long-term]' in home.credentials.read_text()


@pytest.mark.parametrize(
    ('answers', 'wanted'),
    [(('',), True), (('y',), True), (('n',), False), ((), False)],
)
def test_log_in_now(
    home: Home, answers: tuple[str, ...], wanted: bool
) -> None:
    """Enter goes on with a login; Ctrl-D is no."""
    asking = SetupGuide(None, None, FakePerson(*answers))
    assert asking.wants_to_log_in() is wanted


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
