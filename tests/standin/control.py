# SPDX-License-Identifier: Apache-2.0
"""The control channel: JSON calls on a port of their own.

A port of their own keeps them out of the records, out of the faults, and
off the ground where AWS's paths are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import quote

from .backend import DEFAULT_REGION
from .devices import DeviceState
from .faults import Fault
from .gate import Gate
from .messages import Refused
from .proxy import LoopbackServer
from .world import ACCOUNT_ID, RoleState


class Control:
    """What tests may tell the stand-in; every method is one call."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._world = gate.world
        self._bucket_regions: dict[str, str] = {}

    def create_user(self, name: str) -> dict[str, str]:
        key = self._gate.create_user(name)
        return {
            'arn': key.arn,
            'access_key_id': key.access_key_id,
            'secret_access_key': key.secret_access_key,
        }

    def iam_policy(self, name: str, policy: str) -> None:
        self._world.users[name].iam_policy = policy

    def list_devices(self, name: str) -> list[dict[str, str]]:
        return [
            {'serial_number': device.serial_number, 'seed': device.seed}
            for device in self._world.devices_of(name)
        ]

    def forget_devices(self, name: str) -> None:
        for device in self._world.devices_of(name):
            del self._world.devices[device.serial_number]

    def rotate_access_key(self, name: str) -> dict[str, str]:
        key = self._gate.rotate_access_key(name)
        return {
            'access_key_id': key.access_key_id,
            'secret_access_key': key.secret_access_key,
        }

    def add_device(
        self, user_name: str, serial_number: str, seed: str | None = None
    ) -> dict[str, str]:
        if not re.fullmatch('arn:.*|[A-Z]{4}[0-9]+', serial_number):
            serial_number = f'arn:aws:iam::{ACCOUNT_ID}:mfa/{serial_number}'
        device = self._gate.add_device(user_name, serial_number, seed)
        return {'serial_number': device.serial_number, 'seed': device.seed}

    def code(self, serial_number: str) -> str:
        return self._device(serial_number).hand_out()

    def used_code(self, serial_number: str) -> str:
        return self._device(serial_number).hand_out_used()

    def wrong_code(self, serial_number: str) -> str:
        return self._device(serial_number).wrong_code()

    def drift(self, serial_number: str, steps: int) -> None:
        self._device(serial_number).drift = steps

    def create_role(
        self,
        name: str,
        require_mfa: bool,
        max_mfa_age: float | None,
        external_id: str | None,
        max_session_duration: int,
    ) -> str:
        role = RoleState(
            name=name,
            arn=f'arn:aws:iam::{ACCOUNT_ID}:role/{name}',
            require_mfa=require_mfa,
            max_mfa_age=max_mfa_age,
            external_id=external_id,
            max_session_duration=max_session_duration,
        )
        self._gate.create_role(role)
        return role.arn

    def create_bucket(self, name: str, region: str) -> None:
        body = ''
        if region != DEFAULT_REGION:
            body = (
                '<CreateBucketConfiguration><LocationConstraint>'
                f'{region}</LocationConstraint></CreateBucketConfiguration>'
            )
        self._gate.ministack.admin(
            's3', 'PUT', f'/{quote(name)}', body=body.encode(), region=region
        )
        self._bucket_regions[name] = region

    def put_object(self, bucket: str, key: str, text: str) -> None:
        self._gate.ministack.admin(
            's3',
            'PUT',
            f'/{quote(bucket)}/{quote(key)}',
            body=text.encode(),
            region=self._bucket_regions[bucket],
        )

    def requests(self) -> list[dict[str, Any]]:
        return [asdict(request) for request in self._world.requests()]

    def clear_requests(self) -> None:
        self._world.clear_requests()

    def session_seconds(self, seconds: float | None, kind: str | None) -> None:
        with self._world.lock:
            for each in ('session', 'role') if kind is None else (kind,):
                self._world.session_seconds.pop(each, None)
                if seconds is not None:
                    self._world.session_seconds[each] = seconds

    def expire_sessions(self) -> None:
        self._world.expire_sessions()

    def clock_offset(self, seconds: float) -> None:
        self._world.clock_offset = seconds

    def as_ceph(self, is_ceph: bool) -> None:
        self._world.is_ceph = is_ceph

    def add_fault(self, **fault: Any) -> int:
        return self._gate.faults.add(Fault(**fault))

    def clear_faults(self, number: int | None = None) -> None:
        self._gate.faults.clear(number)

    def wait_until_held(self, number: int, count: int, timeout: float) -> bool:
        return self._gate.faults.wait_until_held(number, count, timeout)

    def _device(self, serial_number: str) -> DeviceState:
        return self._world.devices[serial_number]


class ControlServer(LoopbackServer):
    """Takes POSTs of ``{"call": …, "arguments": {…}}``."""

    def __init__(self, gate: Gate) -> None:
        self.control = Control(gate)
        super().__init__(('127.0.0.1', 0), _Handler)

    @property
    def url(self) -> str:
        return f'http://127.0.0.1:{self.server_port}'


class _Handler(BaseHTTPRequestHandler):
    server: ControlServer

    def do_POST(self) -> None:
        length = int(self.headers.get('Content-Length') or 0)
        order = json.loads(self.rfile.read(length))
        name = str(order['call'])
        try:
            if name.startswith('_'):
                raise AttributeError(name)
            call: Callable[..., Any] = getattr(self.server.control, name)
            reply = {'result': call(**order['arguments'])}
        except Refused as refused:
            reply = {'error': str(refused)}
        except Exception as error:  # noqa: BLE001 - for the caller to see
            reply = {'error': f'{type(error).__name__}: {error}'}
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to see."""
