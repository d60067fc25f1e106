# SPDX-License-Identifier: Apache-2.0
"""The names that unit tests use: profiles, keys, devices, roles."""

from __future__ import annotations

from awscli_mfa_plugin.cache.layout import session_key

SERIAL = 'arn:aws:iam::123456789012:mfa/s3-cli-user'
ACCESS_KEY_ID = 'AKIALONGTERMEXAMPLE1'
SECRET_KEY = 'long-term-secret-EXAMPLE'
TOKEN_CODE = '271828'

WRONG_CODE = (
    'MultiFactorAuthentication failed with invalid MFA one time pass code. '
)

KEYS = f"""\
aws_access_key_id = {ACCESS_KEY_ID}
aws_secret_access_key = {SECRET_KEY}
"""

# The profile "work", its device, and its key in either place.
WORK = f'[profile work]\nmfa_serial = {SERIAL}\n'
WORK_KEYS = f'[work]\n{KEYS}'
LONG_TERM = f'[work-long-term]\n{KEYS}'
DEVICE = f'aws_mfa_device = {SERIAL}\n'

# Its session in the cache.
KEY = session_key(ACCESS_KEY_ID)

OTHER_SERIAL = 'arn:aws:iam::123456789012:mfa/other'
HARDWARE = 'GAHT12345678'
FIDO = 'arn:aws:iam::123456789012:u2f/user/anna/key'

ROLE = 'arn:aws:iam::123456789012:role/app'
OTHER_ROLE = 'arn:aws:iam::123456789012:role/other'
BRIDGE = 'arn:aws:iam::123456789012:role/bridge'
