# SPDX-License-Identifier: Apache-2.0
"""How a release is made; CONTRIBUTING describes it."""
