# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.standin``: the stand-in AWS in the foreground.

When it is ready it prints one line of JSON: ``url``, ``control_url``,
``backend_url`` (MiniStack itself) and, with TLS, ``ca_bundle`` (a path).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import ssl
import sys
import threading
from collections.abc import Callable
from typing import Any

from .backend import MiniStack
from .control import ControlServer
from .gate import Gate
from .proxy import ProxyServer


def _tls(folder: str) -> tuple[ssl.SSLContext, str]:
    """A context with a fresh certificate, and the path of its CA bundle."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert('127.0.0.1', 'localhost').configure_cert(context)
    ca_bundle = os.path.join(folder, 'ca.pem')
    authority.cert_pem.write_to_path(ca_bundle)
    return context, ca_bundle


def _when_standard_input_ends(then: Callable[[], None]) -> None:
    def wait() -> None:
        while os.read(0, 1):
            pass
        then()

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser(prog='python -m tests.standin')
    parser.add_argument('--port', type=int, default=0)
    parser.add_argument('--tls', action='store_true')
    parser.add_argument(
        '--until-stdin-ends',
        action='store_true',
        help='end when standard input does, that is, with the parent',
    )
    arguments = parser.parse_args()

    over = threading.Event()

    def end(*_: Any) -> None:
        over.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if arguments.until_stdin_ends:
        _when_standard_input_ends(end)

    ministack = MiniStack()
    try:
        ministack.start()
        context, ca_bundle = None, None
        if arguments.tls:
            context, ca_bundle = _tls(ministack.folder)
        gate = Gate(ministack)
        proxy = ProxyServer(arguments.port, gate, context)
        control = ControlServer(gate)
        for server in (proxy, control):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        ready = {
            'url': proxy.url,
            'control_url': control.url,
            'backend_url': f'http://127.0.0.1:{ministack.port}',
            'ca_bundle': ca_bundle,
        }
        print(json.dumps(ready), flush=True)
        over.wait()
    except RuntimeError as error:
        sys.exit(str(error))
    finally:
        ministack.stop()


if __name__ == '__main__':
    main()
