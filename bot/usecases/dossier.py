"""Everything about what is known of an account, put together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.usecases.account_deals import AccountDeals
from bot.usecases.account_view import AccountViews
from bot.usecases.deals import Deals
from bot.usecases.desk import Desk
from bot.usecases.dossier_details import Details
from bot.usecases.dossier_things import Things


@dataclass(frozen=True)
class DossierDesk:
    views: AccountViews
    things: Things
    details: Details
    deals: AccountDeals


def dossier_desk(desk: Desk, deals: Deals) -> DossierDesk:
    """For one process."""
    return DossierDesk(AccountViews(desk), Things(desk), Details(desk), AccountDeals(desk, deals))
