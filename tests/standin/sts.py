# SPDX-License-Identifier: Apache-2.0
"""STS: the MFA part that MiniStack lacks, and the sessions it issues."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from .devices import (
    UNABLE_TO_VALIDATE,
    check_serial_number,
    check_token_code,
    validation_error,
)
from .messages import Answer, Refused
from .records import KeyKind
from .world import Key, RoleState, World

DEFAULT_SECONDS = {
    'GetSessionToken': 43200,
    'GetFederationToken': 43200,
    'AssumeRole': 3600,
}
#: From a session that has no role, STS takes these only.
FROM_SESSIONS = ('AssumeRole', 'GetCallerIdentity')
_CHAINING_SECONDS = 3600


@dataclass(frozen=True)
class STSCall:
    """One signed call: who, what, and how to pass it on to MiniStack."""

    world: World
    key: Key
    operation: str
    parameters: dict[str, str]
    forward: Callable[[], Answer]

    def answer(self) -> Answer:
        """Decide, pass on, remember the keys issued; or raise Refused."""
        if self.operation == 'GetSessionToken':
            return self._get_session_token()
        if self.operation == 'GetFederationToken':
            return self._get_federation_token()
        if self.operation == 'AssumeRole':
            return self._assume_role()
        if self.operation not in FROM_SESSIONS and self.key.kind in (
            'mfa-session',
            'session',
            'federated',
        ):
            raise Refused(
                'AccessDenied',
                f'Cannot call {self.operation} with session credentials',
            )
        return self.forward()

    def _get_session_token(self) -> Answer:
        self._refuse_sessions()
        seconds = self._duration_seconds(129600)
        mfa = self._use_token_code()
        kind: KeyKind = 'mfa-session' if mfa else 'session'
        return self._issue(kind, seconds, mfa)

    def _get_federation_token(self) -> Answer:
        self._refuse_sessions()
        return self._issue('federated', self._duration_seconds(129600), False)

    def _assume_role(self) -> Answer:
        role_arn = self.parameters.get('RoleArn', '')
        if not re.fullmatch('arn:[^:]+:iam::[0-9]{12}:role/.+', role_arn):
            raise Refused('ValidationError', f'{role_arn} is invalid', 400)
        name = self.parameters.get('RoleSessionName', '')
        if not re.fullmatch(r'[\w+=,.@-]{2,64}', name, re.ASCII):
            raise validation_error(
                'roleSessionName',
                name,
                'Member must satisfy regular expression pattern: [\\w+=,.@-]*',
            )
        seconds = self._duration_seconds(43200)
        if self.key.is_temporary and seconds > _CHAINING_SECONDS:
            raise Refused(
                'ValidationError',
                'The requested DurationSeconds exceeds the 1 hour session '
                'limit for roles assumed by role chaining',
                400,
            )
        mfa = self._use_token_code()
        role = self._trusting_role(role_arn, mfa)
        if seconds > role.max_session_duration:
            raise Refused(
                'ValidationError',
                'The requested DurationSeconds exceeds the '
                'MaxSessionDuration set for this role.',
                400,
            )
        return self._issue('role', seconds, mfa, role)

    def _refuse_sessions(self) -> None:
        if self.key.is_temporary:
            raise Refused(
                'AccessDenied',
                f'Cannot call {self.operation} with session credentials',
            )

    def _duration_seconds(self, most: int) -> int:
        default = DEFAULT_SECONDS[self.operation]
        text = self.parameters.get('DurationSeconds', str(default))
        if not re.fullmatch('-?[0-9]+', text):
            raise Refused(
                'MalformedInput',
                'Start of structure or map found where not expected.',
                400,
            )
        seconds = int(text)
        if seconds < 900:
            constraint = 'greater than or equal to 900'
        elif seconds > most:
            constraint = f'less than or equal to {most}'
        else:
            return seconds
        raise validation_error(
            'durationSeconds', text, f'Member must have value {constraint}'
        )

    def _use_token_code(self) -> bool:
        """Whether the call came with MFA; raises Refused if it is wrong."""
        serial_number = self.parameters.get('SerialNumber')
        code = self.parameters.get('TokenCode')
        if serial_number is not None:
            check_serial_number(serial_number)
        if code is not None:
            check_token_code(code)
        if serial_number is None and code is None:
            return False
        if serial_number is None or code is None:
            raise Refused(
                'AccessDenied',
                'MultiFactorAuthentication failed, must provide both MFA '
                'serial number and one time pass code.',
            )
        device = self.world.devices.get(serial_number)
        if (
            device is None
            or device.user_name is None
            or device.user_name != self.key.user_name
        ):
            raise Refused('AccessDenied', UNABLE_TO_VALIDATE)
        device.check(code)
        return True

    def _trusting_role(self, role_arn: str, mfa: bool) -> RoleState:
        """The role, if its trust policy lets this caller in."""
        role = next(
            (
                role
                for role in self.world.roles.values()
                if role.arn == role_arn
            ),
            None,
        )
        if role is None or not self._is_trusted(role, mfa):
            raise Refused(
                'AccessDenied',
                f'User: {self.key.arn} is not authorized to perform: '
                f'sts:AssumeRole on resource: {role_arn}',
            )
        return role

    def _is_trusted(self, role: RoleState, mfa: bool) -> bool:
        external_id = self.parameters.get('ExternalId')
        if role.external_id not in (None, external_id):
            return False
        if mfa or not role.require_mfa:
            return True
        if self.key.kind != 'mfa-session' or self.key.mfa_time is None:
            # A role session never says how it came to be: AWS leaves
            # aws:MultiFactorAuthPresent out of role chaining.
            return False
        age = self.world.now() - self.key.mfa_time
        return role.max_mfa_age is None or age <= role.max_mfa_age

    def _issue(
        self,
        kind: KeyKind,
        seconds: int,
        mfa: bool,
        role: RoleState | None = None,
    ) -> Answer:
        """Let MiniStack issue a session; remember it, date it our way."""
        answer = self.forward()
        if answer.status != 200:
            return answer
        text = answer.body.decode()
        arn = self.key.arn
        if kind in ('role', 'federated'):
            arn = _element(text, 'Arn')
        expiration = self.world.expiration_after(seconds, kind)
        self.world.add_key(
            Key(
                access_key_id=_element(text, 'AccessKeyId'),
                secret_access_key=_element(text, 'SecretAccessKey'),
                session_token=_element(text, 'SessionToken'),
                kind=kind,
                arn=arn,
                user_name=None if kind == 'role' else self.key.user_name,
                role_name=None if role is None else role.name,
                mfa_time=self.world.now() if mfa else None,
                from_mfa=mfa or self.key.from_mfa,
                expiration=expiration,
            )
        )
        shown = datetime.fromtimestamp(expiration, timezone.utc)
        fraction = '.123456789' if self.world.is_ceph else ''
        answer.body = re.sub(
            '<Expiration>[^<]*</Expiration>',
            f'<Expiration>{shown:%Y-%m-%dT%H:%M:%S}{fraction}Z</Expiration>',
            text,
        ).encode()
        # The length that MiniStack gave is that of its own date.
        answer.headers = [
            (name, value)
            for name, value in answer.headers
            if name.lower() != 'content-length'
        ]
        return answer


def _element(text: str, name: str) -> str:
    found = re.search(f'<{name}>([^<]*)</{name}>', text)
    if found is None:
        raise ValueError(f'MiniStack answered without {name}: {text}')
    return found.group(1)
