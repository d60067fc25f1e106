# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests stand on: an AWS, a person, an AWS CLI."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.person import Person
from tests.hosts import Host
from tests.standin import StandIn, User

_numbers = itertools.count(1)


@pytest.fixture(scope='session')
def running_aws() -> Iterator[StandIn]:
    """Start one stand-in for all tests."""
    with StandIn.start() as aws:
        yield aws


@pytest.fixture
def aws(running_aws: StandIn) -> Iterator[StandIn]:
    """Give a stand-in that remembers and does nothing special."""
    running_aws.clear_requests()
    yield running_aws
    running_aws.clear_faults()
    running_aws.session_seconds(None)
    running_aws.clock_offset(0)
    running_aws.as_ceph(False)


@pytest.fixture
def new_user(aws: StandIn) -> Callable[[], User]:
    """Give a function that makes IAM users with an MFA device each."""
    return lambda: aws.create_user(f'user-{next(_numbers)}')


@pytest.fixture
def person(
    tmp_path: Path,
    host: Host,
    aws: StandIn,
    new_user: Callable[[], User],
    plugin_folder: Path,
) -> Person:
    """Give somebody with an IAM user and the plugin enabled."""
    return Person(tmp_path / 'home', host, aws, new_user(), plugin_folder)
