# SPDX-License-Identifier: Apache-2.0
"""``aws mfa login --setup``: a profile from nothing but an access key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError

from awscli_mfa_plugin.commands.base import fresh_session
from awscli_mfa_plugin.commands.devices import choose_device
from awscli_mfa_plugin.config_files.config import write_profile
from awscli_mfa_plugin.config_files.edit import (
    Changes,
    Sections,
    edit_file,
)
from awscli_mfa_plugin.credentials.iam import IAMConnection
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.credentials.turns import (
    agrees,
    ask_in_turn,
    turn_at_terminal,
)
from awscli_mfa_plugin.exceptions import InvalidSerialNumberError, UsageError
from awscli_mfa_plugin.exceptions.answers import (
    ClockSkewError,
    STSRefusedError,
)
from awscli_mfa_plugin.exceptions.token_codes import NoTokenCodeError
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.profiles.devices import (
    FIDO,
    check_serial_number,
    kind_of,
)
from awscli_mfa_plugin.profiles.settings import (
    LONG_TERM_SUFFIX,
    MFAProfile,
    other_kind,
)

_DEFAULT_OUTPUT = 'json'
# IAM is asked for devices here when the person names no region.
_DEFAULT_REGION = 'us-east-1'

# AWS's services refuse a wrong secret with the first code, and a key that
# they do not know with one of the others.
_WRONG_SECRET = 'SignatureDoesNotMatch'
_KEY_CODES = (
    _WRONG_SECRET,
    'AuthFailure',
    'IncompleteSignature',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
)


class SetupGuide:
    """Asks, and writes what was answered; nothing before the last answer.

    :ivar enrolls: Whether the person has no MFA device and wants one.
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
        self.enrolls = False

    def run(self) -> str:
        """Set up a profile and return its name.

        :raises UsageError: There is nobody to ask, or the person stopped
            or gave no key.
        """
        if not self._terminal.is_available():
            raise UsageError(
                msg=(
                    '--setup asks questions, and there is no terminal for '
                    'it. Run it in a terminal of your own.'
                )
            )
        try:
            return self._run()
        except NoTokenCodeError:
            raise UsageError(msg='Nothing was changed.') from None

    def _run(self) -> str:
        name = self._ask_name()
        self._check_free(name)
        credentials = self._ask_key()
        region = self._ask('Default region name', '')
        output = self._ask('Default output format', _DEFAULT_OUTPUT)
        while True:
            try:
                found = self._list_devices(credentials, region)
                break
            except _KeyRefusedError as error:
                self._terminal.tell(str(error))
                credentials = self._ask_key()
                if not error.is_known:
                    # China and GovCloud know keys of their own alone.
                    region = self._ask('Default region name', region)
        serial_number = None
        if found is not None and not any(map(_gives_codes, found)):
            self.enrolls = agrees(
                self._terminal,
                'Enroll an authenticator app now?',
                by_default=True,
            )
        if not self.enrolls:
            serial_number = self._choose_device(found or [])
        self._write(name, credentials, region, output, serial_number)
        return name

    def wants_to_log_in(self) -> bool:
        """Ask whether to go on with a login."""
        try:
            return agrees(self._terminal, 'Log in now?', by_default=True)
        except NoTokenCodeError:
            return False

    def _ask(self, question: str, default: str | None = None) -> str:
        shown = f' [{default}]' if default else ''
        answer = ask_in_turn(self._terminal, f'{question}{shown}: ')
        return answer or default or ''

    def _ask_name(self) -> str:
        """Return the name of a profile that the guide can set up."""
        current = self._session.get_config_variable('profile') or 'default'
        while True:
            name = self._ask('Profile name', current)
            # Nothing would be able to read the section.
            if ']' in name or not name.isprintable() or name != name.strip():
                self._terminal.tell(
                    'A profile name can have no ] and no control characters '
                    'in it, and no blanks around it: choose another name.'
                )
                continue
            profiles = self._session.full_config['profiles']
            for taken in (name, name + LONG_TERM_SUFFIX):
                reason = other_kind(profiles.get(taken, {}))
                if reason is not None:
                    self._terminal.tell(
                        f'Profile {taken} cannot be changed into one with an '
                        f'MFA session, because {reason}: choose another name.'
                    )
                    break
            else:
                return name

    def _ask_key(self) -> Any:
        access_key_id = self._ask('AWS Access Key ID')
        with turn_at_terminal(self._terminal):
            secret = self._terminal.ask_hidden('AWS Secret Access Key: ')
        secret = secret.strip()
        if not access_key_id or not secret:
            raise UsageError(
                msg='An access key has two parts, and both are needed.'
            )
        return Credentials(access_key_id, secret)

    def _check_free(self, name: str) -> None:
        profiles = self._session.full_config['profiles']
        for taken in (name + LONG_TERM_SUFFIX, name):
            question = f'The profile {taken} exists. Change it?'
            if taken in profiles and not agrees(self._terminal, question):
                raise UsageError(
                    msg='Nothing was changed. Choose another profile name.'
                )

    def _choose_device(self, found: list[str]) -> str:
        """Return the serial number of the user's MFA device.

        A FIDO key or passkey cannot be used here.
        """
        usable = list(filter(_gives_codes, found))
        if len(usable) == 1:
            self._terminal.tell(f'MFA device: {usable[0]}')
            return usable[0]
        return choose_device(usable, self._terminal)

    def _list_devices(self, credentials: Any, region: str) -> list[str] | None:
        """Return the serial numbers of the user's MFA devices.

        :returns: ``None`` when AWS does not tell.
        :raises _KeyRefusedError: It is the key that AWS refuses.
        """
        region = region or _DEFAULT_REGION
        iam = IAMConnection(
            STSConnection(
                # The session has no profile, for that may not exist yet.
                fresh_session(self._session),
                region_name=region,
                endpoint_url=self._globals.endpoint_url,
                verify=self._globals.verify_ssl,
            ),
            MFAProfile('', '', ''),
            credentials,
        )
        try:
            devices = iam.devices()
        except BotoCoreError as error:
            # A clock that is wrong has the code of a wrong secret.
            if isinstance(error, STSRefusedError) and not isinstance(
                error, ClockSkewError
            ):
                code = error.response['Error'].get('Code')
                if code in _KEY_CODES:
                    raise _KeyRefusedError(code, region) from None
            self._terminal.tell(f'Your MFA devices cannot be listed: {error}')
            return None
        found = [device.serial_number for device in devices]
        if not found:
            self._terminal.tell('This IAM user has no MFA device yet.')
        for serial_number in found:
            try:
                check_serial_number(serial_number)
            except InvalidSerialNumberError as error:
                self._terminal.tell(str(error))
        return found

    def _write(
        self,
        name: str,
        credentials: Any,
        region: str,
        output: str,
        serial_number: str | None,
    ) -> None:
        long_term = name + LONG_TERM_SUFFIX
        general = {'region': region, 'output': output}
        general = {key: value for key, value in general.items() if value}
        own = dict(general)
        if serial_number is not None:
            own['mfa_serial'] = serial_number
        profile = self._session.full_config['profiles'].get(name, {})
        other = profile.get('source_profile')
        if other is not None:
            # It goes before the name with the suffix, and has another key.
            own['source_profile'] = long_term
        keys = {
            'aws_access_key_id': credentials.access_key,
            'aws_secret_access_key': credentials.secret_key,
            # A token of the key before must not stay.
            'aws_session_token': None,
            'aws_security_token': None,
        }
        path = str(self._session.get_config_variable('credentials_file'))

        def plan(sections: Sections) -> Changes:
            # Settings of this file go before those of the config file.
            present = sections.get(long_term, {})
            return {
                long_term: {**keys, **_of_both(general, present)},
                name: _of_both(own, sections.get(name, {})),
            }

        edit_file(path, plan)
        self._terminal.tell(f'Saved in {path}: [{long_term}]')
        write_profile(self._session, long_term, general)
        path = write_profile(self._session, name, own)
        self._terminal.tell(
            f'Saved in {path}: [profile {long_term}], [profile {name}]'
        )
        if other and other != long_term:
            self._terminal.tell(
                f'The source_profile of profile {name} was {other} and is '
                f'{long_term} now.'
            )


class _KeyRefusedError(Exception):
    """AWS does not take an access key.

    :ivar is_known: Whether it knows its ID, and the secret is the wrong
        one.
    """

    def __init__(self, code: str, region: str) -> None:
        self.is_known = code == _WRONG_SECRET
        if self.is_known:
            refused, again = 'the secret of this access key', 'both parts'
        else:
            refused, again = f'this access key in {region}', 'it and a region'
        super().__init__(
            f'AWS does not accept {refused} ({code}): enter {again} again, or '
            'press Ctrl-C to change nothing.'
        )


def _gives_codes(serial_number: str) -> bool:
    return kind_of(serial_number) != FIDO


def _of_both(
    values: Mapping[str, str], present: Mapping[str, Any]
) -> dict[str, str]:
    return {
        setting: value
        for setting, value in values.items()
        if setting in present
    }
