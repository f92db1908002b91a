"""Everything about what is known of an account, put together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.usecases.accounts.dossier_details import Details
from bot.usecases.accounts.dossier_things import Things
from bot.usecases.accounts.view import AccountViews
from bot.usecases.deals.account_deals import AccountDeals
from bot.usecases.deals.deals import Deals
from bot.usecases.desk import Desk


@dataclass(frozen=True)
class DossierDesk:
    views: AccountViews
    things: Things
    details: Details
    deals: AccountDeals


def dossier_desk(desk: Desk, deals: Deals) -> DossierDesk:
    """For one process."""
    return DossierDesk(AccountViews(desk), Things(desk), Details(desk), AccountDeals(desk, deals))
