# SPDX-License-Identifier: Apache-2.0
"""Tests of awscli_mfa_plugin.credentials.token_code."""

from __future__ import annotations

import io

import pytest

from awscli_mfa_plugin.credentials.token_code import (
    GivenTokenCode,
    PromptedTokenCode,
    StandardInputTokenCode,
    normalize_token_code,
)
from awscli_mfa_plugin.exceptions.token_codes import (
    InvalidTokenCodeError,
    NoTerminalError,
    NoTokenCodeError,
)
from tests.unit.conftest import FakeTerminal
from tests.unit.names import SERIAL


@pytest.mark.parametrize(
    'text',
    [
        '123456',
        '123 456',
        '123-456',
        '123\N{EN DASH}456',
        '123\N{NON-BREAKING HYPHEN}456',
        '12 34 56',
        '123\N{NO-BREAK SPACE}456',
        ' 123456\n',
        '123456\r\n',
        # As Windows PowerShell pipes it.
        '\ufeff123456\r\n',
        '\t1 2 3 4 5 6',
        # Full-width, Arabic-Indic, extended Arabic-Indic and Devanagari.
        '\uff11\uff12\uff13\uff14\uff15\uff16',
        '\u0661\u0662\u0663\u0664\u0665\u0666',
        '\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6',
        '\u0967\u0968\u0969 \u096a\u096b\u096c',
        '123\uff14\uff15\uff16',
    ],
)
def test_normalizes_what_people_have(text: str) -> None:
    """Six digits are a code however they are written."""
    assert normalize_token_code(text) == '123456'


def test_keeps_leading_zeros() -> None:
    """A code is digits and not a number."""
    assert normalize_token_code('000 042') == '000042'


@pytest.mark.parametrize(
    'text',
    [
        '',
        ' ',
        '\n',
        '-',
        '12345',
        '1234567',
        '123456 123456',
        'abcdef',
        '12345a',
        '123456a',
        '123.456',
        '123_456',
        '+123456',
        '12345\N{SUPERSCRIPT TWO}',
        '12345\N{ROMAN NUMERAL FIVE}',
        '12345\N{VULGAR FRACTION ONE HALF}',
        '12345\N{CIRCLED DIGIT SIX}',
        '123456\0',
    ],
)
def test_refuses_what_is_no_code(text: str) -> None:
    """Anything but six digits is refused before AWS counts it."""
    with pytest.raises(InvalidTokenCodeError):
        normalize_token_code(text)


def test_refusal_does_not_repeat_the_text() -> None:
    """What was mistyped may be a code or a password, so it stays unsaid."""
    with pytest.raises(InvalidTokenCodeError) as caught:
        normalize_token_code('7654321')
    assert '7654321' not in str(caught.value) + repr(caught.value)


def test_given_code_is_normalized() -> None:
    """A code of the command line is handed on as six digits."""
    source = GivenTokenCode('123 456')
    source.check_available()
    assert source.token_code(SERIAL) == '123456'


def test_given_code_is_checked_at_once() -> None:
    """A wrong command line is noticed before anything is done with it."""
    with pytest.raises(InvalidTokenCodeError):
        GivenTokenCode('12345')


def test_given_code_cannot_be_asked_again() -> None:
    """A refused code of the command line ends the command."""
    assert GivenTokenCode('123456').ask_again_after('Wrong.') is False


def test_given_code_does_not_show() -> None:
    """A source that gets into a log does not bring its code along."""
    assert '123456' not in repr(GivenTokenCode('123456'))


def test_standard_input_gives_its_first_line() -> None:
    """The code is one line; the rest is left for others."""
    stream = io.StringIO('123 456\n654321\n')
    source = StandardInputTokenCode(stream)
    source.check_available()
    assert source.token_code(SERIAL) == '123456'
    assert stream.read() == '654321\n'


def test_standard_input_needs_no_line_end() -> None:
    """``printf 123456 |`` is enough."""
    source = StandardInputTokenCode(io.StringIO('123456'))
    assert source.token_code(SERIAL) == '123456'


def test_standard_input_that_is_empty() -> None:
    """Nothing on standard input is said to be nothing."""
    with pytest.raises(NoTokenCodeError, match='No token code was given'):
        StandardInputTokenCode(io.StringIO()).token_code(SERIAL)


@pytest.mark.parametrize('line', ['\n', 'hello\n', '12345\n'])
def test_standard_input_with_something_else(line: str) -> None:
    """A line that is no code is refused."""
    with pytest.raises(InvalidTokenCodeError):
        StandardInputTokenCode(io.StringIO(line)).token_code(SERIAL)


def test_standard_input_cannot_be_asked_again() -> None:
    """A refused code of a pipe ends the command."""
    source = StandardInputTokenCode(io.StringIO('123456\n654321\n'))
    assert source.ask_again_after('Wrong.') is False


def test_prompt_is_the_one_of_the_aws_cli() -> None:
    """Scripts that wait for the CLI's own prompt for roles go on working."""
    terminal = FakeTerminal('123 456')
    assert PromptedTokenCode(terminal).token_code(SERIAL) == '123456'
    assert terminal.prompts == [f'Enter MFA code for {SERIAL}: ']
    assert terminal.told == []


def test_prompt_is_repeated_after_a_slip() -> None:
    """A text that is no code never reaches AWS: the person is asked again."""
    terminal = FakeTerminal('', '12345', '1234567', 'abcdef', '123456')
    assert PromptedTokenCode(terminal).token_code(SERIAL) == '123456'
    assert len(terminal.prompts) == 5
    assert terminal.told == [str(InvalidTokenCodeError())] * 4


def test_prompt_tells_of_a_refusal_and_goes_on() -> None:
    """A person is told on the terminal and may try again."""
    terminal = FakeTerminal('123456')
    assert PromptedTokenCode(terminal).ask_again_after('Wrong.') is True
    assert terminal.told == ['Wrong.']


def test_prompt_needs_somebody() -> None:
    """Whether a code can be had is whether there is a terminal."""
    PromptedTokenCode(FakeTerminal('123456')).check_available()
    with pytest.raises(NoTerminalError):
        PromptedTokenCode(FakeTerminal()).check_available()


def test_a_person_is_told_before_the_question() -> None:
    """A role that wants a code of its own says why it asks."""
    terminal = FakeTerminal('123456')
    PromptedTokenCode(terminal).tell('why')
    assert terminal.told == ['why']
