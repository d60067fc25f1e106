# SPDX-License-Identifier: Apache-2.0
"""What the person's config files say about MFA.

``settings`` reads one profile and checks it once; ``aws_mfa`` understands
the layout of aws-mfa; ``roles`` follows a role to its source; ``devices``
knows what a serial number can be; ``long_term`` loads the access key.
This room imports only the modules of the bottom.
"""
