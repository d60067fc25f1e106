# SPDX-License-Identifier: Apache-2.0
"""What comes in, what goes out, and the error that stands for a refusal."""

from __future__ import annotations

import json as json_format
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

Headers = list[tuple[str, str]]

NAMESPACES = {
    'iam': 'https://iam.amazonaws.com/doc/2010-05-08/',
    'sts': 'https://sts.amazonaws.com/doc/2011-06-15/',
}


@dataclass(frozen=True)
class Message:
    """One HTTP request as the client sent it, its body read to the end."""

    method: str
    #: Origin form: path and query, percent-encoded as they came.
    target: str
    headers: Headers
    body: bytes = b''
    #: The request line held a whole URL: we are used as an HTTP proxy.
    through_proxy: bool = False

    @property
    def path(self) -> str:
        return self.target.partition('?')[0]

    @property
    def query(self) -> str:
        return self.target.partition('?')[2]

    def header(self, name: str, default: str = '') -> str:
        """The first value of a header, the name in any case."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    def parameters(self) -> dict[str, str]:
        """Query and form parameters in one dict; the form wins."""
        found = dict(parse_qsl(self.query, keep_blank_values=True))
        content_type = self.header('Content-Type')
        if content_type.startswith('application/x-www-form-urlencoded'):
            form = self.body.decode('utf-8', 'replace')
            found.update(parse_qsl(form, keep_blank_values=True))
        return found


@dataclass
class Answer:
    """One HTTP response before the headers of the connection are added."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b''

    def error_code(self) -> str | None:
        """AWS's code of an error answer, or None."""
        if self.status < 400:
            return None
        text = self.body.decode('utf-8', 'replace')
        found = re.search(r'<Code>([^<]*)</Code>|"__type":\s*"([^"]*)"', text)
        if found is None:
            return None
        return found.group(1) or found.group(2)


class Refused(Exception):
    """AWS would say no; rendered in the shape of the service asked."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 403,
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f'{code}: {message}')
        self.code = code
        self.message = message
        self.status = status
        #: Further elements of an S3 error, in order.
        self.details = dict(details or {})


def query_answer(service: str, operation: str, result: str) -> Answer:
    """A successful answer of IAM or STS around the given inner XML."""
    request_id = str(uuid.uuid4())
    body = (
        f'<{operation}Response xmlns="{NAMESPACES[service]}">{result}'
        f'<ResponseMetadata><RequestId>{request_id}</RequestId>'
        f'</ResponseMetadata></{operation}Response>'
    )
    return Answer(
        200,
        [('x-amzn-RequestId', request_id), ('Content-Type', 'text/xml')],
        body.encode(),
    )


def ceph_error_answer(refused: Refused) -> Answer:
    """A refusal as Ceph's gateway has it: no wrapper, and no words."""
    request_id = str(uuid.uuid4())
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Error><Code>{escape(refused.code)}</Code><Message></Message>'
        f'<RequestId>{request_id}</RequestId>'
        f'<HostId>{request_id}</HostId></Error>'
    )
    return Answer(
        refused.status, [('Content-Type', 'application/xml')], body.encode()
    )


def error_answer(service: str, refused: Refused, json: bool) -> Answer:
    """A refusal in the service's own words: S3 XML, JSON, or Query XML."""
    request_id = str(uuid.uuid4())
    code, message = escape(refused.code), escape(refused.message)
    if service == 's3':
        details = ''.join(
            f'<{name}>{escape(value)}</{name}>'
            for name, value in refused.details.items()
        )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Error><Code>{code}</Code><Message>{message}</Message>'
            f'{details}<RequestId>{request_id}</RequestId>'
            f'<HostId>{request_id}</HostId></Error>'
        )
        return Answer(
            refused.status,
            [
                ('x-amz-request-id', request_id),
                ('x-amz-id-2', request_id),
                ('Content-Type', 'application/xml'),
            ],
            body.encode(),
        )
    headers = [('x-amzn-RequestId', request_id)]
    if json:
        document = {'__type': refused.code, 'message': refused.message}
        return Answer(
            refused.status,
            [*headers, ('Content-Type', 'application/x-amz-json-1.1')],
            json_format.dumps(document).encode(),
        )
    namespace = NAMESPACES.get(service, '')
    fault = 'Sender' if refused.status < 500 else 'Receiver'
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{fault}</Type>'
        f'<Code>{code}</Code><Message>{message}</Message></Error>'
        f'<RequestId>{request_id}</RequestId></ErrorResponse>'
    )
    return Answer(
        refused.status,
        [*headers, ('Content-Type', 'text/xml')],
        body.encode(),
    )
