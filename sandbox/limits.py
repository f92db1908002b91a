"""Rate limits as token buckets on the sandbox clock. Slack names a rate and tolerates bursts without a number.

Chosen here: a tier's bucket holds one minute's worth (20, 50, 100 calls) and refills evenly over a minute; posting
holds `POST_BURST` messages per channel and refills one a second; all posts of a workspace share 300 a minute.
Source: docs.slack.dev/apis/web-api/rate-limits (rates); the bucket sizes are this sandbox's choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from sandbox.clock import Clock

TIERS = {"1": 1, "2": 20, "3": 50, "4": 100, "special": 600, "posting": 300}
"""Calls per minute and method."""
POST_BURST = 5
POSTS_PER_SECOND = 1.0


@dataclass
class Bucket:
    """Tokens left at a moment; `rate` is tokens per second."""

    capacity: float
    rate: float
    tokens: float
    at: datetime

    def take(self, now: datetime) -> int:
        """Take one token: 0 when there was one, else the whole seconds until there will be."""
        passed = max(0.0, (now - self.at).total_seconds())
        self.tokens = min(self.capacity, self.tokens + passed * self.rate)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        return max(1, math.ceil((1 - self.tokens) / self.rate))


class RateLimits:
    """All buckets of one app in one workspace. `enabled = False` lets everything through.

    `post_burst = 1` is as strict as Slack's word: one message a second in a channel, and not five at once.
    """

    def __init__(self, clock: Clock) -> None:
        self.enabled = True
        self.post_burst = POST_BURST
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def spend(self, method: str, tier: str) -> int:
        """Count one call of a method. Returns 0, or the seconds to wait (Retry-After)."""
        per_minute = TIERS[tier]
        return self._take(method, per_minute, per_minute / 60)

    def spend_post(self, channel_id: str) -> int:
        """Count one message in a channel. Returns 0, or the seconds to wait."""
        return self._take(f"post:{channel_id}", self.post_burst, POSTS_PER_SECOND)

    def reset(self) -> None:
        """Fill every bucket."""
        self._buckets.clear()

    def _take(self, key: str, capacity: float, rate: float) -> int:
        if not self.enabled:
            return 0
        now = self._clock.now()
        bucket = self._buckets.setdefault(key, Bucket(capacity, rate, capacity, now))
        return bucket.take(now)
