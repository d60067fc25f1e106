# SPDX-License-Identifier: Apache-2.0
"""The state of the little world: clock, users, keys, roles, records."""

from __future__ import annotations

import math
import secrets
import threading
import time
from dataclasses import dataclass, field, replace

from .devices import DeviceState
from .messages import Refused
from .records import KeyKind, Request

ACCOUNT_ID = '000000000000'


@dataclass
class Key:
    """An access key, long-term or temporary, and where it came from."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None
    kind: KeyKind
    arn: str
    user_name: str | None = None
    role_name: str | None = None
    #: When the MFA code came that this key's own call was made with.
    mfa_time: float | None = None
    #: Some call on the way from the long-term key had a code.
    from_mfa: bool = False
    #: By the stand-in's clock; None for a long-term key.
    expiration: float | None = None

    @property
    def is_temporary(self) -> bool:
        return self.session_token is not None


@dataclass
class UserState:
    """An IAM user."""

    name: str
    arn: str
    access_key_ids: list[str] = field(default_factory=list)
    #: One of AWS's own policies for IAM; None for the little world's.
    iam_policy: str | None = None


@dataclass(frozen=True)
class RoleState:
    """An IAM role with what its trust policy demands."""

    name: str
    arn: str
    require_mfa: bool
    #: Seconds; None for any age.
    max_mfa_age: float | None
    external_id: str | None
    #: Seconds.
    max_session_duration: int


class World:
    """Everything the stand-in knows; safe to use from several threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock_offset = 0.0
        #: Whether to answer as Ceph's gateway does.
        self.is_ceph = False
        #: Seconds that sessions last, by kind, whatever was asked for.
        self.session_seconds: dict[str, float] = {}
        self.users: dict[str, UserState] = {}
        self.roles: dict[str, RoleState] = {}
        self.devices: dict[str, DeviceState] = {}
        self.keys: dict[str, Key] = {}
        self._requests: dict[int, Request] = {}
        self._arrived = 0

    def now(self) -> float:
        """The stand-in's time, in seconds since the epoch."""
        return time.time() + self.clock_offset

    def add_key(self, key: Key) -> None:
        with self.lock:
            self.keys[key.access_key_id] = key
            user = self.users.get(key.user_name or '')
            if user is not None and key.kind == 'long-term':
                user.access_key_ids.append(key.access_key_id)

    def remove_key(self, access_key_id: str) -> None:
        with self.lock:
            key = self.keys.pop(access_key_id, None)
            user = self.users.get(key.user_name or '') if key else None
            if user is not None and access_key_id in user.access_key_ids:
                user.access_key_ids.remove(access_key_id)

    def add_device(
        self,
        serial_number: str,
        *,
        user_name: str | None = None,
        seed: str | None = None,
    ) -> DeviceState:
        """A device; with a user name enabled for that user at once."""
        with self.lock:
            if serial_number in self.devices:
                raise Refused(
                    'EntityAlreadyExists',
                    f'MFADevice entity at the same path and name already '
                    f'exists: {serial_number}',
                    409,
                )
            device = DeviceState(
                serial_number=serial_number,
                seed=seed or _new_seed(),
                clock=self.now,
                user_name=user_name,
                enabled=None if user_name is None else self.now(),
            )
            self.devices[serial_number] = device
            return device

    def devices_of(self, user_name: str) -> list[DeviceState]:
        with self.lock:
            return [
                device
                for device in self.devices.values()
                if device.user_name == user_name
            ]

    def expiration_after(self, seconds: float, kind: KeyKind) -> float:
        """When a session issued now ends: a whole second, as AWS has it."""
        lasting = self.session_seconds.get(
            'role' if kind == 'role' else 'session', seconds
        )
        return float(math.ceil(self.now() + lasting))

    def expire_sessions(self) -> None:
        """End every session there is, role sessions included."""
        with self.lock:
            for key in self.keys.values():
                if key.is_temporary:
                    key.expiration = 0.0

    def arrived(self, request: Request) -> int:
        """Record a request; its number is for ``answered``."""
        with self.lock:
            self._arrived += 1
            numbered = replace(request, number=self._arrived)
            self._requests[self._arrived] = numbered
            return self._arrived

    def answered(
        self, number: int, status: int | None, error_code: str | None
    ) -> None:
        """Complete the record, unless records were cleared meanwhile."""
        with self.lock:
            if number in self._requests:
                self._requests[number] = replace(
                    self._requests[number],
                    status=status,
                    error_code=error_code,
                )

    def requests(self) -> list[Request]:
        with self.lock:
            return list(self._requests.values())

    def clear_requests(self) -> None:
        with self.lock:
            self._requests.clear()


def _new_seed() -> str:
    """64 base32 characters, as AWS makes them."""
    alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
    return ''.join(secrets.choice(alphabet) for _ in range(64))
