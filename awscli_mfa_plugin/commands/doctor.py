# SPDX-License-Identifier: Apache-2.0
"""``aws mfa doctor``."""

from __future__ import annotations

import re
from typing import Any

from awscli_mfa_plugin.cache.cli import find_cli
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.output import show
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.diagnosis.checks import Check
from awscli_mfa_plugin.diagnosis.page import (
    all_checks,
    as_response,
    exit_code,
    format_page,
)
from awscli_mfa_plugin.diagnosis.profile import check_profile
from awscli_mfa_plugin.host.streams import print_text


class DoctorCommand(MFABasicCommand):
    """Check the set-up of the AWS CLIs and of a profile."""

    NAME = 'doctor'
    DESCRIPTION = from_file('mfa', 'doctor', '_description.rst')
    EXAMPLES = from_file('mfa', 'doctor', '_examples.rst')

    def run(self, parsed_args: Any, parsed_globals: Any) -> int:
        connection = STSConnection(
            self._session,
            region_name=parsed_globals.region,
            endpoint_url=parsed_globals.endpoint_url,
            verify=parsed_globals.verify_ssl,
        )
        checks = all_checks(
            check_profile(connection, parsed_globals.profile is not None)
        )
        if not self.is_hosted and find_cli() is None:
            checks = [_for_program(check) for check in checks]
        if parsed_globals.output is None and parsed_globals.query is None:
            print_text(format_page(checks))
        else:
            show(self._session, parsed_globals, self.NAME, as_response(checks))
        return exit_code(checks)


def _for_program(check: Check) -> Check:
    """Return a check whose remedy is a command that ``awscli-mfa`` has."""
    remedy = re.sub(
        r'\baws mfa (doctor|enroll|list-devices|login)\b',
        r'awscli-mfa \1',
        check.remedy,
    )
    remedy = re.sub(
        r'aws mfa configure-sdk --profile (.+)',
        r'Write into that profile: credential_process = awscli-mfa '
        r'credentials --profile \1',
        remedy,
    )
    return check._replace(remedy=remedy)
