# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.fetcher."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import InvalidRegionError

from awscli_mfa_plugin.cache.sessions import MFASession, MFASessionCache
from awscli_mfa_plugin.credentials import turns
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.credentials.token_code import (
    GivenTokenCode,
    PromptedTokenCode,
    TokenCodeSource,
)
from awscli_mfa_plugin.exceptions.answers import (
    AnswerLostError,
    CannotValidateTokenCodeError,
    STSFailedError,
    STSRefusedError,
    TokenCodeRefusedError,
)
from awscli_mfa_plugin.exceptions.files import CacheWriteError
from awscli_mfa_plugin.exceptions.token_codes import (
    BackgroundJobError,
    InvalidTokenCodeError,
    NoMFASessionError,
    NoTerminalError,
    RunByAgentError,
    UsedTokenCodeError,
)
from awscli_mfa_plugin.profiles.settings import MFAProfile
from tests.unit.conftest import (
    Answer,
    FakeSTS,
    FakeTerminal,
    Home,
    PrecannedSource,
    given,
    long_term_credentials,
    make_mfa_session,
    make_profile,
    now,
    refused,
)
from tests.unit.names import HARDWARE, KEY, SERIAL, WRONG_CODE

CODES = ('111111', '222222', '333333', '444444')


def make_fetcher(
    home: Home,
    source: TokenCodeSource,
    profile: MFAProfile | None = None,
) -> MFASessionFetcher:
    """Return a fetcher of the profile ``work``."""
    return MFASessionFetcher(
        STSConnection(home.session()),
        profile or make_profile(),
        long_term_credentials(),
        source,
    )


def codes_of(sts: FakeSTS) -> list[str]:
    """Return the codes that STS got."""
    return [request.parameters['TokenCode'] for request in sts.requests]


def keys_of(mfa_session: MFASession) -> tuple[str, str, str]:
    """Return what signs."""
    return (
        mfa_session.credentials.access_key_id,
        mfa_session.credentials.secret_access_key,
        mfa_session.credentials.session_token,
    )


@pytest.fixture
def unwritable(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have a cache that nothing can be written to."""
    (tmp_path / 'file').touch()
    folder = tmp_path / 'file' / 'cache'
    monkeypatch.setenv('AWS_MFA_CACHE_DIRECTORY', str(folder))


def test_fetch_uses_the_cache(home: Home, sts: FakeSTS) -> None:
    """A session that is there is used, and nobody is asked."""
    kept = make_mfa_session()
    MFASessionCache().put(KEY, kept)
    source = PrecannedSource(*CODES)
    assert make_fetcher(home, source).fetch() == kept
    assert (source.asked, sts.requests) == ([], [])


def test_fetch_makes_and_keeps_a_session(home: Home, sts: FakeSTS) -> None:
    """Without a session one code buys one, for the next command too."""
    source = PrecannedSource(*CODES)
    made = make_fetcher(home, source).fetch()
    again = make_fetcher(home, PrecannedSource()).fetch()
    assert source.asked == [SERIAL]
    assert codes_of(sts) == ['111111']
    assert keys_of(made) == keys_of(sts.sessions[0]) == keys_of(again)


@pytest.mark.parametrize('left', [-3600, 0, 30])
def test_fetch_does_not_use_what_is_over(
    home: Home, sts: FakeSTS, left: int
) -> None:
    """A session in its last minute is replaced."""
    expiration = now() + timedelta(seconds=left)
    MFASessionCache().put(KEY, make_mfa_session(expiration=expiration))
    fetcher = make_fetcher(home, PrecannedSource(*CODES))
    assert fetcher.cached() is None
    assert keys_of(fetcher.fetch()) == keys_of(sts.sessions[0])


def test_fetch_may_not_ask(home: Home, sts: FakeSTS) -> None:
    """With ``mfa_prompt = never`` nobody is asked and nothing is sent."""
    source = PrecannedSource(*CODES)
    profile = make_profile(may_prompt=False)
    with pytest.raises(
        NoMFASessionError, match='aws mfa login --profile work'
    ):
        make_fetcher(home, source, profile).fetch()
    assert (source.asked, sts.requests) == ([], [])


class Nobody(PrecannedSource):
    """Somebody who cannot be asked, and why."""

    def __init__(self, why: NoTerminalError) -> None:
        super().__init__(*CODES)
        self._why = why

    def check_available(self) -> None:
        raise self._why


@pytest.mark.parametrize(
    ('why', 'min_remaining', 'words'),
    [
        (NoTerminalError(), 60, '. Start one with: '),
        (NoTerminalError(), 61, ' that lasts 61 seconds. Start one with: '),
        (
            RunByAgentError(),
            60,
            ', and a coding agent is not asked for a code. Start one in a '
            'terminal of your own with: ',
        ),
    ],
)
def test_fetch_cannot_ask(
    home: Home,
    sts: FakeSTS,
    why: NoTerminalError,
    min_remaining: int,
    words: str,
) -> None:
    """Without a terminal the command fails at once and says what to do."""
    source = Nobody(why)
    profile = make_profile(min_remaining=min_remaining)
    with pytest.raises(NoMFASessionError) as caught:
        make_fetcher(home, source, profile).fetch()
    assert str(caught.value) == (
        f'Profile work has no valid MFA session{words}aws mfa login '
        '--profile work'
    )
    assert (source.asked, sts.requests) == ([], [])


def test_background_jobs_cannot_ask(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One job of a profile says at the terminal how a job can wait."""
    monkeypatch.setattr('sys.stderr.isatty', lambda: True)
    said = []
    for name in ('work', 'work', 'other'):
        turns._is_first_job.cache_clear()
        fetcher = make_fetcher(
            home, Nobody(BackgroundJobError()), make_profile(name)
        )
        with pytest.raises(NoMFASessionError) as caught:
            fetcher.fetch()
        said.append(str(caught.value))
    assert said[0] == (
        'Profile work has no valid MFA session, and a background job may not '
        'ask for a code. Start one in the foreground with: aws mfa login '
        '--profile work. A job waits for that with: aws mfa login --wait '
        '--profile work (or with mfa_wait in the profile)'
    )
    assert said[1] == 'Profile work has no valid MFA session.'
    assert said[2] == said[0].replace('work', 'other')


def test_fetch_that_waits(
    home: Home,
    sts: FakeSTS,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A command may wait for a login elsewhere, and is told where."""
    kept = make_mfa_session()
    monkeypatch.setattr(
        'time.sleep', lambda _: MFASessionCache().put(KEY, kept)
    )
    source = Nobody(RunByAgentError())
    profile = make_profile(wait_seconds=120)
    assert make_fetcher(home, source, profile).fetch() == kept
    assert capsys.readouterr().err == (
        'Waiting up to 2 minutes for: aws mfa login --profile work (in a '
        'terminal of your own)\n'
    )


def test_fetch_that_waited_in_vain(
    home: Home, sts: FakeSTS, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails, and another thread does not wait once more."""
    waits: list[float] = []
    monkeypatch.setattr('time.sleep', waits.append)
    monkeypatch.setattr('time.monotonic', lambda: 60 * len(waits))
    source = PrecannedSource(*CODES, available=False)
    fetcher = make_fetcher(home, source, make_profile(wait_seconds=60))
    for _ in range(2):
        with pytest.raises(NoMFASessionError, match='Start one with'):
            fetcher.fetch()
        assert len(waits) == 1


@pytest.mark.parametrize('available', [True, False])
def test_fetch_that_need_not_ask(
    home: Home, sts: FakeSTS, available: bool
) -> None:
    """With a session nobody minds that nobody may be asked."""
    kept = make_mfa_session()
    MFASessionCache().put(KEY, kept)
    source = PrecannedSource(available=available)
    profile = make_profile(may_prompt=False)
    assert make_fetcher(home, source, profile).fetch() == kept


def test_wrong_codes_may_be_corrected(home: Home, sts: FakeSTS) -> None:
    """A person has three tries, and is told of each refusal."""
    sts.answers = [refused(WRONG_CODE), refused(WRONG_CODE)]
    source = PrecannedSource(*CODES)
    made = make_fetcher(home, source).fetch()
    assert codes_of(sts) == ['111111', '222222', '333333']
    assert keys_of(made) == keys_of(sts.sessions[0])
    assert len(source.refusals) == 2
    assert all('wait for the next one' in said for said in source.refusals)


def test_third_wrong_code_is_the_last(home: Home, sts: FakeSTS) -> None:
    """After three refusals the command fails, before AWS locks out.

    Nobody is asked once more for another thread of it.
    """
    sts.answers = [refused(WRONG_CODE)] * 4
    fetcher = make_fetcher(home, PrecannedSource(*CODES))
    for _ in range(2):
        with pytest.raises(TokenCodeRefusedError):
            fetcher.fetch()
    assert codes_of(sts) == ['111111', '222222', '333333']
    assert not list(home.cache.glob('*.json'))


def test_given_code_is_tried_once(home: Home, sts: FakeSTS) -> None:
    """A refused code of the command line is not sent again."""
    sts.answers = [refused(WRONG_CODE)] * 4
    with pytest.raises(TokenCodeRefusedError):
        make_fetcher(home, GivenTokenCode('111111')).renew()
    assert codes_of(sts) == ['111111']


def test_a_code_that_was_taken_is_not_sent_again(
    home: Home, sts: FakeSTS
) -> None:
    """Nor is one whose answer was lost; a person is asked for another."""
    sts.answers = [given(make_mfa_session()), Answer(0, '')]
    make_fetcher(home, GivenTokenCode('111111')).renew(force=True)
    with pytest.raises(UsedTokenCodeError, match='wait for the next one'):
        make_fetcher(home, GivenTokenCode('111111')).renew(force=True)
    with pytest.raises(AnswerLostError):
        make_fetcher(home, GivenTokenCode('222222')).renew(force=True)
    source = PrecannedSource('222222', '333333')
    make_fetcher(home, source).renew(force=True)
    assert codes_of(sts) == ['111111', '222222', '333333']
    assert source.refusals == [str(UsedTokenCodeError())]


@pytest.mark.parametrize('code', ['Throttling', 'RequestExpired'])
def test_a_code_that_aws_did_not_look_at_is_sent_again(
    home: Home, sts: FakeSTS, code: str
) -> None:
    """It is as good as before, once the obstacle is gone."""
    sts.answers = [refused('', code=code, ahead=timedelta(hours=1))]
    fetcher = make_fetcher(home, GivenTokenCode('111111'))
    with pytest.raises(STSRefusedError):
        fetcher.renew()
    fetcher.renew()
    assert codes_of(sts) == ['111111'] * 2


def test_a_code_that_was_not_sent(home: Home, sts: FakeSTS) -> None:
    """It is as good as before too, once the region is one."""
    fetcher = make_fetcher(home, GivenTokenCode('111111'))
    connection = fetcher.connection
    fetcher.connection = STSConnection(home.session(), 'no region')
    with pytest.raises(InvalidRegionError):
        fetcher.renew()
    fetcher.connection = connection
    fetcher.renew()
    assert codes_of(sts) == ['111111']


@pytest.mark.parametrize(
    ('message', 'status', 'kind'),
    [
        ('unable to validate MFA code', 403, CannotValidateTokenCodeError),
        ('Oops', 500, STSFailedError),
    ],
)
def test_other_refusals_end_it(
    home: Home, sts: FakeSTS, message: str, status: int, kind: type[Exception]
) -> None:
    """A person is asked again only when another code could help."""
    sts.answers = [refused(message, status=status)]
    source = PrecannedSource(*CODES)
    with pytest.raises(kind):
        make_fetcher(home, source).fetch()
    assert codes_of(sts) == ['111111']
    assert source.refusals == []


def test_malformed_codes_never_reach_aws(home: Home, sts: FakeSTS) -> None:
    """Slips at the prompt cost no try."""
    terminal = FakeTerminal('1', 'x', '12345', '7654321', '222 222')
    make_fetcher(home, PromptedTokenCode(terminal)).fetch()
    assert codes_of(sts) == ['222222']
    assert terminal.told == [str(InvalidTokenCodeError())] * 4


def test_login_makes_a_session(home: Home, sts: FakeSTS) -> None:
    """A first login is new, and in the cache."""
    made, is_new = make_fetcher(home, PrecannedSource(*CODES)).renew()
    assert is_new is True
    assert MFASessionCache().get(KEY) is not None
    assert keys_of(made) == keys_of(sts.sessions[0])


def test_login_with_a_session(home: Home, sts: FakeSTS) -> None:
    """A second login keeps the session, and its code."""
    kept = make_mfa_session()
    MFASessionCache().put(KEY, kept)
    source = PrecannedSource(*CODES)
    assert make_fetcher(home, source).renew() == (kept, False)
    assert (source.asked, sts.requests) == ([], [])


def test_login_with_a_session_needs_no_terminal(
    home: Home, sts: FakeSTS
) -> None:
    """A script may log in again and again while there is a session."""
    kept = make_mfa_session()
    MFASessionCache().put(KEY, kept)
    source = PrecannedSource(available=False)
    assert make_fetcher(home, source).renew() == (kept, False)


@pytest.mark.parametrize('force', [True, False])
def test_login_without_a_terminal(
    home: Home, sts: FakeSTS, force: bool
) -> None:
    """Without a terminal the message names the option for a code."""
    if force:
        MFASessionCache().put(KEY, make_mfa_session())
    source = PrecannedSource(*CODES, available=False)
    with pytest.raises(NoTerminalError, match='--token-code'):
        make_fetcher(home, source).renew(force=force)
    assert sts.requests == []


def test_forced_login(home: Home, sts: FakeSTS) -> None:
    """--force replaces a session that is still good."""
    MFASessionCache().put(KEY, make_mfa_session())
    made, is_new = make_fetcher(home, PrecannedSource(*CODES)).renew(
        force=True
    )
    assert is_new is True
    assert keys_of(made) == keys_of(sts.sessions[0])
    kept = MFASessionCache().get(KEY)
    assert kept is not None
    assert keys_of(kept) == keys_of(made)


def test_forced_login_that_fails(home: Home, sts: FakeSTS) -> None:
    """A failed --force leaves the session that there is."""
    kept = make_mfa_session()
    MFASessionCache().put(KEY, kept)
    sts.answers = [refused('Denied')]
    fetcher = make_fetcher(home, PrecannedSource(*CODES))
    with pytest.raises(Exception, match='Denied'):
        fetcher.renew(force=True)
    assert fetcher.cached() == kept


def test_login_ignores_prompt_never(home: Home, sts: FakeSTS) -> None:
    """``mfa_prompt = never`` is for the other commands."""
    profile = make_profile(may_prompt=False)
    _, is_new = make_fetcher(home, PrecannedSource(*CODES), profile).renew()
    assert is_new is True


class WhileAnotherLogsIn(PrecannedSource):
    """A turn that is waited for until another process has logged in."""

    def __init__(self) -> None:
        super().__init__(*CODES)
        self.made = make_mfa_session(7)

    def turn_for_session(
        self, lock_path: str, is_made: Callable[[], bool]
    ) -> AbstractContextManager[object]:
        cache = MFASessionCache()
        assert lock_path == cache.lock_path(KEY)
        assert not is_made()
        cache.put(KEY, self.made)
        assert is_made()
        return super().turn_for_session(lock_path, is_made)


def test_fetch_while_another_process_logs_in(home: Home, sts: FakeSTS) -> None:
    """A command that waited for a login uses its session, without a code."""
    source = WhileAnotherLogsIn()
    assert make_fetcher(home, source).fetch() == source.made
    assert (source.asked, sts.requests) == ([], [])


@pytest.mark.parametrize('force', [True, False])
def test_login_while_another_process_logs_in(
    home: Home, sts: FakeSTS, force: bool
) -> None:
    """Two logins at once need one code, with --force too."""
    if force:
        MFASessionCache().put(KEY, make_mfa_session(1))
    source = WhileAnotherLogsIn()
    fetcher = make_fetcher(home, source)
    assert fetcher.renew(force=force) == (source.made, False)
    assert (source.asked, sts.requests) == ([], [])


def test_fetch_that_cannot_keep_it(
    home: Home,
    sts: FakeSTS,
    unwritable: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The code is spent: the command goes on, and says so in one line."""
    fetcher = make_fetcher(home, PrecannedSource(*CODES))
    made = fetcher.fetch()
    assert keys_of(made) == keys_of(sts.sessions[0])
    output, errors = capsys.readouterr()
    assert output == ''
    (line,) = errors.strip().splitlines()
    assert 'AWS_MFA_CACHE_DIRECTORY' in line
    assert made.credentials.secret_access_key not in errors


def test_login_that_cannot_keep_it(
    home: Home, sts: FakeSTS, unwritable: None
) -> None:
    """A login is for the commands to come, so it fails."""
    source = PrecannedSource(*CODES)
    with pytest.raises(CacheWriteError, match='AWS_MFA_CACHE_DIRECTORY'):
        make_fetcher(home, source).renew()
    # Nobody is asked for a code that would be lost.
    assert (source.asked, sts.requests) == ([], [])


def test_profiles_on_one_key_share_a_session(home: Home, sts: FakeSTS) -> None:
    """One code is enough for two profiles of one key and device."""
    make_fetcher(home, PrecannedSource(*CODES)).fetch()
    other = make_profile('other')
    shared = make_fetcher(home, PrecannedSource(), other).fetch()
    assert keys_of(shared) == keys_of(sts.sessions[0])


def test_session_of_another_device_is_shared(home: Home, sts: FakeSTS) -> None:
    """Whichever of the user's devices gave the code, it is the user's."""
    make_fetcher(home, PrecannedSource(*CODES)).fetch()
    other = make_profile(serial_number=HARDWARE)
    shared = make_fetcher(home, PrecannedSource(), other).fetch()
    assert shared.serial_number == SERIAL
    assert codes_of(sts) == ['111111']


@pytest.mark.parametrize('method', ['fetch', 'renew'])
def test_a_new_session_sweeps_the_expired_ones(
    home: Home, sts: FakeSTS, method: str
) -> None:
    """A session that signs nothing any more does not stay on disk."""
    other = 'b' * 64
    gone = now() - timedelta(hours=1)
    MFASessionCache().put(other, make_mfa_session(expiration=gone))
    getattr(make_fetcher(home, PrecannedSource(*CODES)), method)()
    names = {path.name for path in home.cache.glob('*.json')}
    assert names == {f'{KEY}.json'}


@pytest.mark.skipif(sys.platform == 'win32', reason='POSIX')
def test_no_core_file_of_a_login_that_waits(home: Home, sts: FakeSTS) -> None:
    """It would hold the long-term secret; afterwards all is as before."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    limits = []

    class Person(PrecannedSource):
        def token_code(self, serial_number: str) -> str:
            limits.append(resource.getrlimit(resource.RLIMIT_CORE)[0])
            return super().token_code(serial_number)

    try:
        make_fetcher(home, Person(*CODES)).renew()
        limits.append(resource.getrlimit(resource.RLIMIT_CORE)[0])
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
    assert limits == [0, before[1]]
