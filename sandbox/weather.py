"""The switch board for faults: what should go wrong next, and a record of every Web API call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.clock import Clock


@dataclass(frozen=True)
class Call:
    """One Web API call as it ended: `error` is None when it was answered with ok. `at` is sandbox time.

    `fault`: what the weather did: "" nothing, "refused" (answered in its place), "before" (cut, not done), "after"
    (done, and the answer lost or turned into an error).
    """

    method: str
    args: dict[str, Any]
    error: str | None
    at: datetime
    fault: str = ""

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass
class Fault:
    """What to do to a call instead of (or, with `cut` or `taken`, after) serving it. `times` None: until cleared."""

    method: str
    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    cut: str = ""  # "", "before" or "after"
    times: int | None = 1
    taken: bool = False
    only: dict[str, Any] = field(default_factory=dict)

    def hits(self, method: str, args: Any) -> bool:
        """Whether it is about this call: its method, and the arguments named in `only`."""
        same = isinstance(args, dict) and all(args.get(k) == v for k, v in self.only.items())
        return self.method in ("*", method) and (not self.only or same)


class Weather:
    """Faults are used up in the order they were set; `method` "*" means any."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults: list[Fault] = []
        self.calls: list[Call] = []

    def fail_next(
        self,
        method: str,
        error: str | None = None,
        status: int | None = None,
        times: int = 1,
        retry_after: int | None = None,
        **only: Any,
    ) -> None:
        """Refuse the next `times` calls of `method`: with a Slack error (HTTP 200), or with an HTTP status.

        `status=429` answers `ratelimited` with `Retry-After: retry_after` (seconds, default 1). `only` narrows it to
        calls with these arguments: `fail_next("chat.postMessage", error="…", channel="C1")`.
        """
        if times > 0:
            self._faults.append(Fault(method, error, status, retry_after, times=times, only=only))

    def fail_all(
        self,
        status: int | None = 503,
        error: str | None = None,
        *,
        retry_after: int | None = None,
        taken: bool = False,
    ) -> None:
        """Refuse every call until `clear()`, as `fail_next` does. `taken`: the work is done, but the answer is an error
        (of fatal_error Slack's pages say that some of the operation may have succeeded)."""
        self._faults.append(Fault("*", error, status, retry_after, times=None, taken=taken))

    def cut_all(self, when: str, method: str = "*") -> None:
        """Close every connection until `clear()`: "before" or "after" the work is done. To a client, the first is a
        call that timed out, without the wait."""
        self._faults.append(Fault(method, cut=when, times=None))

    def cut_before(self, method: str, times: int = 1) -> None:
        """Close the connection without doing the work and without an answer."""
        self._faults.append(Fault(method, cut="before", times=times))

    def cut_after(self, method: str, times: int = 1) -> None:
        """Do the work, then close the connection without an answer."""
        self._faults.append(Fault(method, cut="after", times=times))

    def clear(self) -> None:
        """Fair weather again."""
        self._faults.clear()

    def next_fault(self, method: str, args: Any = None) -> Fault | None:
        """The fault for this call, counted as used."""
        fault = next((f for f in self._faults if f.hits(method, args)), None)
        if fault and fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
        return fault

    def record(self, method: str, args: dict[str, Any], error: str | None, fault: str = "") -> None:
        self.calls.append(Call(method, args, error, self._clock.now(), fault))

    def called(self, method: str) -> list[Call]:
        """The recorded calls of one method, oldest first."""
        return [c for c in self.calls if c.method == method]
