"""What is known about an account beside who serves it: notes, touches, complaints, orders, agreements, key dates."""

from __future__ import annotations

from enum import StrEnum


class EntryKind(StrEnum):
    """What a line of an account's history is. A touch is a contact with the customer; a note is none."""

    NOTE = "note"
    CALL = "call"
    VISIT = "visit"
    MAIL = "mail"
    MEETING = "meeting"
    COMPLAINT = "complaint"


TOUCHES = frozenset({EntryKind.CALL, EntryKind.VISIT, EntryKind.MAIL, EntryKind.MEETING})
"""The kinds that are contacts with the customer."""
