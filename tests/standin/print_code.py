# SPDX-License-Identifier: Apache-2.0
"""``python print_code.py CONTROL_URL SERIAL_NUMBER``: a code of a device.

For settings that hold the command of an authenticator, such as
``mfa_process``. Stands alone: whoever runs it has no package path.
"""

from __future__ import annotations

import http.client
import json
import sys
from urllib.parse import urlsplit


def main() -> None:
    control_url, serial_number = sys.argv[1:]
    connection = http.client.HTTPConnection(urlsplit(control_url).netloc)
    order = {'call': 'code', 'arguments': {'serial_number': serial_number}}
    connection.request('POST', '/', json.dumps(order).encode())
    print(json.loads(connection.getresponse().read())['result'])
    connection.close()


if __name__ == '__main__':
    main()
