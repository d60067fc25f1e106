# SPDX-License-Identifier: Apache-2.0
"""The MFA devices of a profile's IAM user, found and chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError

from awscli_mfa_plugin.cache.sessions import MFASession
from awscli_mfa_plugin.commands.base import fresh_session
from awscli_mfa_plugin.credentials.fetcher import MFASessionFetcher
from awscli_mfa_plugin.credentials.iam import IAMConnection, is_denied
from awscli_mfa_plugin.credentials.mfa_process import code_source_of
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.credentials.turns import turn_at_terminal
from awscli_mfa_plugin.exceptions import (
    InvalidSerialNumberError,
    NotMFAProfileError,
    UnknownProfileError,
    UsageError,
)
from awscli_mfa_plugin.exceptions.answers import STSRefusedError
from awscli_mfa_plugin.exceptions.profiles import (
    DevicesNotListedError,
    NoMFADeviceError,
    NotLongTermCredentialsError,
    OnlyFIDODevicesError,
    SeveralMFADevicesError,
)
from awscli_mfa_plugin.host.terminal import Terminal
from awscli_mfa_plugin.profiles.aws_mfa import profiles_of
from awscli_mfa_plugin.profiles.devices import (
    FIDO,
    check_serial_number,
    kind_of,
)
from awscli_mfa_plugin.profiles.long_term import load_credentials
from awscli_mfa_plugin.profiles.settings import (
    MFAProfile,
    find_long_term_profile,
    other_kind,
    read_mfa_profile,
)


def find_device(
    iam: IAMConnection, profile_name: str, terminal: Terminal
) -> str:
    """Return the MFA device of an IAM user whose profile names none.

    :raises SeveralMFADevicesError: There is nobody to choose one.
    :raises MFAConfigurationError: There is none, or AWS does not tell.
    """
    try:
        found = [device.serial_number for device in iam.devices()]
    except STSRefusedError as error:
        if not is_denied(error):
            raise
        user = iam.user()
        raise DevicesNotListedError(
            profile=profile_name, serial_number=user.device(user.name)
        ) from None
    if not found:
        raise NoMFADeviceError(profile=profile_name)
    usable = [device for device in found if kind_of(device) != FIDO]
    if not usable:
        raise OnlyFIDODevicesError(profile=profile_name)
    if len(usable) == 1:
        return usable[0]
    if not terminal.is_available():
        raise SeveralMFADevicesError(
            profile=profile_name,
            serial_numbers=', '.join(usable),
            first=usable[0],
        )
    return choose_device(usable, terminal)


def device_of(
    owner: DeviceOwner, serial_number: str | None, terminal: Terminal
) -> str:
    """Return the device that a command is about.

    :param serial_number: Goes before the profile's.
    :raises UsageError: It cannot be a serial number.
    :raises MFAConfigurationError: There is none, or nobody to choose one.
    """
    if serial_number is not None:
        try:
            check_serial_number(serial_number)
        except InvalidSerialNumberError as error:
            raise UsageError(msg=str(error)) from None
        return serial_number
    if owner.profile is not None:
        return owner.profile.serial_number
    return find_device(owner.iam(), owner.name, terminal)


def choose_device(usable: Sequence[str], terminal: Terminal) -> str:
    """Ask for one of several devices, or for the ARN of another one.

    :raises NoTokenCodeError: The terminal was closed (Ctrl-D).
    """
    with turn_at_terminal(terminal):
        return _choose_device(usable, terminal)


def _choose_device(usable: Sequence[str], terminal: Terminal) -> str:
    for number, serial_number in enumerate(usable, 1):
        terminal.tell(f'{number}. {serial_number}')
    prompt = 'MFA device (number or ARN): ' if usable else 'MFA device ARN: '
    while True:
        answer = terminal.ask(prompt)
        if answer.isdecimal() and 1 <= int(answer) <= len(usable):
            return usable[int(answer) - 1]
        try:
            check_serial_number(answer)
        except InvalidSerialNumberError as error:
            terminal.tell(str(error))
            continue
        return answer


@dataclass(frozen=True)
class DeviceOwner:
    """The IAM user behind a profile, in commands about its devices.

    :ivar name: The profile.
    :ivar long_term_profile: The profile that has the access key.
    :ivar profile: Its MFA settings, if it has an MFA device.
    """

    name: str
    long_term_profile: str
    profile: MFAProfile | None
    _session: Any
    _sts: STSConnection
    _long_term: Any

    def profile_with(self, serial_number: str) -> MFAProfile:
        """Return the profile's settings for one device of the user.

        :raises MFAConfigurationError: Another setting is not valid.
        """
        return read_mfa_profile(
            self.name,
            profiles_of(self._session, with_roles=False),
            long_term_profile=self.long_term_profile,
            serial_number=serial_number,
        )

    def iam(self) -> IAMConnection:
        """Return IAM, called with a session or with the access key.

        AWS's policies for forced MFA let a user without MFA find, add and
        mend a device. Others may want MFA from somebody who has one.
        """
        mfa_session = None
        if self.profile is not None:
            mfa_session = self._fetcher(self.profile).cached()
        return self._connection(mfa_session)

    def iam_with_mfa(self, profile: MFAProfile) -> IAMConnection:
        """Return IAM, called with an MFA session; ask for one if need be.

        :raises MFAError: There is none and none can be had.
        """
        return self._connection(self._fetcher(profile).fetch())

    def _fetcher(self, profile: MFAProfile) -> MFASessionFetcher:
        return MFASessionFetcher(
            self._sts, profile, self._long_term, code_source_of(profile)
        )

    def _connection(self, mfa_session: MFASession | None) -> IAMConnection:
        credentials = self._long_term
        if mfa_session is not None:
            given = mfa_session.credentials
            credentials = Credentials(
                given.access_key_id,
                given.secret_access_key,
                given.session_token,
            )
        profiles = profiles_of(self._session, with_roles=False)
        region = None
        for name in (self.name, self.long_term_profile):
            region = region or profiles.get(name, {}).get('region')
        return IAMConnection(
            self._sts,
            self.profile
            or MFAProfile(
                self.name, self.long_term_profile, '', region=region
            ),
            credentials,
        )


def device_owner(
    session: Any,
    parsed_globals: Any,
    name: str,
    long_term_profile: str | None = None,
) -> DeviceOwner:
    """Return the IAM user behind a profile.

    :raises NotMFAProfileError: The profile is a role or of another kind.
    :raises NoLongTermCredentialsError: It has no access key.
    """
    profiles = profiles_of(session, with_roles=False)
    kind = other_kind(profiles.get(name, {}))
    if kind is not None:
        raise NotMFAProfileError(
            profile=name,
            reason=f'{kind}. MFA devices belong to the IAM user behind it.',
        )
    long_term_profile = long_term_profile or find_long_term_profile(
        name, profiles
    )
    if long_term_profile not in profiles:
        raise UnknownProfileError(profile=name)
    credentials = load_credentials(session, long_term_profile)
    if credentials.token:
        raise NotLongTermCredentialsError(
            profile=name, long_term_profile=long_term_profile
        )
    try:
        profile = read_mfa_profile(
            name, profiles, long_term_profile=long_term_profile
        )
    except BotoCoreError:
        # It names no device, or one that these commands are to mend.
        profile = None
    return DeviceOwner(
        name,
        long_term_profile,
        profile,
        session,
        STSConnection(
            # The session has no profile, for that may not exist yet.
            fresh_session(session),
            region_name=parsed_globals.region,
            endpoint_url=parsed_globals.endpoint_url,
            verify=parsed_globals.verify_ssl,
        ),
        credentials,
    )
