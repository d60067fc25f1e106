# SPDX-License-Identifier: Apache-2.0
"""A million texts and objects, through every reader of this package.

Each ends in a value of the right type, or in an error that the reader
promises. What is believed must also be of use to the ones that asked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import BotoCoreError, ClientError

from awscli_mfa_plugin import names_mfa_device
from awscli_mfa_plugin.cache.cli import find_cli
from awscli_mfa_plugin.cache.layout import (
    cache_directory,
    code_digest,
    used_code_path,
)
from awscli_mfa_plugin.cache.notes import find_credentials, note_session
from awscli_mfa_plugin.cache.roles import (
    RoleSession,
    RoleSessionCache,
    read_role,
    write_role,
)
from awscli_mfa_plugin.cache.sessions import MFASession, MFASessionCache
from awscli_mfa_plugin.cache.turns import holder_of
from awscli_mfa_plugin.cache.used_codes import note_used, was_used
from awscli_mfa_plugin.config_files.config import write_profile
from awscli_mfa_plugin.config_files.credentials import (
    check_section,
    remove_sessions,
    write_section,
)
from awscli_mfa_plugin.config_files.edit import read_text
from awscli_mfa_plugin.credentials.clock import now
from awscli_mfa_plugin.credentials.mfa_process import code_source_of
from awscli_mfa_plugin.credentials.refusals import explain_refusal
from awscli_mfa_plugin.credentials.secret_calls import (
    one_attempt,
    read_credentials,
    secret_call,
)
from awscli_mfa_plugin.credentials.token_code import normalize_token_code
from awscli_mfa_plugin.exceptions import MFAConfigurationError
from awscli_mfa_plugin.exceptions.answers import STSRefusedError
from awscli_mfa_plugin.exceptions.files import SectionRemoveError
from awscli_mfa_plugin.exceptions.token_codes import InvalidTokenCodeError
from awscli_mfa_plugin.host.processes import Process
from awscli_mfa_plugin.installation.plugin_lines import (
    add_plugin,
    remove_plugin,
)
from awscli_mfa_plugin.profiles.aws_mfa import has_aws_mfa_session, profiles_of
from awscli_mfa_plugin.profiles.roles import MFARole, is_role, read_mfa_role
from awscli_mfa_plugin.profiles.settings import MFAProfile, read_mfa_profile
from awscli_mfa_plugin.temporary_credentials import (
    TemporaryCredentials,
    format_time,
    local_time,
)
from tests.nightly.conftest import Search
from tests.nightly.mutations import mutated_document, mutated_text, texts_of
from tests.unit.conftest import (
    Home,
    given,
    make_credentials,
    make_mfa_session,
    make_profile,
    refused,
    role_given,
)
from tests.unit.names import (
    ACCESS_KEY_ID,
    KEY,
    OTHER_SERIAL,
    ROLE,
    SECRET_KEY,
    SERIAL,
    TOKEN_CODE,
    WRONG_CODE,
)

CORPUS = [
    path.read_bytes()
    for path in sorted(
        Path(__file__).parents[1].glob('unit/config_files/corpus/*')
    )
]


@dataclass(frozen=True)
class Reader:
    """A reader, and what it is given.

    :ivar make: Makes an input from random numbers.
    :ivar read: Reads it; returns a word for what came out.
    :ivar errors: What else may come out.
    """

    make: Callable[[Random], Any]
    read: Callable[[Any], str]
    errors: tuple[type[Exception], ...] = ()


def put(path: str, content: bytes) -> None:
    """Write a file of ours in its place, and only for its owner."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, content)
    finally:
        os.close(handle)


def check_credentials(credentials: TemporaryCredentials) -> None:
    """Check that credentials are of use to the ones that asked."""
    assert type(credentials) is TemporaryCredentials
    for text in credentials[:3]:
        assert isinstance(text, str)
        assert text
    assert type(credentials.expiration) is datetime
    assert isinstance(credentials.is_usable(), bool)
    assert SECRET_KEY not in repr(credentials)
    json.dumps([credentials.as_json(), credentials.as_refreshed()])
    format_time(local_time(credentials.expiration))


def session_files() -> Reader:
    """Files of MFA sessions."""
    cache = MFASessionCache()
    cache.put(KEY, make_mfa_session())
    path = os.path.join(cache.directory, f'{KEY}.json')
    document = json.loads(Path(path).read_text())

    def read(text: bytes) -> str:
        put(path, text)
        found = cache.get(KEY)
        if found is None:
            return 'not believed'
        assert type(found) is MFASession
        assert type(found.duration_seconds) is int
        assert isinstance(found.profile_name, str)
        assert isinstance(found.serial_number, str)
        format_time(local_time(found.authenticated_at))
        check_credentials(found.credentials)
        return 'believed'

    return Reader(texts_of(document), read)


def role_files() -> Reader:
    """Files of role sessions."""
    cache = RoleSessionCache(KEY, 'app', ROLE)
    path = cache._path('key')
    write_role(
        path,
        RoleSession(
            make_credentials(expiration=now() + timedelta(hours=1)),
            'app',
            ROLE,
            by_login=True,
            parameters={'RoleArn': ROLE, 'DurationSeconds': 900},
            has_own_code=True,
        ),
    )
    document = json.loads(Path(path).read_text())

    def read(text: bytes) -> str:
        put(path, text)
        found = read_role(path)
        is_served = 'key' in cache
        if found is None:
            assert not is_served
            return 'not believed'
        assert is_served == (found.credentials.seconds_left() > 0)
        assert type(found) is RoleSession
        assert isinstance(found.profile_name, str)
        assert isinstance(found.role_arn, str)
        assert isinstance(found.parameters, Mapping)
        assert {type(found.by_login), type(found.has_own_code)} == {bool}
        check_credentials(found.credentials)
        if is_served:
            json.dumps(cache['key'])
        return 'believed'

    return Reader(texts_of(document), read)


def other_files() -> Reader:
    """Files that say who asks, how ``aws`` is started, and a used code."""
    directory = cache_directory()
    note_used(SERIAL, TOKEN_CODE)
    paths = {
        'holder': os.path.join(directory, f'{KEY}.holder'),
        'cli': os.path.join(directory, 'cli.json'),
        'code': used_code_path(directory, SERIAL),
    }
    documents = {
        'holder': {
            'Version': 1,
            'Command': 'aws s3 ls',
            'ProcessId': 1,
            'Terminal': '1 2',
            'TerminalName': 'pts/1',
        },
        'cli': {'Version': 1, 'Command': ['/bin/sh', '-c']},
        'code': json.loads(Path(paths['code']).read_text()),
    }
    makers = {name: texts_of(value) for name, value in documents.items()}

    def read_holder() -> bool:
        found = holder_of(os.path.join(directory, f'{KEY}.lock'))
        if found is None:
            return False
        assert type(found) is Process
        assert str(found).isprintable()
        assert isinstance(found.is_stopped(), bool)
        return True

    def read_cli() -> bool:
        found = find_cli()
        assert found is None or all(isinstance(word, str) for word in found)
        return found == ['/bin/sh', '-c']

    def read_code() -> bool:
        assert code_digest(SERIAL, TOKEN_CODE)
        found = was_used(SERIAL, TOKEN_CODE)
        assert type(found) is bool
        return found

    readers = {'holder': read_holder, 'cli': read_cli, 'code': read_code}

    def make(random: Random) -> tuple[str, bytes]:
        name = random.choice(sorted(makers))
        return name, makers[name](random)

    def read(case: tuple[str, bytes]) -> str:
        name, text = case
        put(paths[name], text)
        return 'believed' if readers[name]() else 'not believed'

    return Reader(make, read)


def notes() -> Reader:
    """Notes of which session serves a profile, and those sessions."""
    cache = MFASessionCache()
    cache.put(KEY, make_mfa_session())
    session = os.path.join(cache.directory, f'{KEY}.json')
    note_session('work', f'{KEY}.json', 60)
    note = os.path.join(cache.directory, 'profiles', b'work'.hex())
    right = {path: Path(path).read_bytes() for path in (note, session)}
    put(os.path.join(cache.directory, f'{KEY}.lock'), b'')
    assert find_credentials('work') is not None

    def make(random: Random) -> tuple[str, bytes]:
        path = random.choice([note, session])
        return path, mutated_text(random, right[path], list(right.values()))

    def read(case: tuple[str, bytes]) -> str:
        path, text = case
        put(path, text)
        try:
            found = find_credentials('work')
            changed = find_credentials('work', even_if_changed=True)
        finally:
            put(path, right[path])
        if found is None and changed is None:
            return 'not believed'
        assert found in (None, changed)
        assert changed is not None
        printed = ', '.join(f'"{k}": "{v}"' for k, v in changed.items())
        assert json.loads('{' + printed + '}') == changed
        check_credentials(TemporaryCredentials.from_json(changed))
        return 'believed' if found else 'believed in spite of a change'

    return Reader(make, read)


# Profiles of every kind that this package looks at.
PROFILES: dict[str, Any] = {
    'work': {
        'mfa_serial': SERIAL,
        'duration_seconds': '900',
        'mfa_min_remaining': '60',
        'mfa_prompt': 'auto',
        'mfa_wait': '1',
        'mfa_timeout': '30',
        'mfa_process': 'ykman oath',
        'mfa_process_timeout': '5',
        'region': 'eu-west-1',
    },
    'work-long-term': {
        'aws_access_key_id': ACCESS_KEY_ID,
        'aws_secret_access_key': SECRET_KEY,
        'aws_mfa_device': OTHER_SERIAL,
        'assume_role': ROLE,
    },
    'app': {
        'role_arn': ROLE,
        'source_profile': 'bridge',
        'mfa_role_sessions': 'session',
        'duration_seconds': '3600',
    },
    'bridge': {'role_arn': ROLE, 'source_profile': 'work'},
    'own': {
        'role_arn': ROLE,
        'source_profile': 'own',
        'mfa_serial': SERIAL,
        'aws_access_key_id': ACCESS_KEY_ID,
        'aws_secret_access_key': SECRET_KEY,
        'aws_session_token': '',
        'expiration': '2026-11-25 09:00:00',
    },
}


def read_profiles(profiles: dict[str, Any]) -> str:
    """Read the settings of all profiles."""
    session: Any = SimpleNamespace(full_config={'profiles': profiles})
    understood = profiles_of(session)
    for name in [*profiles, 'nobody']:
        assert type(names_mfa_device(name, profiles)) is bool
        has_aws_mfa_session(profiles.get(name, {}))
        try:
            if is_role(name, understood):
                role = read_mfa_role(name, understood)
                assert type(role) is MFARole
                profile = role.base
            else:
                profile = read_mfa_profile(name, understood)
        except MFAConfigurationError:
            continue
        assert type(profile) is MFAProfile
        assert names_mfa_device(name, profiles)
        for number in (
            profile.duration_seconds,
            profile.min_remaining,
            profile.mfa_process_timeout,
            profile.wait_seconds,
            profile.timeout_seconds,
        ):
            assert type(number) is int
        assert type(profile.may_prompt) is bool
        for text in (
            profile.region,
            profile.access_key_id,
            profile.mfa_process,
        ):
            assert text is None or isinstance(text, str)
        code_source_of(profile)
    return 'read'


def _as_read(value: Any) -> Any:
    """Return a document as botocore gives one: of texts and of sections."""
    if isinstance(value, dict):
        return {str(name): _as_read(below) for name, below in value.items()}
    return value if isinstance(value, str) else str(value)


def profiles() -> Reader:
    """Settings of profiles, as botocore hands them on."""

    def make(random: Random) -> dict[str, Any]:
        changed = mutated_document(random, PROFILES)
        changed = _as_read(changed) if isinstance(changed, dict) else {}
        return {
            name: settings if isinstance(settings, dict) else {}
            for name, settings in changed.items()
        }

    return Reader(make, read_profiles)


def _written(profiles: Mapping[str, Any], prefix: str) -> bytes:
    return ''.join(
        f'[{prefix}{name}]\n'
        + ''.join(f'{key} = {value}\n' for key, value in settings.items())
        for name, settings in profiles.items()
    ).encode()


def config_texts(home: Home) -> Reader:
    """Config files: what is read, and what is written into them."""
    right = [
        *CORPUS,
        b'[plugins]\nother = x\ncli_legacy_plugin_path = /y\n'
        + _written(PROFILES, 'profile '),
    ]
    session = home.session()

    def make(random: Random) -> bytes:
        return mutated_text(random, random.choice(right), right)

    def read(text: bytes) -> str:
        home.config.write_bytes(text)
        try:
            read_text(str(home.config))
            write_profile(session, 'work', {'mfa_serial': SERIAL})
        except MFAConfigurationError:
            assert home.config.read_bytes() == text
            return 'refused'
        if home.config.read_bytes() == text:
            return 'so already'
        written = home.config.read_text()
        remove_plugin(add_plugin(written, '/folder'), '/folder')
        full_config = home.session().full_config
        assert full_config['profiles']['work']['mfa_serial'] == SERIAL
        read_profiles(full_config['profiles'])
        return 'edited'

    return Reader(make, read)


def credentials_texts(home: Home) -> Reader:
    """Credentials files: sessions written into them and removed."""
    right = [
        *CORPUS,
        _written(PROFILES, ''),
        b'[work]\naws_access_key_id = ASIA1\naws_secret_access_key = x\n'
        b'aws_session_token = y\nexpiration = 2026-11-25 09:00:00\n',
    ]
    session = home.session()
    given = make_credentials()

    def make(random: Random) -> bytes:
        return mutated_text(random, random.choice(right), right)

    def read(text: bytes) -> str:
        home.credentials.write_bytes(text)
        try:
            check_section(session, 'work')
            write_section(session, 'work', given)
        except MFAConfigurationError:
            assert home.credentials.read_bytes() == text
            return 'refused'
        written = home.credentials.read_bytes()
        try:
            removed = remove_sessions(session, {given.access_key_id})
        except SectionRemoveError:
            # A setting of [DEFAULT] would show in its place.
            assert home.credentials.read_bytes() == written
            return 'written and kept'
        assert 'work' in removed
        left = home.credentials.read_bytes()
        assert given.session_token.encode() not in left
        return 'written and removed'

    return Reader(make, read)


class Wire:
    """What botocore takes for the body of an answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def answers(home: Home) -> Reader:
    """Answers of STS, to a real client of botocore's."""
    sessions = [home.session(), home.session()]
    # The AWS CLI hands on timestamps as the texts they are.
    sessions[1].get_component('response_parser_factory').set_parser_defaults(
        timestamp_parser=str
    )
    clients = [
        session.create_client(
            'sts',
            region_name='eu-west-1',
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_KEY,
            config=one_attempt(),
        )
        for session in sessions
    ]
    answer: list[Any] = []
    for client in clients:
        client.meta.events.register(
            'before-send.sts', lambda **_: AWSResponse(*answer)
        )
    right = [
        answer.body.encode()
        for answer in (
            given(make_mfa_session()),
            role_given(),
            refused('x'),
            refused(WRONG_CODE),
            refused('Signature expired', 'SignatureDoesNotMatch'),
            refused('Rate exceeded', 'Throttling', 400),
        )
    ]
    right += [
        b'<Error><Code>AccessDenied</Code><Message/></Error>',
        b'<html><body>Sign in</body></html>',
        b'{"Error": {"Code": "x"}}',
        b'',
    ]
    profile = make_profile()

    def make(random: Random) -> tuple[int, bool, int, bytes, str]:
        text = random.choice(right)
        if random.random() < 0.95:
            text = mutated_text(random, text, right)
        date = random.choice(
            ['', 'x', 'Thu, 01 Jan 1970 00:00:00 GMT', '9' * 40]
        )
        status = random.choice([200, 200, 200, 301, 400, 403, 404, 500, 503])
        return random.randrange(2), random.random() < 0.5, status, text, date

    def read(case: tuple[int, bool, int, bytes, str]) -> str:
        number, is_role, status, body, date = case
        headers = HeadersDict({'date': date, 'content-type': 'text/xml'})
        answer[:] = clients[number].meta.endpoint_url, status, headers
        answer.append(Wire(body))
        try:
            with secret_call():
                if is_role:
                    response = clients[number].assume_role(
                        RoleArn=ROLE, RoleSessionName='me'
                    )
                else:
                    response = clients[number].get_session_token()
        except ClientError as error:
            refusal = explain_refusal(error, profile)
            assert isinstance(refusal, STSRefusedError)
            assert str(refusal)
            return 'refused'
        check_credentials(read_credentials(response, now()))
        return 'believed'

    return Reader(make, read, (BotoCoreError,))


def objects() -> Reader:
    """Objects in the place of temporary credentials."""
    right = {**make_credentials().as_json(), 'AccountId': '123456789012'}

    def read(value: Any) -> str:
        check_credentials(TemporaryCredentials.from_json(value))
        return 'believed'

    return Reader(
        lambda random: mutated_document(random, right), read, (ValueError,)
    )


def codes() -> Reader:
    """Texts in the place of a token code."""
    right = ['123456', '123 456', '123-456', '\uff11\uff12\uff13456', '\ufeff']

    def make(random: Random) -> str:
        if random.random() < 0.5:
            text = mutated_text(
                random,
                random.choice(right).encode(),
                [code.encode() for code in right],
            )
            return text.decode(errors='surrogateescape')
        return ''.join(
            random.choice(
                [
                    random.choice('0123456789'),
                    random.choice(' -\u2013\u3000\n\t'),
                    chr(random.randrange(0x110000)),
                ]
            )
            for _ in range(random.randint(0, 9))
        )

    def read(text: str) -> str:
        code = normalize_token_code(text)
        assert len(code) == 6
        assert code.isascii()
        assert code.isdigit()
        return 'a code'

    return Reader(make, read, (InvalidTokenCodeError,))


@pytest.mark.parametrize(
    ('number', 'reader_of'),
    [
        (150_000, session_files),
        (150_000, role_files),
        (90_000, other_files),
        (150_000, notes),
        (120_000, profiles),
        (20_000, config_texts),
        (20_000, credentials_texts),
        (30_000, answers),
        (120_000, objects),
        (150_000, codes),
    ],
    ids=lambda value: getattr(value, '__name__', None) or str(value),
)
def test_reader(
    search: Search,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    reader_of: Callable[..., Reader],
) -> None:
    """Whatever is read ends in a value or in an error that is promised."""
    # Neither a disk nor a PATH is to be waited for.
    monkeypatch.setenv('PATH', str(home.path))
    monkeypatch.setattr('os.fsync', lambda handle: None)
    needs_home = bool(reader_of.__code__.co_argcount)
    reader = reader_of(home) if needs_home else reader_of()
    for case in search.cases(number):
        made = reader.make(search.random)
        try:
            search.counts[reader.read(made)] += 1
        except reader.errors as error:
            search.counts['refused' if str(error) else 'not told'] += 1
        except Exception as error:
            raise AssertionError(f'case {case}: {made!r:.2000}') from error
    assert 'not told' not in search.counts
