# SPDX-License-Identifier: Apache-2.0
"""A token code or a session is needed, and is not to be had."""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    MFAError,
    UsageError,
)


class InvalidTokenCodeError(UsageError):
    """What was given cannot be a token code."""

    fmt = 'A token code has exactly six digits, as the MFA device shows them.'


class UsedTokenCodeError(UsageError):
    """A code that was sent before would be refused, and counted."""

    fmt = remedy = (
        'This token code has been sent to AWS already, and a code works '
        'once: wait for the next one.'
    )


class NoTokenCodeError(UsageError):
    """Standard input or the terminal ended before a code came."""

    fmt = 'No token code was given.'


class NobodyAnsweredError(NoTokenCodeError):
    """A prompt has stood for so long that others may ask now."""

    fmt = (
        'Nobody answered within five minutes, so the question was taken '
        'back. Run the command again.'
    )


class StoppedProcessError(MFAError):
    """The process that asks for the code was stopped, and stays so."""

    fmt = (
        '{process} is asking for the MFA code and is stopped. Go on with it '
        '(fg), or end it with: kill -KILL {process_id}'
    )


class MFAProcessError(MFAError):
    """The program that is to give a token code gave none."""

    fmt = (
        'The mfa_process of profile {profile} gave no MFA code: {reason}. To '
        'type one: aws mfa login --no-mfa-process --profile '
        '{profile_argument}'
    )


class PromptInterruptedError(NoTokenCodeError):
    """Ctrl-C at a prompt that is not the main thread's.

    The main thread has been interrupted, and ends the command.
    """


class NoTerminalError(UsageError):
    """A code is needed and there is nobody to ask.

    :ivar why: What :class:`NoMFASessionError` says of it.
    :ivar where: The place that it says to log in at.
    """

    why = ''
    where = ''
    fmt = (
        'There is no terminal to ask for the MFA code on. Pass the code '
        'with --token-code, or with --token-code - on standard input.'
    )


class RunByAgentError(NoTerminalError):
    """A coding agent runs the command, and is not asked for a code."""

    why = ', and a coding agent is not asked for a code'
    where = ' in a terminal of your own'
    fmt = (
        'A coding agent is not asked for an MFA code. Run "aws mfa login" '
        'in a terminal of your own, or pass the code with --token-code.'
    )


class BackgroundJobError(NoTerminalError):
    """The shell stops a background job that reads from its terminal."""

    why = ', and a background job may not ask for a code'
    where = ' in the foreground'
    fmt = (
        'A background job may not ask for the MFA code. Log in in the '
        'foreground; a job can wait for that with: aws mfa login --wait'
    )


class TerminalInUseError(NoTerminalError):
    """Another program has the terminal in a mode of its own."""

    why = ', and another program is using this terminal'
    where = ' in another terminal'
    fmt = (
        'Another program is using this terminal, so the MFA code is not '
        'asked for here. Run "aws mfa login" in another terminal. If no '
        'program is, put the terminal right with: stty sane'
    )


class NoMFASessionError(MFAConfigurationError):
    """A command needs an MFA session and may not ask for a code.

    The fields besides the profile may be left out: ``lasting``, how long
    a session has to last, and those of :class:`NoTerminalError`.
    """

    fmt = (
        'Profile {profile} has no valid MFA session{lasting}{why}. Start one'
        '{where} with: aws mfa login --profile {profile_argument}'
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{'lasting': '', 'why': '', 'where': '', **kwargs})


class NoMFASessionForJobError(NoMFASessionError):
    """A background job needs an MFA session, and can only wait for one."""

    fmt = (
        NoMFASessionError.fmt + '. A job waits for that with: aws mfa login '
        '--wait --profile {profile_argument} (or with mfa_wait in the profile)'
    )


class ToldNoMFASessionError(NoMFASessionError):
    """Another job has just said the rest at the same terminal."""

    fmt = 'Profile {profile} has no valid MFA session{lasting}.'


class NoTokenCodeForRoleError(MFAConfigurationError):
    """A role wants a code of its own and nobody can be asked for it."""

    fmt = (
        'Profile {profile} needs an MFA code of its own ({reason}), and '
        'may not or cannot ask for it here. Run the command in a terminal '
        'of your own.'
    )
