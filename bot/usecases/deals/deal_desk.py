"""Everything about deals and commissions, put together: what `bot/app.py` would else have to know one by one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.files.signed_links import SignedLinks
from bot.usecases.deals.commission import Commissions
from bot.usecases.deals.deals import Deals
from bot.usecases.deals.pay_file import PayFile
from bot.usecases.deals.settling import Settling
from bot.usecases.deals.worklog import WorkLog
from bot.usecases.desk import Desk
from bot.usecases.handoffs.checklist import Checklist


@dataclass(frozen=True)
class DealDesk:
    deals: Deals
    settling: Settling
    terms: Commissions
    log: WorkLog
    pay: PayFile


def deal_desk(desk: Desk, checklist: Checklist, links: SignedLinks) -> DealDesk:
    """For one process."""
    return DealDesk(
        deals=Deals(desk, checklist),
        settling=Settling(desk),
        terms=Commissions(desk, checklist),
        log=WorkLog(desk, checklist),
        pay=PayFile(desk, links),
    )
