# SPDX-License-Identifier: Apache-2.0
"""MiniStack as a child process, and the connections to it."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from . import sigv4
from .messages import Answer, Headers, Message, Refused

DEFAULT_REGION = 'us-east-1'
#: Headers of one connection only, never passed on (RFC 9110, 7.6.1).
_HOP_BY_HOP = frozenset(
    (
        'connection',
        'expect',
        'keep-alive',
        'proxy-authorization',
        'proxy-connection',
        'te',
        'trailer',
        'transfer-encoding',
        'upgrade',
    )
)
#: MiniStack's server closes idle connections; ours are younger than that.
_IDLE_SECONDS = 2.0
_START_SECONDS = 20.0
_WHO_AM_I = {'Action': 'GetCallerIdentity', 'Version': '2011-06-15'}


class BackendConnection:
    """One keep-alive connection to MiniStack, for one thread."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(
            '127.0.0.1', port, timeout=300
        )
        self._last_used = 0.0

    def exchange(self, message: Message) -> Answer:
        """Forward a request, ``Host`` and all, and read the answer."""
        connection = self._connection
        if time.monotonic() - self._last_used > _IDLE_SECONDS:
            connection.close()
        connection.putrequest(
            message.method,
            message.target,
            skip_host=True,
            skip_accept_encoding=True,
        )
        for name, value in message.headers:
            # Some clients sign their Content-Length: 0 or their
            # Transfer-Encoding: the body goes on framed as it came.
            if name.lower() not in _HOP_BY_HOP - {'transfer-encoding'}:
                connection.putheader(name, value)
        if message.header('Transfer-Encoding'):
            connection.endheaders([message.body], encode_chunked=True)
        else:
            connection.endheaders(message.body or None)
        response = connection.getresponse()
        body = response.read()
        self._last_used = time.monotonic()
        headers: Headers = [
            (name, value)
            for name, value in response.getheaders()
            if name.lower() not in (*_HOP_BY_HOP, 'date', 'server')
        ]
        return Answer(response.status, headers, body)

    def close(self) -> None:
        self._connection.close()


class MiniStack:
    """The child process. Start it, then ``admin`` and ``connect``."""

    def __init__(self) -> None:
        self.root_access_key_id = 'AKIA' + secrets.token_hex(8).upper()
        self.root_secret_access_key = secrets.token_hex(20)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        #: Temporary; goes when the process does, however that ends.
        self.folder = ''

    def start(self) -> None:
        """Start on a free port; raises RuntimeError with MiniStack's log."""
        for _ in range(5):
            self._spawn()
            if self._wait_until_ready():
                return
            log = self._log()
            self.stop()
        raise RuntimeError(f'MiniStack did not start:\n{log}')

    def connect(self) -> BackendConnection:
        return BackendConnection(self.port)

    def stop(self) -> None:
        """End the process and remove its folder; may be called twice."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def admin(
        self,
        service: str,
        method: str = 'POST',
        target: str = '/',
        *,
        body: bytes = b'',
        parameters: Mapping[str, str] | None = None,
        region: str = DEFAULT_REGION,
    ) -> Answer:
        """A request signed with root's key; raises Refused on an error."""
        if parameters:
            body = urlencode(parameters).encode()
        headers = [
            ('Host', f'127.0.0.1:{self.port}'),
            ('Content-Length', str(len(body))),
        ]
        if parameters:
            headers.append(
                ('Content-Type', 'application/x-www-form-urlencoded')
            )
        message = sigv4.sign(
            Message(method, target, headers, body),
            access_key_id=self.root_access_key_id,
            secret_access_key=self.root_secret_access_key,
            service=service,
            region=region,
            timestamp=time.time(),
        )
        connection = self.connect()
        try:
            answer = connection.exchange(message)
        finally:
            connection.close()
        if answer.status >= 400:
            text = answer.body.decode('utf-8', 'replace')
            found = re.search('<Message>(.*?)</Message>', text, re.DOTALL)
            raise Refused(
                answer.error_code() or 'Unknown',
                found.group(1) if found else text,
                answer.status,
            )
        return answer

    def _spawn(self) -> None:
        self.port = _free_port()
        self.folder = tempfile.mkdtemp(prefix='standin-')
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(('AWS_', 'MINISTACK_', 'LOCALSTACK_'))
        }
        environment.update(
            AUTH='true',
            BIND_HOST='127.0.0.1',
            GATEWAY_PORT=str(self.port),
            AWS_ACCESS_KEY_ID=self.root_access_key_id,
            AWS_SECRET_ACCESS_KEY=self.root_secret_access_key,
            MINISTACK_ACCOUNT_ID='000000000000',
            MINISTACK_REGION=DEFAULT_REGION,
            LOG_LEVEL='ERROR',
            PERSIST_STATE='0',
            S3_PERSIST='0',
            STATE_DIR=os.path.join(self.folder, 'state'),
            S3_DATA_DIR=os.path.join(self.folder, 's3'),
            HOME=self.folder,
            TMPDIR=self.folder,
            TEMP=self.folder,
            TMP=self.folder,
        )
        program = Path(__file__).with_name('ministack_process.py')
        with open(self._log_path(), 'wb') as log:
            self._process = subprocess.Popen(
                [sys.executable, str(program)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self.folder,
            )

    def _wait_until_ready(self) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            try:
                # Another MiniStack on our port would not know our root key.
                self.admin('sts', parameters=_WHO_AM_I)
            except (OSError, http.client.HTTPException, Refused):
                time.sleep(0.01)
            else:
                return self._process.poll() is None
        return False

    def _log_path(self) -> str:
        return os.path.join(self.folder, 'ministack.log')

    def _log(self) -> str:
        try:
            return Path(self._log_path()).read_text('utf-8', 'replace')
        except OSError:
            return ''


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        port: int = listener.getsockname()[1]
        return port
