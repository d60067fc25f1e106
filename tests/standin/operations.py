# SPDX-License-Identifier: Apache-2.0
"""Which service and API operation an HTTP request is."""

from __future__ import annotations

import re

from .messages import Message
from .sigv4 import Signature

#: Calls that AWS takes without a signature.
UNSIGNED_OPERATIONS = (
    'AssumeRoleWithSAML',
    'AssumeRoleWithWebIdentity',
)

_BUCKET = {
    'GET': 'ListObjects',
    'PUT': 'CreateBucket',
    'DELETE': 'DeleteBucket',
    'HEAD': 'HeadBucket',
    'POST': 'PostObject',
}
_OBJECT = {
    'GET': 'GetObject',
    'PUT': 'PutObject',
    'DELETE': 'DeleteObject',
    'HEAD': 'HeadObject',
}
#: Sub-resources whose operation is not <verb><Bucket|Object><Name>.
_SUB_RESOURCES = {
    ('POST', 'delete'): 'DeleteObjects',
    ('GET', 'uploads'): 'ListMultipartUploads',
    ('POST', 'uploads'): 'CreateMultipartUpload',
    ('PUT', 'uploadId'): 'UploadPart',
    ('POST', 'uploadId'): 'CompleteMultipartUpload',
    ('DELETE', 'uploadId'): 'AbortMultipartUpload',
    ('GET', 'uploadId'): 'ListParts',
    ('GET', 'list-type'): 'ListObjectsV2',
    ('GET', 'versions'): 'ListObjectVersions',
}
_ORDINARY_PARAMETERS = re.compile(
    r'prefix|marker|delimiter|max-.*|encoding-type|x-id|partNumber|'
    r'versionId|response-.*|[Xx]-[Aa]mz-.*|key-marker|continuation-token|'
    r'start-after|fetch-owner|bucket-region'
)
#: The IAM action of an S3 operation, where the two names differ.
S3_ACTIONS = {
    'ListBuckets': 'ListAllMyBuckets',
    'ListObjects': 'ListBucket',
    'ListObjectsV2': 'ListBucket',
    'HeadBucket': 'ListBucket',
    'HeadObject': 'GetObject',
    'CopyObject': 'PutObject',
    'CreateMultipartUpload': 'PutObject',
    'UploadPart': 'PutObject',
    'CompleteMultipartUpload': 'PutObject',
    'DeleteObjects': 'DeleteObject',
}


def service_of(request: Message, signature: Signature | None) -> str:
    """The service's signing name; of an unsigned request, the likely one."""
    if signature is not None:
        return signature.service
    return 'sts' if 'Action' in request.parameters() else 's3'


def operation_of(
    service: str, request: Message, parameters: dict[str, str]
) -> str:
    """The API operation's name as the SDKs spell it.

    Of a REST service other than S3 the method and path.
    """
    if service == 's3':
        return _s3_operation(request, parameters)
    target = request.header('X-Amz-Target')
    if target:
        return target.rpartition('.')[2]
    return parameters.get('Action') or f'{request.method} {request.path}'


def bucket_and_key(request: Message) -> tuple[str, str]:
    """The bucket and the (encoded) key an S3 request names, or ''."""
    path = request.path.lstrip('/')
    host = request.header('Host').rpartition(':')[0]
    virtual = re.fullmatch(
        r'(.+?)\.(?:localhost|s3[.-].*)', host or request.header('Host')
    )
    if virtual is not None:
        return virtual.group(1), path
    bucket, _, key = path.partition('/')
    return bucket, key


def _s3_operation(request: Message, parameters: dict[str, str]) -> str:
    bucket, key = bucket_and_key(request)
    method = request.method
    if not bucket:
        return 'ListBuckets' if method == 'GET' else f'{method} /'
    copied = bool(request.header('X-Amz-Copy-Source'))
    for name in parameters:
        known = _SUB_RESOURCES.get((method, name))
        if known is not None:
            return 'UploadPartCopy' if copied and key else known
    for name in parameters:
        if not _ORDINARY_PARAMETERS.fullmatch(name):
            verb = 'Put' if method == 'POST' else method.capitalize()
            owner = 'Object' if key else 'Bucket'
            words = re.split('[-_]', name)
            title = ''.join(word[:1].upper() + word[1:] for word in words)
            return f'{verb}{owner}{title}'
    if key:
        if method == 'PUT' and copied:
            return 'CopyObject'
        return _OBJECT.get(method, f'{method} object')
    return _BUCKET.get(method, f'{method} bucket')
