# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""We stop waiting for a device, and a task's own timeout goes on counting."""

from __future__ import annotations

import contextlib
import signal
import threading

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.base import Unreachable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.deadline import bounded


def test_waiting_ends_in_unreachable():
    with pytest.raises(Unreachable, match="no answer within 0 s"), bounded(0.05):
        threading.Event().wait(10)


def test_an_alarm_that_somebody_swallows_rings_again():
    """An SSH library's log is called back from C: what is raised there is printed, and forgotten."""
    with pytest.raises(Unreachable), bounded(0.01):
        with contextlib.suppress(Unreachable):
            threading.Event().wait(30)
        threading.Event().wait(30)


def test_a_bound_inside_another_leaves_the_outer_one_ringing_again():
    with pytest.raises(Unreachable), bounded(0.01):
        with bounded(30):
            pass
        with contextlib.suppress(Unreachable):
            threading.Event().wait(30)
        threading.Event().wait(30)


def test_what_ends_in_time_leaves_no_alarm_behind():
    before = signal.getsignal(signal.SIGALRM)
    with bounded(10):
        pass
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before


def test_a_tasks_own_timeout_keeps_counting():
    class TaskTimeout(Exception):
        pass

    def over(_signum, _frame):
        raise TaskTimeout

    before = signal.signal(signal.SIGALRM, over)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(TaskTimeout):
            with bounded(10):
                pass
            threading.Event().wait(10)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_outside_the_main_thread_there_is_no_alarm_and_no_error():
    done = []

    def work():
        with bounded(0.01):
            done.append(signal.getitimer(signal.ITIMER_REAL)[0])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [0]
