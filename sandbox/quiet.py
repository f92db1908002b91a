"""Knowing when an app in the same process has nothing left to do, so that tests need no sleep."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class WatchedExecutor(ThreadPoolExecutor):
    """A thread pool that can be waited for. Give it to Bolt: `App(listener_executor=…)`, then
    `sandbox.connect(url, settle=executor.wait_idle)`."""

    def __init__(self, max_workers: int = 8) -> None:
        super().__init__(max_workers)
        self._pending = 0
        self._changed = threading.Condition()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._changed:
            self._pending += 1
        future = super().submit(fn, *args, **kwargs)
        future.add_done_callback(self._done)
        return future

    def _done(self, _: Future[Any]) -> None:
        with self._changed:
            self._pending -= 1
            self._changed.notify_all()

    def wait_idle(self, timeout: float = 5.0) -> None:
        """Wait (real seconds) until nothing runs or waits. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._pending == 0, timeout):
                raise TimeoutError(f"the app still had {self._pending} things to do after {timeout} s")
