# SPDX-License-Identifier: Apache-2.0
"""Which events of the AWS CLI are listened to, and why.

Every ``aws`` command loads this module, so it imports the others inside
its functions. Nothing here raises into the CLI: a command that has
nothing to do with MFA must not notice the plugin even when the plugin is
at fault.
"""

from __future__ import annotations

import logging
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

logger = logging.getLogger(__name__)

# The format of the CLI's debug output (awscli.clidriver.LOG_FORMAT).
_LOG_FORMAT = (
    '%(asctime)s - %(threadName)s - %(name)s - %(levelname)s - %(message)s'
)

# AWS gives these to long-term credentials only: "Cannot call
# GetSessionToken with session credentials".
_LONG_TERM_EVENTS = (
    'operation-args-parsed.sts.get-session-token',
    'operation-args-parsed.sts.get-federation-token',
    # v2's own MFA login calls GetSessionToken with what the chain yields.
    'before-building-argument-table-parser.configure.mfa-login',
)
# AWS's policy for forced MFA allows these operations without MFA. Somebody
# whose codes are refused needs them to find, add and repair a device.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
_DEVICE_EVENTS = tuple(
    f'operation-args-parsed.iam.{operation}'
    for operation in (
        'list-mfa-devices',
        'list-virtual-mfa-devices',
        'get-mfa-device',
        'create-virtual-mfa-device',
        'enable-mfa-device',
        'resync-mfa-device',
    )
)
# Is loaded where v2 completes resources; older ones load it always.
_COMPLETER = 'awscli.autocomplete.serverside.servercomp'

# Shows where credentials come from; nobody should need a code for that.
_LOOKING_EVENTS = ('before-building-argument-table-parser.configure.list',)

# All of these events begin so. botocore compares each name that is registered
# with all of its aliases, which costs every command more than a call for an
# event that is none of them.
_EVENT_PREFIXES = (
    'operation-args-parsed',
    'before-building-argument-table-parser.configure',
)


class CLIHooks:
    """The handlers of one ``aws`` command."""

    def __init__(self) -> None:
        # The needs and the session of the command, once it has a chain.
        self._needs: Any = None
        self._session: Any = None

    def register(self, event_hooks: Any) -> None:
        """Register every handler with the CLI's event emitter."""
        event_hooks.register(
            'building-command-table.main', self.add_mfa_command
        )
        # Last, because the CLI's own handlers build the chain's caches,
        # on some versions before plugins and on some after them.
        event_hooks.register_last('session-initialized', self.insert_providers)
        for prefix in _EVENT_PREFIXES:
            event_hooks.register(prefix, self.look_at_command)
        # Filters are asked only where --debug is heard.
        for name in ('awscli.clidriver', 'awscli.alias'):
            logging.getLogger(name).addFilter(mask_token_code)
        if _COMPLETER in sys.modules:
            self.complete_with_session()

    def complete_with_session(self) -> None:
        """Have v2's completer use a session that is there, and ask nobody."""
        from awscli_mfa_plugin.host.completion import completing_session

        session = completing_session()
        if session is not None:
            from awscli_mfa_plugin.chain import insert_providers_later
            from awscli_mfa_plugin.needs import Needs

            needs = Needs()
            needs.prompt = False
            insert_providers_later(session, needs)

    def add_mfa_command(
        self, command_table: Any, session: Any, **kwargs: Any
    ) -> None:
        """Add ``aws mfa``."""
        command_table[MFACommandPlace.NAME] = MFACommandPlace(session)

    def insert_providers(
        self, session: Any, parsed_args: Any, **kwargs: Any
    ) -> None:
        """Put the providers into the chain of the command's session.

        An unknown profile has no chain. Whether that is an error is for
        the command to say: ``aws configure --profile new`` is none.
        """
        try:
            command = getattr(parsed_args, 'command', None)
            if command == MFACommandPlace.NAME:
                from awscli_mfa_plugin.host.secrecy import stop_history

                stop_history()
            if getattr(parsed_args, 'debug', False):
                # The CLI does so for its own loggers, by their names.
                session.set_stream_logger(
                    'awscli_mfa_plugin',
                    logging.DEBUG,
                    format_string=_LOG_FORMAT,
                )
            from awscli_mfa_plugin.chain import insert_providers
            from awscli_mfa_plugin.needs import Needs

            needs = Needs()
            # "aws mfa" shows sessions, makes them or hands them on.
            needs.warning = command != MFACommandPlace.NAME
            # --endpoint-url is that of the command's own service.
            insert_providers(
                session,
                needs,
                _end_command_on_errors,
                region_name=getattr(parsed_args, 'region', None),
                verify=getattr(parsed_args, 'verify_ssl', None),
            )
            self._needs, self._session = needs, session
        except Exception as error:
            # ProfileNotFound among others.
            logger.debug('No MFA sessions in this command', exc_info=True)
            from awscli_mfa_plugin import refuse_to_sign

            refuse_to_sign(session, error)

    def look_at_command(self, event_name: str, **kwargs: Any) -> None:
        """Learn from an event what the command needs of its credentials."""
        if self._needs is None:
            return
        if event_name in _LONG_TERM_EVENTS:
            self._needs.long_term = True
        elif event_name in _DEVICE_EVENTS:
            self._needs.session = False
        elif event_name in _LOOKING_EVENTS:
            self._never_prompt()

    def _never_prompt(self) -> None:
        """Have the command ask for nothing."""
        self._needs.prompt = False
        # A credential_process that is ours would prompt in our place.
        try:
            from awscli_mfa_plugin.chain import leave_out_process

            leave_out_process(self._session)
        except Exception:
            logger.debug('The credential_process stays', exc_info=True)


class MFACommandPlace:
    """The place of ``aws mfa`` in the CLI's table, until it is used."""

    NAME = 'mfa'

    def __init__(self, session: Any) -> None:
        self._session = session
        self._command: Any = None

    def __call__(self, args: Any, parsed_globals: Any) -> Any:
        return self._load()(args, parsed_globals)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._load(), name)

    def _load(self) -> Any:
        if self._command is None:
            try:
                from awscli_mfa_plugin.commands.mfa import MFACommand
            except Exception as error:
                from awscli_mfa_plugin import broken

                raise broken(error) from error

            self._command = MFACommand(self._session)
        return self._command


def mask_token_code(record: logging.LogRecord) -> bool:
    """Have ``--debug`` show the command line without a token code.

    The CLI logs ``sys.argv`` before any event reaches a plugin, in
    "Arguments entered to CLI: %s" of the logger ``awscli.clidriver``, and
    what it makes of an alias in that of ``awscli.alias``. If a name
    changes, the code shows again in debug output, and
    tests/e2e/test_secrecy.py fails.
    """
    from awscli_mfa_plugin import BROKEN_PART

    try:
        from awscli_mfa_plugin.host.secrecy import mask_arguments

        mask_arguments(record)
    except BROKEN_PART:
        # A record that cannot be masked is not shown.
        return False
    return True


def _end_command_on_errors() -> None:
    from awscli_mfa_plugin.host import native_threads

    native_threads.end_command_on_errors()
