# SPDX-License-Identifier: Apache-2.0
"""``aws mfa login --setup``: a profile from nothing but an access key."""

from __future__ import annotations

from typing import Any

from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from awscli_mfa_plugin.commands.profile_writer import write_profile
from awscli_mfa_plugin.exceptions import (
    InvalidSerialNumberError,
    NoTokenCodeError,
    UsageError,
)
from awscli_mfa_plugin.file_edit import edit_file, set_in_section
from awscli_mfa_plugin.profiles import LONG_TERM_SUFFIX, check_serial_number
from awscli_mfa_plugin.secrecy import unrecorded
from awscli_mfa_plugin.terminal import Terminal

_DEFAULT_OUTPUT = 'json'
# Where IAM is asked for devices when the person names no region.
_DEFAULT_REGION = 'us-east-1'


class SetupGuide:
    """Asks, and writes what was answered; nothing before the last answer.

    :param session: The command's ``botocore.session.Session``.
    """

    def __init__(
        self,
        session: Any,
        parsed_globals: Any,
        terminal: Terminal | None = None,
    ) -> None:
        self._session = session
        self._globals = parsed_globals
        self._terminal = terminal or Terminal()

    def run(self) -> str:
        """Set up a profile and return its name.

        :raises UsageError: There is nobody to ask, or the person stopped
            or gave no key.
        """
        if not self._terminal.is_available():
            raise UsageError(
                msg='--setup asks questions, and there is no terminal for it.'
            )
        try:
            return self._run()
        except NoTokenCodeError:
            raise UsageError(msg='Nothing was changed.') from None

    def _run(self) -> str:
        current = self._session.get_config_variable('profile') or 'default'
        name = self._ask('Profile name', current)
        self._check_free(name)
        access_key_id = self._ask('AWS Access Key ID')
        secret = self._terminal.ask_hidden('AWS Secret Access Key: ').strip()
        if not access_key_id or not secret:
            raise UsageError(
                msg='An access key has two parts, and both are needed.'
            )
        region = self._ask('Default region name', '')
        output = self._ask('Default output format', _DEFAULT_OUTPUT)
        credentials = Credentials(access_key_id, secret)
        serial_number = self._find_device(credentials, region)
        self._write(name, credentials, region, output, serial_number)
        return name

    def wants_to_log_in(self) -> bool:
        """Ask whether to go on with a login."""
        try:
            return self._agrees('Log in now?', default=True)
        except NoTokenCodeError:
            return False

    def _ask(self, question: str, default: str | None = None) -> str:
        shown = f' [{default}]' if default else ''
        answer = self._terminal.ask(f'{question}{shown}: ')
        return answer or default or ''

    def _agrees(self, question: str, default: bool) -> bool:
        answer = self._terminal.ask(
            f'{question} [{"Y/n" if default else "y/N"}] '
        )
        return answer.lower() in ('y', 'yes') if answer else default

    def _check_free(self, name: str) -> None:
        profiles = self._session.full_config['profiles']
        for taken in (name + LONG_TERM_SUFFIX, name):
            if taken in profiles and not self._agrees(
                f'The profile {taken} exists. Change it?', default=False
            ):
                raise UsageError(
                    msg='Nothing was changed. Choose another profile name.'
                )

    def _find_device(self, credentials: Any, region: str) -> str:
        """Return the serial number of the user's MFA device.

        AWS's policy for users who must use MFA lets them list their own
        devices without it. A FIDO key or passkey cannot be used here.
        """
        usable = []
        for found in self._list_devices(credentials, region):
            try:
                check_serial_number(found)
            except InvalidSerialNumberError as error:
                self._terminal.tell(str(error))
                continue
            usable.append(found)
        if len(usable) == 1:
            self._terminal.tell(f'MFA device: {usable[0]}')
            return usable[0]
        for number, serial_number in enumerate(usable, 1):
            self._terminal.tell(f'{number}. {serial_number}')
        while True:
            answer = self._ask(
                'MFA device (number or ARN)' if usable else 'MFA device ARN'
            )
            if answer.isdecimal() and 1 <= int(answer) <= len(usable):
                return usable[int(answer) - 1]
            try:
                check_serial_number(answer)
            except InvalidSerialNumberError as error:
                self._terminal.tell(str(error))
                continue
            return answer

    def _list_devices(self, credentials: Any, region: str) -> list[str]:
        try:
            with unrecorded():
                # Of no profile: the command's own may not exist yet.
                client = fresh_session(self._session).create_client(
                    'iam',
                    region_name=region or _DEFAULT_REGION,
                    endpoint_url=self._globals.endpoint_url,
                    verify=self._globals.verify_ssl,
                    aws_access_key_id=credentials.access_key,
                    aws_secret_access_key=credentials.secret_key,
                )
                devices = client.list_mfa_devices()['MFADevices']
        except (ClientError, BotoCoreError) as error:
            self._terminal.tell(f'Your MFA devices cannot be listed: {error}')
            return []
        except ResponseParserError:
            # Its own message quotes the page that came.
            self._terminal.tell(
                'Your MFA devices cannot be listed: what answered is not AWS.'
            )
            return []
        if not devices:
            self._terminal.tell(
                'This IAM user has no MFA device yet. Add an authenticator '
                'app in the console under Security credentials.'
            )
        return [device['SerialNumber'] for device in devices]

    def _write(
        self,
        name: str,
        credentials: Any,
        region: str,
        output: str,
        serial_number: str,
    ) -> None:
        long_term = name + LONG_TERM_SUFFIX
        keys = {
            'aws_access_key_id': credentials.access_key,
            'aws_secret_access_key': credentials.secret_key,
            # Of what was there before: the new key has none.
            'aws_session_token': None,
            'aws_security_token': None,
        }
        path = str(self._session.get_config_variable('credentials_file'))
        edit_file(
            path, lambda original, _: set_in_section(original, long_term, keys)
        )
        self._terminal.tell(f'Saved in {path}: [{long_term}]')
        general = {'region': region, 'output': output}
        general = {name: value for name, value in general.items() if value}
        write_profile(self._session, long_term, general)
        path = write_profile(
            self._session, name, {**general, 'mfa_serial': serial_number}
        )
        self._terminal.tell(
            f'Saved in {path}: [profile {long_term}], [profile {name}]'
        )


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
