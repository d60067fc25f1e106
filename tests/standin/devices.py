# SPDX-License-Identifier: Apache-2.0
"""MFA devices as AWS sees them: seed, clock drift, used codes, lock."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pyotp

from .messages import Refused

STEP_SECONDS = 30
#: How many steps before and after the current one AWS still takes.
WINDOW = 2
#: So many wrong codes within FAILURE_SECONDS lock the device.
FAILURES = 10
FAILURE_SECONDS = 120
LOCK_SECONDS = 120

INVALID_CODE = (
    'MultiFactorAuthentication failed with invalid MFA one time pass code. '
)
UNABLE_TO_VALIDATE = (
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please '
    'verify your MFA serial number is valid and associated with this user.'
)

#: A step near the middle of the window first: a code handed out must still
#: be good when it arrives, even if a step has ended in between.
_HANDING_OUT_ORDER = (0, 1, 2, -1)


@dataclass
class DeviceState:
    """One device. ``clock`` tells AWS's time, in seconds since the epoch."""

    serial_number: str
    seed: str
    clock: Callable[[], float]
    #: Steps by which the device's own clock runs ahead of AWS's.
    drift: int = 0
    user_name: str | None = None
    enabled: float | None = None
    used: set[int] = field(default_factory=set)
    handed_out: set[int] = field(default_factory=set)
    failures: deque[float] = field(default_factory=deque)
    locked_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, code: str) -> None:
        """Use up a token code; raise Refused when AWS would not take it."""
        with self.lock:
            now = self.clock()
            if now < self.locked_until:
                raise Refused('AccessDenied', UNABLE_TO_VALIDATE)
            for step in self._window(WINDOW):
                if step not in self.used and self.code_of(step) == code:
                    self.used.add(step)
                    self.failures.clear()
                    return
            while self.failures and self.failures[0] < now - FAILURE_SECONDS:
                self.failures.popleft()
            self.failures.append(now)
            if len(self.failures) >= FAILURES:
                self.locked_until = now + LOCK_SECONDS
                self.failures.clear()
            raise Refused('AccessDenied', INVALID_CODE)

    def hand_out(self) -> str:
        """A code that has not been used or handed out yet, good now.

        When the window has none left, the device's drift moves on by a
        step, as if a step of time had passed on both clocks.
        """
        with self.lock:
            while True:
                current = self._current_step()
                for offset in _HANDING_OUT_ORDER:
                    step = current + offset
                    if step not in self.used | self.handed_out:
                        self.handed_out.add(step)
                        return self.code_of(step)
                self.drift += 1

    def hand_out_used(self) -> str:
        """A code of the present window that counts as used already."""
        code = self.hand_out()
        with self.lock:
            for step in self._window(WINDOW + 1):
                if self.code_of(step) == code:
                    self.used.add(step)
        return code

    def wrong_code(self) -> str:
        """Six digits that are the code of no step for hours around."""
        with self.lock:
            near = {self.code_of(step) for step in self._window(500)}
        number = next(
            number for number in range(10**6) if f'{number:06}' not in near
        )
        return f'{number:06}'

    def code_of(self, step: int) -> str:
        """The six digits of one 30-second step (RFC 6238, SHA-1)."""
        # generate_otp is HOTP: TOTP is HOTP over the number of the step.
        return pyotp.HOTP(self.seed).at(step)

    def check_consecutive(self, first: str, second: str) -> None:
        """What EnableMFADevice and ResyncMFADevice ask: two codes in a row.

        Sets the drift from them. Raises Refused when they do not follow
        each other within a day of the present time.
        """
        with self.lock:
            now = int(self.clock()) // STEP_SECONDS
            for distance in range(2880):
                for step in (now + distance, now - distance):
                    if (self.code_of(step), self.code_of(step + 1)) == (
                        first,
                        second,
                    ):
                        if abs(step + 1 - now) > WINDOW:
                            self.drift = step + 1 - now
                        self.used |= {step, step + 1}
                        return
            raise Refused(
                'InvalidAuthenticationCode',
                'Authentication code for device is not valid.',
            )

    def _window(self, width: int) -> range:
        current = self._current_step()
        # The time of the first RFC 6238 test vector is in step 1.
        return range(max(current - width, 0), current + width + 1)

    def _current_step(self) -> int:
        return int(self.clock()) // STEP_SECONDS + self.drift


def check_serial_number(serial_number: str) -> None:
    """Raise AWS's ValidationError for what no serial number looks like."""
    if len(serial_number) < 9:
        constraint = 'Member must have length greater than or equal to 9'
    elif len(serial_number) > 256:
        constraint = 'Member must have length less than or equal to 256'
    elif not re.fullmatch(r'[\w+=/:,.@-]*', serial_number, re.ASCII):
        constraint = (
            'Member must satisfy regular expression pattern: [\\w+=/:,.@-]*'
        )
    else:
        return
    raise validation_error('serialNumber', serial_number, constraint)


def check_token_code(code: str) -> None:
    """Raise AWS's ValidationError for what is not six digits."""
    if len(code) < 6:
        constraint = 'Member must have length greater than or equal to 6'
    elif len(code) > 6:
        constraint = 'Member must have length less than or equal to 6'
    elif not re.fullmatch('[0-9]{6}', code):
        constraint = 'Member must satisfy regular expression pattern: [\\d]*'
    else:
        return
    raise validation_error('tokenCode', code, constraint)


def validation_error(name: str, value: str, constraint: str) -> Refused:
    """AWS's words for one parameter out of its bounds."""
    return Refused(
        'ValidationError',
        f"1 validation error detected: Value '{value}' at '{name}' failed "
        f'to satisfy constraint: {constraint}',
        400,
    )
