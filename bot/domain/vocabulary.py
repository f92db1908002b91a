"""The words of the product, exactly as PRODUCT section 1 has them; what people read for them stands in the templates.

The functions that give feedback are plain strings, because a workspace may add its own.
"""

from __future__ import annotations

from enum import StrEnum


class SalesChannel(StrEnum):
    """How the customer buys; it adds steps to the checklist (A24, A31, A33)."""

    DIRECT = "direct"
    PARTNER = "partner"
    PRIVATE_LABEL = "private_label"
    LICENSEE = "licensee"
    JOINT_VENTURE = "joint_venture"


class Tier(StrEnum):
    """How much hangs on the account; it adds support and shortens patience (A26, A27)."""

    STRATEGIC = "strategic"
    KEY = "key"
    STANDARD = "standard"


class Role(StrEnum):
    """What a person is on one handoff; every role may be empty, one person may hold several (U21, C16)."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"
    MANAGER = "manager"
    COVER = "cover"
    INSIDE = "inside"
    HELPER = "helper"


class Reason(StrEnum):
    """Why the account changes hands (A4, C8); it chooses the playbook (A5)."""

    RETIREMENT = "retirement"
    PROMOTION = "promotion"
    TERRITORY_CHANGE = "territory_change"
    ACCOUNT_SHIFT = "account_shift"
    VOLUNTARY = "voluntary"
    TERMINATION = "termination"
    STAGE_MOVE = "stage_move"
    CAMPAIGN_MOVE = "campaign_move"


CREDIT = "credit"
WARRANTY = "warranty"
MARKETING = "marketing"
INSIDE_SALES = "inside_sales"
SHIPPED_FUNCTIONS = (CREDIT, WARRANTY, MARKETING, INSIDE_SALES)
