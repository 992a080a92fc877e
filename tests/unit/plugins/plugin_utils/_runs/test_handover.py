"""A process that is told to end while it writes into the shared queue finishes that first, with real locks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.queues import SimpleQueue
from types import FrameType
from typing import Any

import pytest
from ansible.executor.process.worker import WorkerProcess
from ansible.executor.task_queue_manager import FinalQueue

from ansible_collections.steady.ops.plugins.plugin_utils._runs.handover import Handover, protect

FORK = multiprocessing.get_context("fork")
PATIENCE = 0.5


class Slow:
    """What takes a moment to hand over: the lock is held meanwhile."""

    def __init__(self, began: Any) -> None:
        self.began = began


def queue_and_worker() -> tuple[Any, Any]:
    """Return classes of this test's own: to protect changes them."""

    class Queue(SimpleQueue):  # type: ignore[type-arg]
        def __init__(self) -> None:
            super().__init__(ctx=FORK)

        def put(self, obj: Any) -> None:
            with self._wlock:
                if isinstance(obj, Slow):
                    obj.began.set()
                    until = time.monotonic() + 0.2
                    while time.monotonic() < until:
                        time.sleep(0.01)
                    obj = "slow"
                self._writer.send_bytes(multiprocessing.reduction.ForkingPickler.dumps(obj))

    class Worker:
        def _term(self, signum: int, _frame: FrameType | None) -> None:
            signal.signal(signum, signal.SIG_DFL)
            os.kill(os.getpid(), signum)

    return Queue, Worker


def forked(worker: Any, work: Any) -> Any:
    """Fork a process that handles signals as a worker does."""

    def run() -> None:
        ready = worker()
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, ready._term)
        work()
        time.sleep(60)

    process = FORK.Process(target=run, daemon=True)
    process.start()
    return process


def free(queue: Any) -> bool:
    return bool(queue._wlock.acquire(timeout=0.2))


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("in_thread", [False, True])
def test_what_is_being_written_is_written_whole_before_the_end(signum: int, *, in_thread: bool) -> None:
    queue_class, worker = queue_and_worker()
    protect(queue_class, worker)
    protect(queue_class, worker)
    queue, began = queue_class(), FORK.Event()

    def work() -> None:
        queue.put("first")
        if in_thread:
            threading.Thread(target=queue.put, args=(Slow(began),), daemon=True).start()
        else:
            queue.put(Slow(began))

    process = forked(worker, work)
    assert began.wait(10)
    os.kill(process.pid, signum)
    process.join(10)
    assert process.exitcode == -signum
    assert [queue.get(), queue.get()] == ["first", "slow"]
    assert free(queue)


def test_without_it_the_lock_is_left_held() -> None:
    queue_class, worker = queue_and_worker()
    queue, began = queue_class(), FORK.Event()
    process = forked(worker, lambda: queue.put(Slow(began)))
    assert began.wait(10)
    os.kill(process.pid, signal.SIGINT)
    process.join(10)
    assert not free(queue)


def test_who_does_not_write_ends_at_once() -> None:
    queue_class, worker = queue_and_worker()
    protect(queue_class, worker)
    queue = queue_class()
    process = forked(worker, lambda: queue.put("done"))
    assert queue.get() == "done"
    os.kill(process.pid, signal.SIGINT)
    process.join(10)
    assert process.exitcode == -signal.SIGINT
    assert free(queue)


def test_a_queue_that_nobody_empties_is_not_waited_for_for_ever() -> None:
    queue_class, worker = queue_and_worker()
    protect(queue_class, worker, Handover(PATIENCE))
    queue, began = queue_class(), FORK.Event()

    def work() -> None:
        began.set()
        queue.put("x" * 1_000_000)

    process = forked(worker, work)
    assert began.wait(10)
    time.sleep(0.3)
    sent = time.monotonic()
    for _press in range(2):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.05)
    process.join(10)
    assert process.exitcode == -signal.SIGINT
    assert time.monotonic() - sent >= PATIENCE


def test_an_ansible_with_other_workers_is_left_as_it_is() -> None:
    queue_class, _worker = queue_and_worker()
    put = queue_class.put
    protect(queue_class, object)
    assert queue_class.put is put


def test_this_ansible_has_what_is_protected() -> None:
    assert callable(FinalQueue.put) and callable(WorkerProcess._term)
