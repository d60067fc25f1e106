# SPDX-License-Identifier: Apache-2.0
"""What a test can ask to go wrong: slow, failing, dropped, held requests."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Literal

from .messages import Refused

#: Status and words of the failures that AWS's services give out.
FAILURES = {
    'Throttling': (400, 'Rate exceeded'),
    'ThrottlingException': (400, 'Rate exceeded'),
    'RequestLimitExceeded': (503, 'Request limit exceeded.'),
    'SlowDown': (503, 'Please reduce your request rate.'),
    'InternalFailure': (
        500,
        'The request processing has failed because of an unknown error, '
        'exception or failure.',
    ),
    'InternalError': (
        500,
        'We encountered an internal error. Please try again.',
    ),
    'ServiceUnavailable': (
        503,
        'The request has failed due to a temporary failure of the server.',
    ),
}
#: A forgotten hold must not keep a client for ever.
LONGEST_HOLD_SECONDS = 120.0


@dataclass
class Fault:
    """One order, for the requests of a service or operation (None: any)."""

    kind: Literal['slow', 'fail', 'drop', 'hold']
    service: str | None = None
    operation: str | None = None
    #: How many more requests it meets; None until cleared.
    times: int | None = None
    #: Of ``slow``: how long to sleep.
    seconds: float = 0.0
    #: Of ``fail``: AWS's error code; words and status come from FAILURES
    #: unless given.
    code: str = ''
    status: int | None = None
    message: str | None = None
    #: Of ``drop``: the request takes effect, only its answer is lost.
    handled: bool = False
    #: Of ``hold``: requests that have arrived so far.
    held: int = 0
    #: Set to let go those that wait.
    over: threading.Event = field(default_factory=threading.Event)

    def matches(self, service: str, operation: str) -> bool:
        return (
            not self.over.is_set()
            and self.times != 0
            and self.service in (None, service)
            and self.operation in (None, operation)
        )

    def error(self) -> Refused:
        status, message = FAILURES.get(self.code, (400, self.code))
        return Refused(
            self.code, self.message or message, self.status or status
        )


class Faults:
    """The orders in force."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._faults: dict[int, Fault] = {}
        self._numbers = itertools.count(1)

    def add(self, fault: Fault) -> int:
        """Put an order in force; its number is for the other methods."""
        with self._changed:
            number = next(self._numbers)
            self._faults[number] = fault
            return number

    def clear(self, number: int | None = None) -> None:
        """Lift one order, or all; requests that wait go on."""
        with self._changed:
            numbers = list(self._faults) if number is None else [number]
            for each in numbers:
                fault = self._faults.pop(each, None)
                if fault is not None:
                    fault.over.set()
            self._changed.notify_all()

    def wait_until_held(self, number: int, count: int, timeout: float) -> bool:
        """Whether so many requests had come to the hold in time."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                fault = self._faults.get(number)
                if fault is None:
                    return False
                if fault.held >= count:
                    return True
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)

    def meet(self, service: str, operation: str) -> Fault | None:
        """Go through the orders for one request, waiting where asked.

        Returns the order to fail or drop it, if there is one.
        """
        waits: list[tuple[Fault, float]] = []
        end: Fault | None = None
        with self._changed:
            for fault in self._faults.values():
                if not fault.matches(service, operation):
                    continue
                if fault.kind in ('fail', 'drop'):
                    if end is not None:
                        continue
                    end = fault
                if fault.times is not None:
                    fault.times -= 1
                if fault.kind == 'hold':
                    fault.held += 1
                    waits.append((fault, LONGEST_HOLD_SECONDS))
                elif fault.kind == 'slow':
                    waits.append((fault, fault.seconds))
            self._changed.notify_all()
        for fault, seconds in waits:
            fault.over.wait(seconds)
        return end
