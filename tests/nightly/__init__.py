# SPDX-License-Identifier: Apache-2.0
"""Searches for what nobody has thought of, by machine: ``tox -e nightly``.

Each search has a seed and a limit of time, says how many cases it tried, and
ends in a test that fails with the case that it found. The same seed gives
the same cases: ``AWSCLI_MFA_TEST_SEED``.
"""
