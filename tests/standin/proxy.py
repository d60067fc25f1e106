# SPDX-License-Identifier: Apache-2.0
"""The sockets: an HTTP/1.1 server that reads requests and hands them in."""

from __future__ import annotations

import http.client
import socket
import socketserver
import ssl
import sys
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from .gate import Gate
from .messages import Answer, Message


class LoopbackServer(ThreadingHTTPServer):
    """A threading server on 127.0.0.1 that looks up no names."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # HTTPServer would ask the DNS for our own name, which can be slow.
        socketserver.TCPServer.server_bind(self)
        self.server_name = '127.0.0.1'
        self.server_port = self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that are killed or do not trust us are part of the tests.
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)


class ProxyServer(LoopbackServer):
    """The stand-in's public face."""

    def __init__(
        self, port: int, gate: Gate, context: ssl.SSLContext | None
    ) -> None:
        self.gate = gate
        self._context = context
        super().__init__(('127.0.0.1', port), _Handler)

    @property
    def url(self) -> str:
        scheme = 'http' if self._context is None else 'https'
        return f'{scheme}://127.0.0.1:{self.server_port}'

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._context is not None:
            # The handshake comes with the first read, in the handler's own
            # thread: a client that says nothing holds up no one else.
            connection = self._context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address


class _Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True
    server: ProxyServer

    def setup(self) -> None:
        super().setup()
        self._backend = self.server.gate.ministack.connect()

    def finish(self) -> None:
        self._backend.close()
        super().finish()

    def do_any(self) -> None:
        message = self._read()
        answer = self.server.gate.answer(message, self._backend.exchange)
        if answer is None:
            self.close_connection = True
            return
        self._write(answer)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_any
    do_PATCH = do_POST = do_PUT = do_any

    def _read(self) -> Message:
        # self.path has leading slashes taken away, which S3 keys may have.
        target = self.requestline.split(' ')[1]
        through_proxy = not target.startswith('/')
        if through_proxy:
            parts = urlsplit(target)
            target = parts.path or '/'
            if parts.query:
                target += f'?{parts.query}'
        if 'chunked' in self.headers.get('Transfer-Encoding', '').lower():
            body = self._read_chunks()
        else:
            length = int(self.headers.get('Content-Length') or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                raise ConnectionResetError('body cut short')
        return Message(
            method=self.command,
            target=target,
            headers=self.headers.items(),
            body=body,
            through_proxy=through_proxy,
        )

    def _read_chunks(self) -> bytes:
        chunks = []
        while True:
            size = int(self.rfile.readline().partition(b';')[0], 16)
            if not size:
                break
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            # Trailers of the transfer encoding are none of ours.
            pass
        return b''.join(chunks)

    def _write(self, answer: Answer) -> None:
        reason = http.client.responses.get(answer.status, '')
        now = self.server.gate.world.now()
        headers = [*answer.headers, ('Date', formatdate(now, usegmt=True))]
        names = {name.lower() for name, _ in headers}
        bodiless = answer.status in (204, 304) or self.command == 'HEAD'
        if 'content-length' not in names and answer.status != 204:
            headers.append(('Content-Length', str(len(answer.body))))
        if self.close_connection:
            headers.append(('Connection', 'close'))
        head = f'HTTP/1.1 {answer.status} {reason}\r\n' + ''.join(
            f'{name}: {value}\r\n' for name, value in headers
        )
        payload = head.encode('latin-1') + b'\r\n'
        if not bodiless:
            payload += answer.body
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are recorded, not logged."""
