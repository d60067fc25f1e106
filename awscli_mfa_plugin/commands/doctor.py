# SPDX-License-Identifier: Apache-2.0
"""``aws mfa doctor``."""

from __future__ import annotations

from typing import Any

from awscli_mfa_plugin.commands.awscli_parts import uni_print
from awscli_mfa_plugin.commands.base import MFABasicCommand, from_file
from awscli_mfa_plugin.commands.output import show
from awscli_mfa_plugin.credentials.sts import STSConnection
from awscli_mfa_plugin.diagnosis.page import (
    all_checks,
    as_response,
    exit_code,
    format_page,
)
from awscli_mfa_plugin.diagnosis.profile import check_profile


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
        if parsed_globals.output is None and parsed_globals.query is None:
            uni_print(format_page(checks))
        else:
            show(self._session, parsed_globals, self.NAME, as_response(checks))
        return exit_code(checks)
