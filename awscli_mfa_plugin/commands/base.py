# SPDX-License-Identifier: Apache-2.0
"""What the commands have in common: being a good guest of the CLI."""

from __future__ import annotations

from typing import Any

import awscli_mfa_plugin
from awscli_mfa_plugin.commands.awscli_parts import BasicCommand
from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    MFAError,
    UsageError,
    as_argument,
)
from awscli_mfa_plugin.exceptions.commands import ReaderGoneError
from awscli_mfa_plugin.host.wrapping import say_on_stderr

# People type the first for help. The AWS CLI begins its message about words
# that it does not know with the second; if that changed, its own message
# would be shown: tests/e2e/test_wording.py.
_HELP = '--help'
_UNKNOWN = 'Unknown options: '

# The exit code of the AWS CLI v1 for a wrong command line.
_V1_USAGE_EXIT_CODE = 2

# The exit code of every AWS CLI for what has none of its own.
READER_GONE_EXIT_CODE = 255


def from_file(*path: str) -> Any:
    """Return a help text of this package: ``examples/PATH``."""
    return BasicCommand.FROM_FILE(*path, root_module=awscli_mfa_plugin)


def summary_of(command: type[MFABasicCommand]) -> str:
    """Return in one line what a command does."""
    return (command.__doc__ or '').partition('\n')[0].replace('``', '')


class MFABasicCommand(BasicCommand):
    """A command whose errors come out as the host CLI's own do."""

    _session: Any

    # Whether the AWS CLI runs the command, and not awscli-mfa.
    is_hosted = False

    def __call__(self, args: Any, parsed_globals: Any) -> Any:
        self.is_hosted = True
        if self.SUBCOMMANDS:
            # The subcommand reads the rest.
            args = ['help'] if args[:1] == [_HELP] else args
            return super().__call__(args, parsed_globals)
        if _HELP in args:
            args = ['help']
        try:
            return super().__call__(args, parsed_globals)
        except Exception as error:
            # v1 and v2 have other types for it, and the same words.
            before, _, unknown = str(error).partition(_UNKNOWN)
            if before or not unknown:
                raise
            return _leave(self._explain_unknown(unknown.split(',')))

    def _explain_unknown(self, words: list[str]) -> UsageError:
        """Return the error for words that are no options."""
        for word in words:
            if word in self._session.available_profiles:
                return UsageError(
                    msg=f'Did you mean --profile {as_argument(word)}?'
                )
        return UsageError(
            msg=(
                f'{_UNKNOWN}{", ".join(words)}. '
                f'For help: aws mfa {self.NAME} help'
            )
        )

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        """Do the command's work and return its exit code.

        :raises MFAError: What keeps it from being done.
        """
        raise NotImplementedError

    def _run_main(self, parsed_args: Any, parsed_globals: Any) -> int:
        try:
            return self.run(parsed_args, parsed_globals)
        except ReaderGoneError:
            return READER_GONE_EXIT_CODE
        except MFAError as error:
            return _leave(error)


def _leave(error: MFAError) -> int:
    """End a command the way the host CLI ends one of its own.

    v2 chooses the exit code by its own exception classes, which v1 does
    not have: 252 for usage, 253 for configuration, and by itself 254 for
    a service's refusal and 255 for the rest. v1 exits with 255 but for a
    wrong command line.
    """
    try:
        from awscli.customizations.exceptions import (
            ConfigurationError,
            ParamValidationError,
        )
    except ImportError:
        if isinstance(error, UsageError):
            say_on_stderr(f'\n{error}')
            return _V1_USAGE_EXIT_CODE
        raise error from None
    if isinstance(error, UsageError):
        raise ParamValidationError(str(error)) from None
    if isinstance(error, MFAConfigurationError):
        raise ConfigurationError(str(error)) from None
    raise error from None


def fresh_session(session: Any, profile_name: str | None = None) -> Any:
    """Return a session that sees what has been written since.

    :param profile_name: Its profile; without one it has none, whatever
        the environment says.
    """
    from botocore.session import Session

    fresh = Session(session_vars={'profile': (None, None, None, None)})
    if profile_name is not None:
        fresh.set_config_variable('profile', profile_name)
    config = session.get_default_client_config()
    if config is not None:
        fresh.set_default_client_config(config)
    return fresh
