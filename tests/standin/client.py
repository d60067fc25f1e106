# SPDX-License-Identifier: Apache-2.0
"""The tests' side of the stand-in: start it, tell it, ask it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

from .records import Request

_ROOT = Path(__file__).resolve().parents[2]


class StandInError(Exception):
    """The stand-in did not start, or did not do what it was told."""


@dataclass(frozen=True)
class Control:
    """The control channel; safe to use from several threads."""

    url: str

    def call(self, name: str, /, **arguments: Any) -> Any:
        """One order; raises StandInError when it is refused."""
        body = json.dumps({'call': name, 'arguments': arguments})
        # http.client and not urllib: no proxy of the environment is asked.
        connection = http.client.HTTPConnection(
            urlsplit(self.url).netloc, timeout=180
        )
        try:
            connection.request('POST', '/', body.encode())
            reply = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if 'error' in reply:
            raise StandInError(f'{name}: {reply["error"]}')
        return reply['result']


@dataclass(frozen=True)
class Device:
    """An MFA device of a user."""

    control: Control = field(repr=False)
    serial_number: str
    #: Base32. A code made from it with pyotp is right as long as ``code()``
    #: has not moved the drift on, that is, for the first few codes.
    seed: str

    def code(self) -> str:
        """A code that AWS takes now and that nobody has had yet.

        Never sleeps: when the present codes have all been handed out, the
        device's clock drifts on by a step, on both sides.
        """
        return str(self.control.call('code', serial_number=self.serial_number))

    def used_code(self) -> str:
        """A code of now that has been used already."""
        return str(
            self.control.call('used_code', serial_number=self.serial_number)
        )

    def wrong_code(self) -> str:
        """Six digits that are no code of this device, now or soon."""
        return str(
            self.control.call('wrong_code', serial_number=self.serial_number)
        )

    def drift(self, steps: int) -> None:
        """Let the device's clock run ahead by so many 30-second steps."""
        self.control.call(
            'drift', serial_number=self.serial_number, steps=steps
        )

    def code_command(self) -> list[str]:
        """A command that prints what ``code()`` returns, for mfa_process."""
        program = Path(__file__).with_name('print_code.py')
        return [
            sys.executable,
            str(program),
            self.control.url,
            self.serial_number,
        ]


@dataclass
class User:
    """An IAM user with an access key."""

    control: Control = field(repr=False)
    name: str
    arn: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    devices: list[Device] = field(default_factory=list)

    @property
    def device(self) -> Device:
        """The first MFA device; raises IndexError if there is none."""
        return self.devices[0]

    def environment(self) -> dict[str, str]:
        """The long-term credentials as environment variables."""
        return {
            'AWS_ACCESS_KEY_ID': self.access_key_id,
            'AWS_SECRET_ACCESS_KEY': self.secret_access_key,
        }

    def add_device(
        self, serial_number: str, *, seed: str | None = None
    ) -> Device:
        """One more device, enabled at once.

        :param serial_number: an ARN, a hardware serial number (four capitals
            and digits, ``GAHT12345678``), or the name of a virtual device.
        """
        made = self.control.call(
            'add_device',
            user_name=self.name,
            serial_number=serial_number,
            seed=seed,
        )
        device = Device(self.control, **made)
        self.devices.append(device)
        return device

    def iam_policy(self, policy: str) -> None:
        """Put one of AWS's sample policies in force for the user's IAM.

        :param policy: ``named-device`` or ``any-device``.
        """
        self.control.call('iam_policy', name=self.name, policy=policy)

    def enabled_devices(self) -> list[Device]:
        """The devices that AWS knows as the user's."""
        return [
            Device(self.control, **made)
            for made in self.control.call('list_devices', name=self.name)
        ]

    def rotate_access_key(self) -> None:
        """Get a new access key; the old one is deleted."""
        made = self.control.call('rotate_access_key', name=self.name)
        self.access_key_id = made['access_key_id']
        self.secret_access_key = made['secret_access_key']


@dataclass(frozen=True)
class Role:
    """An IAM role."""

    name: str
    arn: str


@dataclass(frozen=True)
class Hold:
    """Requests of one kind wait in the stand-in until released."""

    control: Control = field(repr=False)
    number: int

    def __enter__(self) -> Hold:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def wait(self, count: int = 1, *, timeout: float = 30.0) -> None:
        """Wait until so many requests are, or have been, held.

        Raises StandInError after ``timeout`` seconds.
        """
        if not self.control.call(
            'wait_until_held',
            number=self.number,
            count=count,
            timeout=timeout,
        ):
            raise StandInError(
                f'{count} held requests did not come within {timeout} s'
            )

    def release(self) -> None:
        """Let all go on, and hold no more; may be called twice."""
        self.control.call('clear_faults', number=self.number)


class StandIn:
    """A stand-in AWS in a process of its own."""

    def __init__(
        self,
        url: str,
        control_url: str,
        backend_url: str,
        ca_bundle: str | None = None,
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self.url = url
        #: MiniStack itself, which checks no MFA: not for clients.
        self.backend_url = backend_url
        #: With TLS the path of the CA that clients have to trust.
        self.ca_bundle = ca_bundle
        self.control = Control(control_url)
        self._process = process

    @classmethod
    def start(cls, *, tls: bool = False, port: int = 0) -> StandIn:
        """Start one; raises StandInError with what it wrote to stderr."""
        command = [
            sys.executable,
            '-m',
            'tests.standin',
            '--until-stdin-ends',
            '--port',
            str(port),
        ]
        if tls:
            command.append('--tls')
        # Neither the tests' credentials nor their warning filters, which
        # other people's code would trip over.
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith('AWS_') and name != 'PYTHONWARNINGS'
        }
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=_ROOT,
                env=environment,
            )
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                process.communicate()
                errors.seek(0)
                text = errors.read().decode('utf-8', 'replace')
                raise StandInError(f'the stand-in did not start:\n{text}')
        return cls(process=process, **json.loads(line))

    def __enter__(self) -> StandIn:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process and MiniStack with it; may be called twice."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()

    def environment(self, *, ca_bundle: bool = False) -> dict[str, str]:
        """The variables that send every SDK to the stand-in.

        :param ca_bundle: with TLS, set AWS_CA_BUNDLE too.
        """
        variables = {
            'AWS_ENDPOINT_URL': self.url,
            'AWS_EC2_METADATA_DISABLED': 'true',
        }
        if ca_bundle and self.ca_bundle is not None:
            variables['AWS_CA_BUNDLE'] = self.ca_bundle
        return variables

    def create_user(
        self,
        name: str,
        *,
        device: bool = True,
        serial_number: str | None = None,
        seed: str | None = None,
    ) -> User:
        """A user with an access key and, as a rule, one MFA device.

        :param device: False for a user without.
        :param serial_number: of the device; by default a virtual device
            with the name of the user.
        """
        user = User(
            self.control, name, **self.control.call('create_user', name=name)
        )
        if device:
            user.add_device(
                serial_number or f'{user.arn.rpartition(":")[0]}:mfa/{name}',
                seed=seed,
            )
        return user

    def create_role(
        self,
        name: str,
        *,
        require_mfa: bool = True,
        max_mfa_age: float | None = None,
        external_id: str | None = None,
        max_session_duration: int = 43200,
    ) -> Role:
        """A role that trusts every user of the account.

        :param max_mfa_age: seconds since the code that a session may be
            old, as ``aws:MultiFactorAuthAge`` in a trust policy.
        """
        arn = self.control.call(
            'create_role',
            name=name,
            require_mfa=require_mfa,
            max_mfa_age=max_mfa_age,
            external_id=external_id,
            max_session_duration=max_session_duration,
        )
        return Role(name, arn)

    def create_bucket(self, name: str, *, region: str = 'us-east-1') -> None:
        """A bucket, made by root.

        :param region: clients of another one are redirected, as by AWS:
            they succeed, but with one more request, answered 301.
        """
        self.control.call('create_bucket', name=name, region=region)

    def put_object(self, bucket: str, key: str, text: str = '') -> None:
        """An object, put by root into a bucket of ``create_bucket``."""
        self.control.call('put_object', bucket=bucket, key=key, text=text)

    def requests(
        self, *, operation: str | None = None, service: str | None = None
    ) -> list[Request]:
        """The requests so far, in order of arrival."""
        return [
            request
            for request in (
                Request(**each) for each in self.control.call('requests')
            )
            if operation in (None, request.operation)
            and service in (None, request.service)
        ]

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self.control.call('clear_requests')

    def session_seconds(
        self,
        seconds: float | None,
        *,
        kind: Literal['session', 'role'] | None = None,
    ) -> None:
        """Let sessions issued from now on last so long, whatever was asked.

        :param seconds: None to go back to what was asked for.
        :param kind: only role sessions, or only the others.
        """
        self.control.call('session_seconds', seconds=seconds, kind=kind)

    def expire_sessions(self) -> None:
        """End every session issued so far."""
        self.control.call('expire_sessions')

    def clock_offset(self, seconds: float) -> None:
        """Set AWS's clock ahead (or, negative, back) of the real one."""
        self.control.call('clock_offset', seconds=seconds)

    def as_ceph(self, is_ceph: bool = True) -> None:
        """Answer as Ceph's gateway does: nanoseconds, and silent errors."""
        self.control.call('as_ceph', is_ceph=is_ceph)

    def slow(
        self,
        *,
        seconds: float,
        operation: str | None = None,
        service: str | None = None,
        times: int | None = None,
    ) -> None:
        """Answer late; ``times`` requests, or until cleared."""
        self._fault('slow', operation, service, times=times, seconds=seconds)

    def fail(
        self,
        *,
        code: str,
        operation: str | None = None,
        service: str | None = None,
        times: int | None = None,
        status: int | None = None,
        message: str | None = None,
    ) -> None:
        """Answer with an AWS error: ``Throttling``, ``SlowDown``, ….

        Status and message follow from the usual codes; others are 400.
        """
        self._fault(
            'fail',
            operation,
            service,
            times=times,
            code=code,
            status=status,
            message=message,
        )

    def drop(
        self,
        *,
        operation: str | None = None,
        service: str | None = None,
        times: int | None = None,
        handled: bool = False,
    ) -> None:
        """Close the connection without an answer.

        :param handled: the request takes effect; only its answer is lost.
        """
        self._fault('drop', operation, service, times=times, handled=handled)

    def hold(
        self,
        *,
        operation: str | None = None,
        service: str | None = None,
        times: int | None = None,
    ) -> Hold:
        """Hold requests from now on; a context that releases at its end.

        :param times: hold so many only, and let later ones pass.
        """
        number = self._fault('hold', operation, service, times=times)
        return Hold(self.control, number)

    def clear_faults(self) -> None:
        """No more slow, fail, drop or hold; what waits goes on."""
        self.control.call('clear_faults')

    def _fault(
        self,
        kind: str,
        operation: str | None,
        service: str | None,
        **details: Any,
    ) -> int:
        return int(
            self.control.call(
                'add_fault',
                kind=kind,
                operation=operation,
                service=service,
                **details,
            )
        )
