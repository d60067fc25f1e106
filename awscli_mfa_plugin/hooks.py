# SPDX-License-Identifier: Apache-2.0
"""Which events of the AWS CLI are listened to, and why.

Nothing here raises into the CLI: a command that has nothing to do with
MFA must not notice the plugin even when the plugin is at fault.
"""

from __future__ import annotations

import logging
from typing import Any

from awscli_mfa_plugin.host import secrecy

logger = logging.getLogger(__name__)

# That of the CLI's debug output (awscli.clidriver.LOG_FORMAT).
_LOG_FORMAT = (
    '%(asctime)s - %(threadName)s - %(name)s - %(levelname)s - %(message)s'
)

# AWS gives these to long-term credentials only: "Cannot call
# GetSessionToken with session credentials".
_LONG_TERM_OPERATIONS = (
    'operation-args-parsed.sts.get-session-token',
    'operation-args-parsed.sts.get-federation-token',
)
# v2's own MFA login calls GetSessionToken with what the chain yields.
_LONG_TERM_COMMANDS = (
    'before-building-argument-table-parser.configure.mfa-login',
)
# What AWS's policy for forced MFA allows without: to find, add and repair a
# device, which is what somebody needs whose codes are refused.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
_DEVICE_OPERATIONS = tuple(
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
# Shows where credentials come from; nobody should need a code for that.
_LOOKING_COMMANDS = ('before-building-argument-table-parser.configure.list',)


class CLIHooks:
    """The handlers of one ``aws`` command."""

    def __init__(self) -> None:
        # None until a chain has them, and where there is no chain.
        self._for_sessions: Any = None
        self._for_roles: Any = None
        self._problem: Exception | None = None

    def register(self, event_hooks: Any) -> None:
        """Register every handler with the CLI's event emitter."""
        event_hooks.register(
            'building-command-table.main', self.add_mfa_command
        )
        # Last, because the CLI's own handlers build the chain's caches,
        # on some versions before plugins and on some after them.
        event_hooks.register_last('session-initialized', self.insert_providers)
        for event in (*_LONG_TERM_OPERATIONS, *_LONG_TERM_COMMANDS):
            event_hooks.register(event, self.give_long_term_credentials)
        for event in _DEVICE_OPERATIONS:
            event_hooks.register(event, self.do_without_session)
        for event in _LOOKING_COMMANDS:
            event_hooks.register(event, self.never_prompt)
        secrecy.mask_token_code_in_debug_output()

    def add_mfa_command(
        self, command_table: Any, session: Any, **kwargs: Any
    ) -> None:
        """Add ``aws mfa``."""
        try:
            from awscli_mfa_plugin.commands.mfa import MFACommand

            command_table[MFACommand.NAME] = MFACommand(session)
        except Exception as error:  # noqa: BLE001
            # Logged when the CLI's --debug is heard.
            self._problem = error

    def insert_providers(
        self, session: Any, parsed_args: Any, **kwargs: Any
    ) -> None:
        """Put the providers into the chain of the command's session.

        An unknown profile has no chain. Whether that is an error is for
        the command to say: ``aws configure --profile new`` is none.
        """
        from botocore.exceptions import ProfileNotFound

        secrecy.stop_history_of(getattr(parsed_args, 'command', None))
        try:
            if getattr(parsed_args, 'debug', False):
                # The CLI does so for its own loggers, by their names.
                session.set_stream_logger(
                    'awscli_mfa_plugin',
                    logging.DEBUG,
                    format_string=_LOG_FORMAT,
                )
            if self._problem is not None:
                logger.debug(
                    '"aws mfa" is not available', exc_info=self._problem
                )
            from awscli_mfa_plugin.chain import insert_providers
            from awscli_mfa_plugin.credentials.sts import STSConnection
            from awscli_mfa_plugin.host import native_threads

            # Not --endpoint-url: it is that of the command's own service.
            self._for_sessions, self._for_roles = insert_providers(
                session,
                STSConnection(
                    region_name=getattr(parsed_args, 'region', None),
                    verify=getattr(parsed_args, 'verify_ssl', None),
                ),
                on_use=native_threads.end_command_on_errors,
            )
        except ProfileNotFound:
            logger.debug('No MFA sessions: the profile does not exist')
        except Exception:
            logger.debug('No MFA sessions in this command', exc_info=True)

    def give_long_term_credentials(self, **kwargs: Any) -> None:
        """Have the command signed with the long-term credentials."""
        for provider in (self._for_sessions, self._for_roles):
            if provider is not None:
                provider.give_long_term_credentials()

    def do_without_session(self, **kwargs: Any) -> None:
        """Have the command signed with a session or the long-term key."""
        if self._for_sessions is not None:
            self._for_sessions.do_without_session()

    def never_prompt(self, **kwargs: Any) -> None:
        """Have the command ask for nothing."""
        if self._for_sessions is None:
            return
        session = self._for_sessions.session
        self._for_sessions.never_prompt()
        self._for_roles.never_prompt()
        # What the plugin leaves alone, the profile's own line would ask for.
        try:
            from awscli_mfa_plugin.chain import leave_out_process
            from awscli_mfa_plugin.standalone import is_ours

            if is_ours(session.get_scoped_config().get('credential_process')):
                leave_out_process(session)
        except Exception:
            logger.debug('The credential_process stays', exc_info=True)
