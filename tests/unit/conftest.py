# SPDX-License-Identifier: Apache-2.0
"""What unit tests share: a home folder, fakes, and an STS on loopback."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.message import Message
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import botocore.session
import pytest
from botocore.credentials import Credentials
from botocore.loaders import create_loader

from awscli_mfa_plugin.cache import lock
from awscli_mfa_plugin.cache.sessions import MFASession
from awscli_mfa_plugin.exceptions.token_codes import NoTerminalError
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.profiles.settings import MFAProfile
from awscli_mfa_plugin.temporary_credentials import TemporaryCredentials
from tests.unit.names import ACCESS_KEY_ID, ROLE, SECRET_KEY, SERIAL

# Reading botocore's data is most of what a new session costs.
_LOADER = create_loader()

# These stand on the AWS CLI, which is not in every environment.
collect_ignore = (
    []
    if importlib.util.find_spec('awscli') is not None
    else ['commands', 'config_files/test_config.py']
)
# MiniStack, which the stand-in AWS stands on, needs Python 3.10.
if sys.version_info < (3, 10):
    collect_ignore.append('test_standin.py')


def now() -> datetime:
    """Return the time, in whole seconds as STS gives it."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def make_profile(name: str = 'work', **changes: Any) -> MFAProfile:
    """Return the settings of an ordinary profile, with changes."""
    settings = {
        'name': name,
        'long_term_profile': f'{name}-long-term',
        'serial_number': SERIAL,
        **changes,
    }
    return MFAProfile(**settings)


def make_credentials(number: int = 0, **changes: Any) -> TemporaryCredentials:
    """Return temporary credentials that have eleven hours left."""
    values: dict[str, Any] = {
        'access_key_id': f'ASIASESSIONEXAMPLE{number}',
        'secret_access_key': f'session-secret-{number}',
        'session_token': f'session-token-{number}',
        'expiration': now() + timedelta(hours=11),
        **changes,
    }
    return TemporaryCredentials(**values)


def make_mfa_session(number: int = 0, **changes: Any) -> MFASession:
    """Return a session that has eleven hours left, with changes.

    :param changes: Of the session or of its credentials.
    """
    settings: dict[str, Any] = {
        'profile_name': 'work',
        'serial_number': SERIAL,
        'authenticated_at': now() - timedelta(hours=1),
        'duration_seconds': 43200,
    }
    for name in list(changes):
        if name in settings:
            settings[name] = changes.pop(name)
    return MFASession(make_credentials(number, **changes), **settings)


def long_term_credentials() -> Any:
    """Return long-term credentials, as botocore has them."""
    return Credentials(ACCESS_KEY_ID, SECRET_KEY)


# FakeTerminal tells this of a line that is taken away again.
CLEARED = '(cleared)'


class FakeTerminal(Terminal):
    """A terminal with somebody at it who types what is given.

    :ivar answers: What will be typed. Without any nobody is there.
    :ivar prompts: What was asked.
    :ivar told: What was shown besides.
    """

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []
        self.told: list[str] = []

    def check_available(self) -> None:
        if not self.answers:
            raise NoTerminalError()

    def ask_hidden(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return self.answers.pop(0)

    def ask(self, prompt: str) -> str:
        return self.ask_hidden(prompt)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def show_line(self, text: str) -> None:
        self.told.append(text)

    def clear_line(self) -> None:
        self.told.append(CLEARED)

    @contextlib.contextmanager
    def telling(self, text: str) -> Iterator[None]:
        self.told.append(text)
        yield

    @contextlib.contextmanager
    def for_program(self, text: str) -> Iterator[tuple[Any, Any]]:
        yield subprocess.DEVNULL, None


class Screen(io.StringIO):
    """A standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def answering(program: str, *arguments: str) -> Iterator[Callable[..., str]]:
    """Run a Python program that answers each line of its input with a line.

    :yields: A function that gives it a line and returns the answer.
    """
    with subprocess.Popen(
        [sys.executable, '-c', program, *arguments],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def answer(line: object = '') -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f'{line}\n')
            process.stdin.flush()
            return process.stdout.readline()

        try:
            yield answer
        finally:
            assert process.stdin is not None
            process.stdin.close()


class PrecannedSource:
    """Token codes that are there beforehand.

    :ivar codes: The codes still to be had.
    :ivar asked: The serial numbers asked for.
    :ivar refusals: What was told after a refusal.
    :ivar told: What was told before a question.
    """

    def __init__(
        self, *codes: str, available: bool = True, patient: bool = True
    ) -> None:
        self.codes = list(codes)
        self.asked: list[str] = []
        self.refusals: list[str] = []
        self.told: list[str] = []
        self._available = available
        self._patient = patient

    def check_available(self) -> None:
        if not self._available:
            raise NoTerminalError()

    def turn_for_session(
        self, lock_path: str, is_made: Callable[[], bool]
    ) -> AbstractContextManager[object]:
        return lock.locked(lock_path, 0, lambda: not is_made())

    def turn_at_terminal(self) -> AbstractContextManager[object]:
        return contextlib.nullcontext()

    def tell(self, text: str) -> None:
        self.told.append(text)

    def token_code(self, serial_number: str) -> str:
        self.asked.append(serial_number)
        return self.codes.pop(0)

    def ask_again_after(self, refusal: str) -> bool:
        self.refusals.append(refusal)
        return self._patient


@dataclass
class Home:
    """A home folder with the AWS CLI's two files."""

    path: Path
    config: Path = field(init=False)
    credentials: Path = field(init=False)
    cache: Path = field(init=False)

    def __post_init__(self) -> None:
        self.config = self.path / '.aws' / 'config'
        self.credentials = self.path / '.aws' / 'credentials'
        self.cache = self.path / '.aws' / 'cli' / 'mfa-cache'
        self.config.parent.mkdir(parents=True)

    def write(self, config: str = '', credentials: str = '') -> None:
        """Write both files."""
        self.config.write_text(config, encoding='utf-8')
        self.credentials.write_text(credentials, encoding='utf-8')

    def session(self, **arguments: Any) -> Any:
        """Return a new botocore session that reads both files."""
        session = botocore.session.Session(**arguments)
        session.register_component('data_loader', _LOADER)
        return session


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> FakeTerminal:
    """Put a terminal with nobody at it in the place of the developer's."""
    fake = FakeTerminal()
    monkeypatch.setattr(
        'awscli_mfa_plugin.credentials.token_code.Terminal', lambda: fake
    )
    return fake


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: FakeTerminal
) -> Home:
    """Give the test a home folder, and no setting of the developer's."""
    for name in list(os.environ):
        if name.startswith('AWS_') or name.lower().endswith('_proxy'):
            monkeypatch.delenv(name)
    home = Home(tmp_path / 'home')
    monkeypatch.setenv('HOME', str(home.path))
    monkeypatch.setenv('USERPROFILE', str(home.path))
    monkeypatch.setenv('AWS_CONFIG_FILE', str(home.config))
    monkeypatch.setenv('AWS_SHARED_CREDENTIALS_FILE', str(home.credentials))
    monkeypatch.setenv('AWS_EC2_METADATA_DISABLED', 'true')
    return home


@dataclass(frozen=True)
class Answer:
    """What STS answers; a status of 0 hangs up instead.

    :ivar ahead: How far STS's clock is ahead, when it tells the time.
    """

    status: int
    body: str
    ahead: timedelta | None = None


def given(
    mfa_session: MFASession | TemporaryCredentials,
    operation: str = 'GetSessionToken',
) -> Answer:
    """Return STS's answer that gives a session, or a role's."""
    credentials = (
        mfa_session.credentials
        if isinstance(mfa_session, MFASession)
        else mfa_session
    )
    user = ''
    if operation == 'AssumeRole':
        user = (
            '<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:me</AssumedRoleId>'
            f'<Arn>{ROLE}/me</Arn></AssumedRoleUser>'
        )
    return Answer(
        200,
        f'<{operation}Response xmlns='
        f'"https://sts.amazonaws.com/doc/2011-06-15/"><{operation}Result>'
        '<Credentials>'
        f'<AccessKeyId>{credentials.access_key_id}</AccessKeyId>'
        f'<SecretAccessKey>{credentials.secret_access_key}</SecretAccessKey>'
        f'<SessionToken>{credentials.session_token}</SessionToken>'
        f'<Expiration>{credentials.expiration:%Y-%m-%dT%H:%M:%SZ}</Expiration>'
        f'</Credentials>{user}</{operation}Result><ResponseMetadata>'
        '<RequestId>11111111-2222-3333-4444-555555555555</RequestId>'
        f'</ResponseMetadata></{operation}Response>',
    )


def role_given(number: int = 0, expiration: datetime | None = None) -> Answer:
    """Return STS's answer that gives a role session of one hour."""
    return given(
        TemporaryCredentials(
            f'ASIAROLEEXAMPLE{number}',
            f'role-secret-{number}',
            f'role-token-{number}',
            expiration or now() + timedelta(hours=1),
        ),
        'AssumeRole',
    )


def refused(
    message: str,
    code: str = 'AccessDenied',
    status: int = 403,
    ahead: timedelta | None = None,
) -> Answer:
    """Return STS's answer that refuses, and tells its time or not."""
    return Answer(
        status,
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f'<Error><Type>Sender</Type><Code>{code}</Code>'
        f'<Message>{escape(message)}</Message></Error>'
        '<RequestId>11111111-2222-3333-4444-555555555555</RequestId>'
        '</ErrorResponse>',
        ahead,
    )


@dataclass(frozen=True)
class Request:
    """A request as it arrived.

    :ivar parameters: The form's fields.
    :ivar access_key_id: The key that signed it.
    :ivar region: The region it is signed for.
    :ivar session_token: That of the key, if it is a temporary one.
    """

    parameters: dict[str, str]
    access_key_id: str
    region: str
    session_token: str | None


class FakeSTS:
    """An STS on loopback that gives sessions, or what it is told to.

    :ivar requests: What arrived.
    :ivar answers: What to answer next; after these, a new session each.
    :ivar sessions: The sessions that were given on its own account.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self.sessions: list[MFASession] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers['Content-Length'])
                fields = parse_qs(self.rfile.read(length).decode())
                fake.requests.append(_request(fields, self.headers))
                answer = fake.next_answer()
                if answer.status == 0:
                    return
                self.send_response_only(answer.status)
                if answer.ahead is not None:
                    date = format_datetime(now() + answer.ahead, usegmt=True)
                    self.send_header('Date', date)
                body = answer.body.encode()
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = HTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}'

    def next_answer(self) -> Answer:
        """Return what the next request is answered."""
        if self.answers:
            return self.answers.pop(0)
        mfa_session = make_mfa_session(len(self.sessions) + 1)
        self.sessions.append(mfa_session)
        return given(mfa_session)


def _request(fields: dict[str, list[str]], headers: Message) -> Request:
    authorization = headers['Authorization']
    match = re.search(r'Credential=([^/]+)/\d+/([^/]+)/\w+/', authorization)
    assert match is not None, authorization
    return Request(
        {name: values[0] for name, values in fields.items()},
        match[1],
        match[2],
        headers['X-Amz-Security-Token'],
    )


@pytest.fixture
def sts(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSTS]:
    """Run an STS that every session of the test calls."""
    fake = FakeSTS()
    monkeypatch.setenv('AWS_ENDPOINT_URL_STS', fake.url)
    thread = threading.Thread(
        target=fake.server.serve_forever, kwargs={'poll_interval': 0.01}
    )
    thread.start()
    try:
        yield fake
    finally:
        fake.server.shutdown()
        fake.server.server_close()
        thread.join()
