# SPDX-License-Identifier: Apache-2.0
"""AWS Signature Version 4: read, check and make signatures.

MiniStack checks signatures too, but only of what is forwarded to it. A
request that is refused, or that would use up a token code, has to be known
as well signed before that, hence this second, independent check.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote, unquote

from .messages import Message, Refused

ALGORITHM = 'AWS4-HMAC-SHA256'
MISMATCH = (
    'The request signature we calculated does not match the signature you '
    'provided. Check your AWS Secret Access Key and signing method. Consult '
    'the service documentation for details.'
)
S3_MISMATCH = (
    'The request signature we calculated does not match the signature you '
    'provided. Check your key and signing method.'
)


@dataclass(frozen=True)
class Signature:
    """What a request says about its own signature."""

    access_key_id: str
    date_stamp: str
    region: str
    service: str
    signed_headers: str
    signature: str
    #: YYYYMMDDTHHMMSSZ
    amz_date: str
    session_token: str | None
    #: Seconds a presigned URL is good for; None for a signed header.
    expires: int | None = None

    @property
    def scope(self) -> str:
        return '/'.join(
            (self.date_stamp, self.region, self.service, 'aws4_request')
        )

    def time(self) -> float:
        """When the request was signed, in seconds since the epoch."""
        # Not %Z: the Z would be read and the time left without a zone.
        text = self.amz_date.replace('Z', '+0000')
        return datetime.strptime(text, '%Y%m%dT%H%M%S%z').timestamp()


def amz_date(timestamp: float) -> str:
    """Seconds since the epoch in the form of X-Amz-Date."""
    moment = datetime.fromtimestamp(timestamp, timezone.utc)
    return moment.strftime('%Y%m%dT%H%M%SZ')


def read_signature(request: Message) -> Signature | None:
    """The signature of a request, None when it is not signed.

    Raises Refused (IncompleteSignature) for one that cannot be read.
    """
    try:
        authorization = request.header('Authorization')
        if authorization:
            return _header_signature(request, authorization)
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        if 'X-Amz-Signature' in query:
            return _query_signature(query)
    except (KeyError, ValueError) as error:
        raise Refused(
            'IncompleteSignature', f'Cannot read the signature: {error}', 400
        ) from None
    return None


def _header_signature(request: Message, authorization: str) -> Signature:
    algorithm, _, rest = authorization.partition(' ')
    if algorithm != ALGORITHM:
        raise ValueError(f'algorithm {algorithm}')
    fields = dict(
        part.strip().split('=', 1) for part in rest.split(',') if part
    )
    key_id, date_stamp, region, service, _ = fields['Credential'].split('/')
    signature = Signature(
        access_key_id=key_id,
        date_stamp=date_stamp,
        region=region,
        service=service,
        signed_headers=fields['SignedHeaders'],
        signature=fields['Signature'],
        amz_date=request.header('X-Amz-Date'),
        session_token=request.header('X-Amz-Security-Token') or None,
    )
    signature.time()
    return signature


def _query_signature(query: dict[str, str]) -> Signature:
    credential = query['X-Amz-Credential'].split('/')
    key_id, date_stamp, region, service, _ = credential
    signature = Signature(
        access_key_id=key_id,
        date_stamp=date_stamp,
        region=region,
        service=service,
        signed_headers=query['X-Amz-SignedHeaders'],
        signature=query['X-Amz-Signature'],
        amz_date=query['X-Amz-Date'],
        session_token=query.get('X-Amz-Security-Token'),
        expires=int(query['X-Amz-Expires']),
    )
    signature.time()
    return signature


def is_well_signed(
    request: Message, signature: Signature, secret_access_key: str
) -> bool:
    """Whether this secret made this signature over this request."""
    if signature.date_stamp != signature.amz_date[:8]:
        return False
    claimed = request.header('X-Amz-Content-SHA256')
    actual = hashlib.sha256(request.body).hexdigest()
    # Anything else is UNSIGNED-PAYLOAD or one of the STREAMING-… markers.
    if len(claimed) == 64 and claimed != actual:
        return False
    computed = _compute(request, signature, secret_access_key)
    return hmac.compare_digest(computed, signature.signature)


def sign(
    request: Message,
    *,
    access_key_id: str,
    secret_access_key: str,
    session_token: str | None = None,
    service: str,
    region: str,
    timestamp: float,
) -> Message:
    """The same request signed anew in its headers, as of the timestamp."""
    date = amz_date(timestamp)
    dropped = ('authorization', 'x-amz-date', 'x-amz-security-token')
    headers = [
        (name, value)
        for name, value in request.headers
        if name.lower() not in dropped
    ]
    headers.append(('X-Amz-Date', date))
    if session_token is not None:
        headers.append(('X-Amz-Security-Token', session_token))
    if service == 's3' and not request.header('X-Amz-Content-SHA256'):
        digest = hashlib.sha256(request.body).hexdigest()
        headers.append(('X-Amz-Content-SHA256', digest))
    signed = sorted(
        {
            name.lower()
            for name, _ in headers
            if name.lower() in ('host', 'content-type', 'content-md5')
            or name.lower().startswith('x-amz-')
        }
    )
    unsigned = replace(request, headers=headers)
    signature = Signature(
        access_key_id=access_key_id,
        date_stamp=date[:8],
        region=region,
        service=service,
        signed_headers=';'.join(signed),
        signature='',
        amz_date=date,
        session_token=session_token,
    )
    computed = _compute(unsigned, signature, secret_access_key)
    authorization = (
        f'{ALGORITHM} Credential={access_key_id}/{signature.scope}, '
        f'SignedHeaders={signature.signed_headers}, Signature={computed}'
    )
    return replace(
        unsigned, headers=[*headers, ('Authorization', authorization)]
    )


def _compute(request: Message, signature: Signature, secret: str) -> str:
    canonical = _canonical_request(request, signature)
    string_to_sign = '\n'.join(
        (
            ALGORITHM,
            signature.amz_date,
            signature.scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    key = f'AWS4{secret}'.encode()
    for part in signature.scope.split('/'):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, string_to_sign.encode(), hashlib.sha256).hexdigest()


def _canonical_request(request: Message, signature: Signature) -> str:
    path = request.path
    payload = request.header('X-Amz-Content-SHA256')
    if signature.service != 's3':
        # Every service but S3 encodes the already encoded path once more.
        path = quote(path, safe='/-_.~')
    elif signature.expires is not None:
        payload = payload or 'UNSIGNED-PAYLOAD'
    if not payload:
        payload = hashlib.sha256(request.body).hexdigest()
    pairs = [part.partition('=')[::2] for part in request.query.split('&')]
    query = '&'.join(
        f'{name}={value}'
        for name, value in sorted(
            (
                quote(unquote(name), safe='-_.~'),
                quote(unquote(value), safe='-_.~'),
            )
            for name, value in pairs
            if name and name != 'X-Amz-Signature'
        )
    )
    headers = ''.join(
        f'{name}:{_canonical_value(request, name)}\n'
        for name in signature.signed_headers.split(';')
    )
    return '\n'.join(
        (
            request.method,
            path,
            query,
            headers,
            signature.signed_headers,
            payload,
        )
    )


def _canonical_value(request: Message, name: str) -> str:
    return ','.join(
        ' '.join(value.split())
        for key, value in request.headers
        if key.lower() == name
    )
