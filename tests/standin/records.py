# SPDX-License-Identifier: Apache-2.0
"""What the stand-in remembers of a request; shared by server and client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

KeyKind = Literal[
    'root', 'long-term', 'mfa-session', 'session', 'federated', 'role'
]


@dataclass(frozen=True)
class Request:
    """One request that reached the stand-in, in order of arrival."""

    service: str
    operation: str
    method: str
    host: str
    #: Path and query as sent.
    target: str
    #: The key that signed; None for an unsigned request.
    access_key_id: str | None = None
    #: None for an unsigned request or a key the stand-in does not know.
    key_kind: KeyKind | None = None
    user_name: str | None = None
    role_name: str | None = None
    #: Region of the credential scope.
    region: str | None = None
    #: Query and form parameters; for other services than STS and IAM, the
    #: query only.
    parameters: dict[str, str] = field(default_factory=dict)
    user_agent: str = ''
    #: The client used the stand-in as its HTTP proxy.
    through_proxy: bool = False
    #: The stand-in's own time, in seconds since the epoch.
    time: float = 0.0
    #: None while it is still being answered, or when it was dropped.
    status: int | None = None
    #: AWS's error code of the answer.
    error_code: str | None = None
    number: int = 0

    @property
    def serial_number(self) -> str | None:
        """The MFA device's serial number that came with the call."""
        return self.parameters.get('SerialNumber')

    @property
    def token_code(self) -> str | None:
        """The MFA code that came with the call."""
        return self.parameters.get('TokenCode')
