# SPDX-License-Identifier: Apache-2.0
"""``aws mfa enroll``: a new virtual MFA device, from nothing to a session.

It works under AWS's own policies for forced MFA. Without MFA these let a
user create and enable a device, and forbid deleting one; and AWS gives the
seed of a device once.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from botocore.exceptions import BotoCoreError

from awscli_mfa_plugin.commands.base import (
    MFABasicCommand,
    fresh_session,
    from_file,
)
from awscli_mfa_plugin.commands.devices import DeviceOwner, device_owner
from awscli_mfa_plugin.commands.login import LoginCommand
from awscli_mfa_plugin.commands.login_arguments import LoginArguments
from awscli_mfa_plugin.commands.output import say
from awscli_mfa_plugin.commands.seed_handover import SeedHandover
from awscli_mfa_plugin.config_files.config import write_profile
from awscli_mfa_plugin.credentials.iam import (
    IAMConnection,
    IAMUser,
    NewDevice,
    is_denied,
)
from awscli_mfa_plugin.credentials.token_code import (
    FreshCode,
    PromptedTokenCode,
)
from awscli_mfa_plugin.credentials.totp import STEP_SECONDS, Seed, step_at
from awscli_mfa_plugin.credentials.turns import agrees
from awscli_mfa_plugin.exceptions import (
    MFAConfigurationError,
    UsageError,
    as_argument,
)
from awscli_mfa_plugin.exceptions.answers import (
    CannotValidateTokenCodeError,
    DeviceNameTakenError,
    IAMAnswerLostError,
    STSRefusedError,
    TooManyDevicesError,
)
from awscli_mfa_plugin.host.terminal import Terminal

# AWS allows a user eight devices.
_MOST_DEVICES = 8

# How far a phone's clock may be off for its code to be recognized: five
# minutes. AWS finds out the difference from the two codes.
_STEPS_AROUND = 10

# How often a login is tried while AWS makes the new device known to itself.
_LOGIN_ATTEMPTS = 4


class EnrollCommand(MFABasicCommand):
    """Create and enable a virtual MFA device, and log in."""

    NAME = 'enroll'
    DESCRIPTION = from_file('mfa', 'enroll', '_description.rst')
    EXAMPLES = from_file('mfa', 'enroll', '_examples.rst')
    ARG_TABLE = [
        {
            'name': 'device-name',
            'help_text': (
                'The name of the new device. By default it is that of the '
                'IAM user, with <code>-2</code> and so on behind it when it '
                'is taken.'
            ),
        },
        {
            'name': 'qr-file',
            'help_text': (
                'Write the QR code to this file, <code>.png</code> or '
                '<code>.svg</code>, in the place of the terminal. The file '
                'must be new; only you can read it. Delete it afterwards.'
            ),
        },
        {
            'name': 'show-secret',
            'action': 'store_true',
            'help_text': (
                'Show the secret as text in the place of the QR code, to '
                'type or paste it.'
            ),
        },
        {
            'name': 'seed-process',
            'help_text': (
                'A command that keeps the secret, such as <code>ykman oath '
                'accounts add aws</code>. It gets the secret, in base32, on '
                'its standard input, in the place of a QR code.'
            ),
        },
    ]

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        self.enroll(
            parsed_globals,
            parsed_args.device_name,
            qr_file=parsed_args.qr_file,
            shows_secret=parsed_args.show_secret,
            command=parsed_args.seed_process,
        )
        return 0

    def enroll(
        self,
        parsed_globals: Any,
        device_name: str | None = None,
        **handover: Any,
    ) -> None:
        """Enroll a device for the session's profile, and log in.

        :param handover: The keywords of ``SeedHandover``.
        :raises MFAError: It could not be done; it was said what stands.
        """
        name = self._session.get_config_variable('profile') or 'default'
        terminal = Terminal()
        if not terminal.is_available():
            raise UsageError(
                msg=(
                    'aws mfa enroll asks for a code of the new device. Run '
                    'it in a terminal of your own.'
                )
            )
        seed_handover = SeedHandover(terminal, **handover)
        owner = device_owner(self._session, parsed_globals, name)
        enrollment = Enrollment(owner, seed_handover, terminal)
        device, codes = enrollment.run(device_name)
        if self._save(owner, device, terminal):
            self._log_in(name, device, codes, parsed_globals)

    def _save(
        self, owner: DeviceOwner, device: NewDevice, terminal: Terminal
    ) -> bool:
        """Name the device in the profile; return whether it is used now."""
        name, argument = owner.name, as_argument(owner.name)
        configured = None
        if owner.profile is not None:
            configured = owner.profile.configured_serial_number
        if configured is not None:
            question = (
                f'Profile {name} uses {configured}. Use the new device in '
                'its place?'
            )
            if not agrees(terminal, question, by_default=True):
                say(
                    'To log in with the new device: aws mfa login --profile '
                    f'{argument} --serial-number {device.serial_number}\n'
                )
                return False
        if name in self._session.full_config['profiles']:
            path = write_profile(
                self._session, name, {'mfa_serial': device.serial_number}
            )
            say(f'Saved in {path}, profile {name}: mfa_serial\n')
        # Otherwise the login makes the profile.
        return True

    def _log_in(
        self,
        name: str,
        device: NewDevice,
        codes: SeedCodes,
        parsed_globals: Any,
    ) -> None:
        arguments = LoginArguments(
            source=codes, serial_number=device.serial_number, force=True
        )
        for attempt in range(1, _LOGIN_ATTEMPTS + 1):
            try:
                LoginCommand(fresh_session(self._session, name)).start(
                    arguments, parsed_globals
                )
                return
            except CannotValidateTokenCodeError:
                if attempt == _LOGIN_ATTEMPTS:
                    raise
                codes.wait('AWS does not know the new device yet.')


class Enrollment:
    """A device on its way to being one of the user's."""

    def __init__(
        self, owner: DeviceOwner, handover: SeedHandover, terminal: Terminal
    ) -> None:
        self._profile_name = owner.name
        self._iam: IAMConnection = owner.iam()
        self._handover = handover
        self._terminal = terminal

    def run(self, device_name: str | None) -> tuple[NewDevice, SeedCodes]:
        """Create a device, hand over its seed, and enable it.

        :returns: The device, and the codes that come after those used.
        :raises MFAError: It is not enabled, and it was said what stands.
        """
        user = self._iam.user()
        device = self._create(user, device_name)
        self._terminal.tell(f'Created MFA device {device.serial_number}.')
        try:
            self._handover.give(device.seed, user)
            codes = self._ask_code(device)
            self._enable(user, device, codes)
        except BaseException:
            self._undo(device)
            raise
        self._terminal.tell(f'Enabled it for IAM user {user.name}.')
        return device, codes

    def _create(self, user: IAMUser, wanted: str | None) -> NewDevice:
        """Create a device by the first name that is free.

        :raises MFAConfigurationError: Only one name is allowed, and it is
            taken.
        """
        if wanted is not None:
            return self._create_named(user, wanted)
        names = [
            user.name,
            *(f'{user.name}-{n}' for n in range(2, _MOST_DEVICES + 2)),
        ]
        for name in names:
            try:
                device = self._create_named(user, name)
            except DeviceNameTakenError:
                if name == names[-1]:
                    raise
                continue
            except STSRefusedError as error:
                if name == user.name or not is_denied(error):
                    raise
                raise self._explain_name(user) from None
            if name != user.name:
                self._tell_of_name(user)
            return device
        raise AssertionError('the last name returns or raises')

    def _create_named(self, user: IAMUser, name: str) -> NewDevice:
        try:
            return self._iam.create_device(name)
        except (KeyboardInterrupt, IAMAnswerLostError):
            # It is not deleted: it may be another one of that name.
            serial_number = user.device(name)
            say(
                f'\nThe MFA device {serial_number} may have been created, '
                'and nobody has its secret. An administrator can delete it: '
                f'{_delete_command(serial_number)}\n',
                sys.stderr,
            )
            raise

    def _explain_name(self, user: IAMUser) -> MFAConfigurationError:
        serial_number = user.device(user.name)
        if self._is_enabled(serial_number):
            argument = as_argument(self._profile_name)
            return MFAConfigurationError(
                msg=(
                    'AWS allows this IAM user no MFA device but the one that '
                    f'is named {user.name}, and that is in use. To get a new '
                    'one in its place, remove it first: aws mfa '
                    f'remove-device --profile {argument} --serial-number '
                    f'{serial_number}'
                )
            )
        return MFAConfigurationError(
            msg=(
                'AWS allows this IAM user no MFA device but one that is '
                f'named {user.name}, and one of that name is there that was '
                f'never enabled. An administrator has to run: '
                f'{_delete_command(serial_number)}'
            )
        )

    def _tell_of_name(self, user: IAMUser) -> None:
        serial_number = user.device(user.name)
        if not self._is_enabled(serial_number):
            self._terminal.tell(
                f'Note: {serial_number} exists and is not enabled. If an '
                'enrollment that was broken off has left it, an '
                'administrator can delete it: '
                f'{_delete_command(serial_number)}'
            )

    def _is_enabled(self, serial_number: str) -> bool:
        return any(
            device.serial_number == serial_number
            for device in self._iam.devices()
        )

    def _ask_code(self, device: NewDevice) -> SeedCodes:
        """Ask for one code, which proves that the seed has arrived."""
        source = PromptedTokenCode(self._terminal)
        while True:
            with source.turn_at_terminal():
                code = source.token_code(device.serial_number)
            now = step_at(time.time())
            step = device.seed.find_step(code, now, _STEPS_AROUND)
            if step is not None:
                return SeedCodes(device.seed, step - now, self._terminal)
            self._terminal.tell(
                'That is not a code of the new device. Take one of the new '
                'entry, or set the clock of the phone to automatic.'
            )

    def _enable(
        self, user: IAMUser, device: NewDevice, codes: SeedCodes
    ) -> None:
        """Enable the device, again if need be: the seed is still there.

        :raises BotoCoreError: AWS refuses, and the person gave up.
        """
        while True:
            try:
                self._iam.enable_device(
                    user, device.serial_number, codes.consecutive()
                )
                return
            except BotoCoreError as error:
                if isinstance(error, TooManyDevicesError) or (
                    isinstance(error, STSRefusedError) and is_denied(error)
                ):
                    raise
                # The answer alone may have been lost.
                if self._is_enabled(device.serial_number):
                    return
                question = f'{error} Try again?'
                if not agrees(self._terminal, question, by_default=True):
                    raise

    def _undo(self, device: NewDevice) -> None:
        """Delete a device that was not enabled, or say what stands."""
        serial_number = device.serial_number
        try:
            if self._is_enabled(serial_number):
                say(
                    f'\n{serial_number} is enabled. Log in with: aws mfa '
                    f'login --profile {as_argument(self._profile_name)} '
                    f'--serial-number {serial_number}\n',
                    sys.stderr,
                )
                return
            self._iam.delete_device(serial_number)
        except BotoCoreError:
            say(
                f'\nThe MFA device {serial_number} stands, and is not '
                'enabled. AWS did not let it be deleted; an administrator '
                f'can: {_delete_command(serial_number)}\n'
                'A new enrollment takes another name where the policy '
                'allows one.\n',
                sys.stderr,
            )
        else:
            say(f'\nDeleted {serial_number} again.\n', sys.stderr)


class SeedCodes(FreshCode):
    """Token codes of a new device, computed from its seed.

    :param drift: How many steps the device's clock is ahead of this one's.
    """

    def __init__(self, seed: Seed, drift: int, terminal: Terminal) -> None:
        self._seed = seed
        self._drift = drift
        self._terminal = terminal
        self._last = 0

    def consecutive(self) -> tuple[str, str]:
        """Return the code of now and the one before it."""
        self._last = self._now()
        return self._seed.code(self._last - 1), self._seed.code(self._last)

    def token_code(self, serial_number: str) -> str:
        """Return a code that was not used yet.

        The first one is that of the next step: AWS takes a code a minute
        early.
        """
        self._last = max(self._last + 1, self._now())
        return self._seed.code(self._last)

    def ask_again_after(self, refusal: str) -> bool:
        self.wait('AWS does not take this code yet.')
        return True

    def wait(self, reason: str) -> None:
        """Wait until the next code is one of the present."""
        start = (self._last + 1 - self._drift) * STEP_SECONDS
        seconds = max(0, start - time.time())
        with self._terminal.telling(
            f'{reason} Waiting {seconds:.0f} seconds for the next code.'
        ):
            time.sleep(seconds)

    def _now(self) -> int:
        return step_at(time.time()) + self._drift


def _delete_command(serial_number: str) -> str:
    return (
        'aws iam delete-virtual-mfa-device --serial-number '
        f'{as_argument(serial_number)}'
    )
