# SPDX-License-Identifier: Apache-2.0
"""What can go wrong: one tree, one fact and one remedy a message.

Everything raised here is an :class:`MFAError` and so a
``BotoCoreError``: the AWS CLI and any program on botocore already know
how to show it. No message ever holds a secret or a token code.
"""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    # "awscli-mfa enable" runs where there is no botocore.
    from awscli_mfa_plugin.no_botocore import BotoCoreError, ClientError


def with_arguments(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a message's fields, and profile names as a shell wants them.

    ``{profile_argument}`` is ``{profile}``, quoted when it needs that.
    """
    arguments = {
        f'{name}_argument': as_argument(fields[name])
        for name in ('profile', 'long_term_profile')
        if name in fields
    }
    return {**fields, **arguments}


def as_argument(text: str) -> str:
    """Return a text as a command line of this system wants it."""
    if os.name == 'nt':
        return f'"{text}"' if ' ' in text else text
    return shlex.quote(text)


class MFAError(BotoCoreError):
    """The root of everything this package raises.

    :ivar fmt: The message; the fields are the constructor's keywords.
    """

    fmt = 'An unspecified MFA error occurred.'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**with_arguments(kwargs))
        self.kwargs = kwargs


class MFAConfigurationError(MFAError):
    """The configuration, or the session it leads to, gives no credentials.

    The AWS CLI v2 has one exit code for both, as it has for credentials of
    its own.
    """

    fmt = '{msg}'


class NotMFAProfileError(MFAConfigurationError):
    """The profile has nothing to do with MFA sessions, and why."""

    fmt = 'Profile {profile} does not use an MFA session: {reason}'


class NoSerialNumberError(NotMFAProfileError):
    """No MFA device is named for the profile anywhere."""


class UnknownProfileError(MFAConfigurationError):
    """Neither the profile nor its long-term profile exists."""

    fmt = (
        'The profile {profile} could not be found, and neither could '
        '{profile}-long-term. Create one with: '
        'aws configure --profile {profile_argument}'
    )


class InvalidProfileValueError(MFAConfigurationError):
    """A setting of a profile is not one of the values it can have."""

    fmt = (
        'The value "{value}" of {name} in profile {profile} is not valid: '
        'it must be {expected}.'
    )


class AgentRoleError(MFAConfigurationError):
    """A coding agent is to have a role that cannot be had."""

    fmt = (
        'A coding agent runs this command, and mfa_agent_role = {role} of '
        'profile {profile} cannot be used: {reason}. Name a role profile '
        'that is assumed from the MFA session of {profile}: aws configure '
        'set mfa_agent_role ROLE_PROFILE --profile {profile_argument}'
    )


class InvalidSerialNumberError(MFAConfigurationError):
    """The MFA serial number cannot be one that STS takes."""

    fmt = 'The MFA serial number {serial_number} cannot be used: {reason}'


class NoMFADeviceError(MFAConfigurationError):
    """The IAM user has no MFA device at all."""

    fmt = (
        'The IAM user of profile {profile} has no MFA device. Enroll an '
        'authenticator app: aws mfa enroll --profile {profile_argument}'
    )


class NoProfileChosenError(MFAConfigurationError):
    """No profile was named, and ``default`` has nothing to do with MFA."""

    fmt = (
        'No profile was named, and profile default has no MFA device. '
        'Others have one: {profiles}. To log in to {profile}: aws mfa login '
        '--profile {profile_argument}'
    )


class OnlyFIDODevicesError(MFAConfigurationError):
    """No code can be had from any device of the IAM user."""

    fmt = (
        'The only MFA devices of the IAM user of profile {profile} are FIDO '
        'security keys or passkeys, which AWS accepts only in the console. '
        'Enroll an authenticator app beside them: aws mfa enroll --profile '
        '{profile_argument}'
    )


class SeveralMFADevicesError(MFAConfigurationError):
    """The IAM user has several MFA devices, and nobody can be asked."""

    fmt = (
        'The IAM user of profile {profile} has several MFA devices: '
        '{serial_numbers}. Choose one: aws mfa login --profile '
        '{profile_argument} --serial-number {first}'
    )


class DevicesNotListedError(MFAConfigurationError):
    """AWS does not let the IAM user see the own MFA devices."""

    fmt = (
        'AWS does not let the IAM user of profile {profile} list MFA '
        'devices. Try the one that is named like the user: aws mfa login '
        '--profile {profile_argument} --serial-number {serial_number}'
    )


class NotIAMUserError(MFAConfigurationError):
    """Only IAM users have MFA devices that give sessions."""

    fmt = (
        'The credentials of profile {long_term_profile} are those of {arn}, '
        'which is no IAM user. Store the access key of an IAM user with: '
        'aws configure --profile {long_term_profile_argument}'
    )


class NoLongTermCredentialsError(MFAConfigurationError):
    """There is no access key to ask for a session with."""

    fmt = (
        'Profile {long_term_profile} has no access key to sign in with. '
        'Store one with: aws configure --profile {long_term_profile_argument}'
    )


class UnreadableFileError(NoLongTermCredentialsError):
    """The file that an access key would stand in cannot be read."""

    fmt = (
        'The file {path} cannot be read, so profile {long_term_profile} has '
        'no access key to sign in with. Make it readable: chmod 600 {path}'
    )


class NotLongTermCredentialsError(MFAConfigurationError):
    """The credentials found are themselves temporary."""

    fmt = (
        'The credentials of profile {long_term_profile} carry a session '
        'token, so they are not long-term credentials, and AWS gives an '
        "MFA session only for those. Put the IAM user's access key into "
        'profile {profile}-long-term, or name the profile that has it with '
        'source_profile.'
    )


class UsageError(MFAError):
    """The command line is at fault."""

    fmt = '{msg}'


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


class SeedProcessError(UsageError):
    """The program that was to keep a seed has not done so."""

    fmt = 'The program of --seed-process, {program}, failed: {reason}.'


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


class LoginRoleEndedError(MFAConfigurationError):
    """The role that a profile was logged in to has ended."""

    fmt = (
        'The session of {role} that profile {profile} was logged in to has '
        'ended. Log in again: aws mfa login --profile {profile_argument} '
        '--role-arn {role} (without --role-arn you are the user again)'
    )


class NoCredentialsToExportError(MFAConfigurationError):
    """The profile has no credentials of any kind."""

    fmt = (
        'Profile {profile} has no credentials. Configure it with: '
        'aws configure --profile {profile_argument}'
    )


class NestedExecError(UsageError):
    """``aws mfa exec`` was started by ``aws mfa exec``."""

    fmt = (
        'This already runs inside "aws mfa exec" for profile {profile}. '
        'Leave that first, or unset {variable}.'
    )


class OutputError(MFAError):
    """Standard output takes nothing."""

    fmt = 'Standard output cannot be written: {reason}.'


class ReaderGoneError(OutputError):
    """Who was to read standard output has gone, and needs no word of it."""

    fmt = 'Standard output cannot be written: nobody reads it.'


class ControlCharacterError(MFAError):
    """Credentials do not fit on the lines of an output format."""

    fmt = (
        'The value of {name} has a line break or another control character '
        'in it, which {output_format} has no way to write. Use another '
        'format, such as process.'
    )


class CacheWriteError(MFAError):
    """The session was made but could not be kept."""

    fmt = (
        'The MFA session could not be saved in {directory} ({reason}). '
        'Make that folder writable, or name another one in '
        'AWS_MFA_CACHE_DIRECTORY.'
    )


class RoleRemoveError(MFAError):
    """A profile could not be taken out of the role it was logged in to."""

    fmt = (
        'The MFA session was saved, but profile {profile} still uses the '
        'role of its last login, because that could not be removed from '
        '{directory} ({reason}). Make that folder writable and log in again: '
        'aws mfa login --profile {profile_argument}'
    )


class CacheRemoveError(MFAError):
    """A session could not be taken out of the cache."""

    fmt = (
        '{what} could not be removed from {directory} ({reason}). Make that '
        'folder writable and log out again.'
    )


class ConfigWriteError(MFAConfigurationError):
    """A config or credentials file could not be changed."""

    fmt = 'The file {path} could not be changed: {reason}'


class SectionRemoveError(MFAConfigurationError):
    """A session could not be removed from the credentials file."""

    fmt = (
        'The MFA session could not be removed from {path} ({reason}). '
        'Delete it from {sections} by hand.'
    )


class LongTermSectionError(MFAConfigurationError):
    """A session was to be written where long-term keys are."""

    fmt = (
        'The section [{section}] of {path} holds long-term keys and is not '
        'written over. Rename it to [{section}-long-term], or pass '
        '--short-term-suffix to write another section.'
    )


class HiddenLongTermCredentialsError(MFAConfigurationError):
    """A written session would be found before the long-term credentials."""

    fmt = (
        'Profile {profile} has its long-term credentials itself, and a '
        'session in the section [{profile}] of {path} would hide them. Move '
        'them to profile {profile}-long-term, or pass --short-term-suffix to '
        'write another section.'
    )


class NoCLIError(MFAConfigurationError):
    """There is no AWS CLI that could load the plugin."""

    fmt = (
        'There is no AWS CLI on PATH. Install one, or name it: '
        'awscli-mfa enable --aws PATH'
    )


class PluginCopyError(MFAConfigurationError):
    """The package could not be copied to where AWS CLIs load it."""

    fmt = 'The plugin could not be copied to {directory}: {reason}.'


class PluginCopyRemoveError(MFAConfigurationError):
    """The copy of the package could not be removed."""

    fmt = '{directory} could not be removed: {reason}.'


class CLIStoppedError(MFAConfigurationError):
    """An AWS CLI that worked does not work with the plugin."""

    fmt = (
        'Nothing was changed: with the plugin this AWS CLI would stop.\n'
        '  {path}\n'
        '  {reason}\n'
        'Remove what it names from [plugins] and run this again.{others}'
    )


class NoPackageInV1Error(MFAConfigurationError):
    """An AWS CLI v1 on the same config file has no such package."""

    fmt = (
        'Nothing was changed: this AWS CLI v1 has not got the plugin and '
        'would stop.\n'
        '  {path}\n'
        'Install it there and run this again:\n'
        '  {command}{others}'
    )


class NoCLIEnabledError(MFAConfigurationError):
    """No AWS CLI loads the plugin, whatever the config file says."""

    fmt = (
        'Nothing was changed: no AWS CLI loads the plugin by {path}.\n'
        '{reasons}\n'
        'Mend that, then run this again.'
    )


class ExpiredOnArrivalError(MFAError):
    """STS gave a session that is over by this computer's clock."""

    fmt = (
        'AWS gave a session until {expiration}, which is already over by '
        "this computer's clock. Set the clock right and try again."
    )


class UnreadableAnswerError(MFAError):
    """What answered in the place of STS was not STS."""

    fmt = (
        'The answer from AWS STS could not be read. A proxy or the sign-in '
        'page of a network may stand in between: check the connection and '
        'try again with the next code.'
    )


class UnreadableIAMAnswerError(MFAError):
    """What answered in the place of IAM was not IAM."""

    fmt = (
        'The answer from AWS IAM could not be read. A proxy or the sign-in '
        'page of a network may stand in between: check the connection and '
        'try again.'
    )


class AnswerLostError(MFAError):
    """The call was sent and its answer never came."""

    fmt = (
        'AWS STS was asked and its answer did not arrive ({reason}). Try '
        'again; a token code may count as used, so take the next one.'
    )


class IAMAnswerLostError(MFAError):
    """IAM was told to change something and its answer never came."""

    fmt = (
        'AWS IAM was asked for profile {profile} and its answer did not '
        'arrive ({reason}). Look at what has become of it: aws mfa '
        'list-devices --profile {profile_argument}'
    )


class STSRefusedError(MFAError, ClientError):
    """STS refused the call; the message says what is known about why.

    It is a ``ClientError`` too, so that the AWS CLI shows it and exits as
    it does for any refusal by a service.

    :ivar response: The parsed response, as ``ClientError`` has it.
    :ivar operation_name: ``GetSessionToken`` or ``AssumeRole``.
    """

    remedy = ''

    def __init__(self, error: ClientError, **fields: Any) -> None:
        remedy = self.remedy.format(**with_arguments(fields))
        # AWS's own texts end in a full stop, a space or nothing.
        said = error.response['Error'].get('Message', '').strip()
        if said and not said.endswith('.'):
            said += '.'
        response = dict(error.response)
        response['Error'] = dict(
            response['Error'], Message=f'{said} {remedy}'.strip()
        )
        # There is one attempt; "(reached max retries: 0)" is no news.
        response['ResponseMetadata'] = {
            name: value
            for name, value in error.response['ResponseMetadata'].items()
            if name not in ('MaxAttemptsReached', 'RetryAttempts')
        }
        ClientError.__init__(self, response, error.operation_name)
        self.kwargs = fields

    def __reduce__(self) -> Any:
        # BotoCoreError and ClientError each know another way.
        return _rebuild, (type(self), self.response, self.operation_name)


def _rebuild(
    kind: type[STSRefusedError], response: Any, operation_name: str
) -> STSRefusedError:
    error = kind.__new__(kind)
    ClientError.__init__(error, response, operation_name)
    error.kwargs = {}
    return error


class TokenCodeRefusedError(STSRefusedError):
    """The code was wrong, or had been used before."""

    remedy = (
        'The code was wrong or already used: a code works once, so wait '
        'for the next one.'
    )


class CannotValidateTokenCodeError(STSRefusedError):
    """STS did not look at the code at all."""

    remedy = (
        'Either {serial_number} is not an MFA device of this IAM user '
        '(see: aws iam list-mfa-devices), or too many wrong codes were '
        'tried: then wait two minutes.'
    )


class ClockSkewError(STSRefusedError):
    """The request's time was too far from AWS's."""

    remedy = (
        "This computer's clock is {difference}. Set it right and try again."
    )


class LongTermKeyRefusedError(STSRefusedError):
    """AWS does not know the access key, or it is switched off."""

    remedy = (
        'The access key of profile {long_term_profile} was not accepted. '
        'Check it with: aws configure --profile {long_term_profile_argument}'
    )


class OtherSTSRefusalError(STSRefusedError):
    """A refusal for which AWS's own words have to do."""


class SilentRefusalError(STSRefusedError):
    """A compatible service refused without a word."""

    remedy = (
        'The service does not say why. If the token code was wrong or '
        'already used, try again with the next one.'
    )


class RoleDeniedError(STSRefusedError):
    """AWS denied a role to an MFA session.

    The field ``device`` says how the role is told its MFA device, if it
    has to be.
    """

    remedy = (
        'The MFA session it was asked for with is {age} old. If the role '
        'wants a more recent one: aws mfa login --profile {profile_argument} '
        '--force. If it wants a code of its own: aws configure set '
        'mfa_role_sessions direct --profile {profile_argument}{device}'
    )


class AgentRoleDeniedError(STSRefusedError):
    """AWS denied a role that a coding agent is to have."""

    remedy = (
        'A coding agent runs this command, and because of mfa_agent_role '
        'the commands of profile {profile} are signed with that role only. '
        'Name a role that the MFA session ({age} old) may assume: aws '
        'configure set mfa_agent_role ROLE_PROFILE --profile '
        '{profile_argument}'
    )


class STSThrottledError(STSRefusedError):
    """STS had too much to do, and did not look at the call."""

    remedy = 'Wait a moment and try again.'


class STSFailedError(STSRefusedError):
    """STS was not able to answer; it may have used up the code."""

    remedy = (
        'Nothing was changed. Try again with the next code: this one may '
        'count as used.'
    )


class DeviceNameTakenError(STSRefusedError):
    """There is an MFA device of that name in the account."""

    remedy = 'Choose another name with --device-name.'


class TooManyDevicesError(STSRefusedError):
    """AWS allows no further MFA device."""

    remedy = (
        'AWS allows an IAM user eight MFA devices. Look at them with: aws '
        'mfa list-devices --profile {profile_argument}'
    )


class DeviceBusyError(STSRefusedError):
    """AWS is still at an earlier change of the IAM user."""

    remedy = (
        'AWS is still working on an earlier change of this IAM user. Wait a '
        'few minutes and try again.'
    )


class ConsecutiveCodesRefusedError(STSRefusedError):
    """Two codes were not two of the device that follow each other."""

    remedy = (
        'AWS wants two codes of this device, one right after the other, and '
        'neither used before. Wait for a new one and try again.'
    )


# The classes by which the programs around us decide what an error means,
# for which errors of ours: the module, the class, our class. An S3 transfer
# ends on the first; after any other error it goes on, and every remaining
# file fails by itself and says so. The AWS CLI v2 exits with 253 on the
# second and writes it as --cli-error-format says: its errorhandler.py. v1
# has no such class. If a name changed, the error would be one like any
# other: tests/e2e/test_error_format.py, tests/e2e/test_long_runs.py.
_HOST_KINDS = (
    ('s3transfer.exceptions', 'FatalError', MFAError),
    (
        'awscli.customizations.exceptions',
        'ConfigurationError',
        MFAConfigurationError,
    ),
)


def for_host(error: MFAError) -> MFAError:
    """Return an error as the program that runs this knows it.

    Where no such program is loaded it is the error itself.
    """
    kinds = tuple(
        host_kind
        for module, name, ours in _HOST_KINDS
        # Not imported: who has not loaded it knows no such error.
        if isinstance(error, ours)
        and (host_kind := getattr(sys.modules.get(module), name, None))
        and not isinstance(error, host_kind)
    )
    if not kinds:
        return error
    kind = type(error)
    both: Any = type(f'Host{kind.__name__}', (kind, *kinds), {})
    known: MFAError = both.__new__(both)
    known.__dict__.update(error.__dict__)
    known.args = error.args
    return known
