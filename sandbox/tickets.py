"""What an interaction hands to the app for a while: trigger ids (3 s, once) and response URLs (30 min, 5 uses)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.model import Where

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5


class TicketError(Exception):
    """The ticket cannot be used; `code` is Slack's error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Trigger:
    """`view_id` is the modal it came from, `channel_id` the conversation, if it came from one."""

    id: str
    user_id: str
    issued: datetime
    view_id: str | None = None
    channel_id: str | None = None
    used: bool = False


@dataclass
class ResponseTicket:
    """`origin` is the message or ephemeral whose element was clicked; None for commands and modals."""

    token: str
    user_id: str
    channel_id: str
    issued: datetime
    origin: Where | None = None
    uses: int = 0


class Tickets:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseTicket] = {}
        self._sockets: set[str] = set()

    def trigger(self, user_id: str, view_id: str | None = None, channel_id: str | None = None) -> str:
        """Issue a trigger id."""
        number = len(self._triggers) + 1
        key = f"{number}.{int(self._clock.now().timestamp())}.{number:032x}"
        self._triggers[key] = Trigger(key, user_id, self._clock.now(), view_id, channel_id)
        return key

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger. Raises TicketError: invalid_trigger_id, exchanged_trigger_id or expired_trigger_id."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise TicketError("invalid_trigger_id")
        if trigger.used:
            raise TicketError("exchanged_trigger_id")
        if self._clock.now() - trigger.issued > TRIGGER_LIFE:
            raise TicketError("expired_trigger_id")
        trigger.used = True
        return trigger

    def response(self, user_id: str, channel_id: str, origin: Where | None = None) -> str:
        """Issue a response ticket; returns the last part of its URL."""
        token = f"{len(self._responses) + 1:024d}"
        self._responses[token] = ResponseTicket(token, user_id, channel_id, self._clock.now(), origin)
        return token

    def socket(self) -> str:
        """Issue the ticket for one Socket Mode connection."""
        token = f"{len(self._sockets) + 1:012d}"
        self._sockets.add(token)
        return token

    def admit(self, token: str) -> bool:
        """Whether a Socket Mode connection may be opened with this ticket."""
        return token in self._sockets

    def respond(self, token: str) -> ResponseTicket:
        """Count one use. Raises TicketError: no_such_url, expired_url or used_url."""
        ticket = self._responses.get(token)
        if ticket is None:
            raise TicketError("no_such_url")
        if self._clock.now() - ticket.issued > RESPONSE_LIFE:
            raise TicketError("expired_url")
        if ticket.uses >= RESPONSE_USES:
            raise TicketError("used_url")
        ticket.uses += 1
        return ticket
