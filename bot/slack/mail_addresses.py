"""Who in Slack has a mail address, where the workspace lets Baton ask (the scope users:read.email)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock

from bot.clock import Clock
from bot.slack.failures import Kind, SlackFailure
from bot.slack.gateway import Gateway

log = logging.getLogger(__name__)

KEPT = timedelta(minutes=30)
"""From the look at a file to its import, mostly. Only in memory: addresses are not stored."""
NOBODY = "users_not_found"


class MailAddresses:
    """Slack allows about 50 questions a minute: once it says no, the rest waits for another look at the file."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self._gateway, self._clock, self._lock = gateway, clock, Lock()
        self._known: dict[str, tuple[datetime, str]] = {}

    def __call__(self, mails: Sequence[str]) -> Mapping[str, str]:
        """Slack ids by address, "" where there is nobody; what could not be asked is left out."""
        now = self._clock.now()
        with self._lock:
            self._known = {mail: one for mail, one in self._known.items() if now - one[0] < KEPT}
            for mail in mails:
                if mail in self._known:
                    continue
                try:
                    self._known[mail] = (now, self._gateway.user_by_mail(mail).id)
                except SlackFailure as failure:
                    if failure.error != NOBODY:
                        told = log.info if failure.kind in (Kind.WAIT, Kind.FORBIDDEN) else log.warning
                        told("mail addresses could not be looked up any more: %s", failure)
                        break
                    self._known[mail] = (now, "")
            return {mail: self._known[mail][1] for mail in mails if mail in self._known}
