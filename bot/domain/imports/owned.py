"""What belongs to the CRM where it is the record: no other file changes it here (E30)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.domain.imports.report import ImportKind
from bot.domain.refusals import Refusal

NAMES = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
OWNED: Mapping[ImportKind, frozenset[str]] = {
    ImportKind.ACCOUNTS: frozenset({"name", "crm_id", "crm_link"}),
    ImportKind.CONTACTS: frozenset({"name", "crm_id", "title", "mail", "phone", "account_id"}),
    ImportKind.DEALS: frozenset(
        {"name", "crm_id", "stage", "amount_minor", "currency", "expected_close", "state", "account_id"}
    ),
}


class CrmsOwn(Refusal):
    sentence = "%(crm)s is the record of this: change it there, and bring its export."


def not_ours(kind: ImportKind, crm: str, system: str, fields: Collection[str]) -> CrmsOwn | None:
    """Why these fields cannot be changed by a file of `system`, where `crm` is the record (empty: none is)."""
    if not crm or crm == system or not OWNED[kind] & set(fields):
        return None
    return CrmsOwn(crm=NAMES.get(crm, crm))
