# SPDX-License-Identifier: Apache-2.0
"""What a check says, and how it is made fit to be shown to others."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

OK = 'ok'
WARNING = 'warning'
PROBLEM = 'problem'

_ACCOUNT = re.compile(r'(?<!\d)\d{8}(\d{4})(?!\d)')
_ACCESS_KEY_ID = re.compile(r'\b(A[KS]IA)\w{8,}(\w{4})\b')


class Check(NamedTuple):
    """What was found out about one thing.

    :ivar status: ``ok``, ``warning`` or ``problem``.
    :ivar subject: What it is about, in a word.
    :ivar message: What was found, in a sentence.
    :ivar remedy: The command or the step that mends it; empty if it is ok.
    """

    status: str
    subject: str
    message: str
    remedy: str = ''


def fit_to_show(
    checks: Iterable[Check], secrets: Iterable[str]
) -> Iterator[Check]:
    """Return checks that can be pasted into an issue.

    Account numbers and the IDs of access keys show their last four
    characters, and the home folder is ``~``. The words of an AWS CLI that
    ends may quote a config file, so secrets are taken out by their value.

    :param secrets: The secret keys and session tokens of the person.
    """
    known = [secret for secret in secrets if secret]
    home = os.path.expanduser('~')

    def fit(text: str) -> str:
        for secret in known:
            text = text.replace(secret, '****')
        if os.path.isabs(home) and home != os.sep:
            text = text.replace(home + os.sep, f'~{os.sep}')
        text = _ACCESS_KEY_ID.sub(r'\1****\2', text)
        return _ACCOUNT.sub(r'********\1', text)

    for check in checks:
        yield check._replace(
            message=fit(check.message), remedy=fit(check.remedy)
        )
