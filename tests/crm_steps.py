"""What the stories of the CRM have in common: deliveries, as they come from its page, and the events in them."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from bot.crm.schema import Delivery
from bot.usecases.crm.work import Receipt
from tests.town import Town

EIGHT = "2026-11-23T08:00:00Z"


def crm(town: Town, *events: dict[str, Any]) -> Receipt:
    """One delivery, as it comes from the page."""
    number = uuid4().hex
    body = {"id": number, "system": "salesforce", "events": [{"at": EIGHT, **one} for one in events]}
    receipt = town.bot.crm.inbound.take(Delivery.model_validate_json(json.dumps(body)), number)
    town.settle()
    return receipt


def account(name: str = "Acme", number: str = "001A", at: str = EIGHT, **facts: Any) -> dict[str, Any]:
    return {"type": "account.upsert", "at": at, "account": {"id": number, "name": name, **facts}}


def deal(at: str = EIGHT, **facts: Any) -> dict[str, Any]:
    return {"type": "deal.upsert", "at": at, "deal": {"id": "006", "account_id": "001A", "name": "Pumps", **facts}}
