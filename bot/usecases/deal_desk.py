"""Everything about deals and commissions, put together: what `bot/app.py` would else have to know one by one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.signed_links import SignedLinks
from bot.usecases.checklist import Checklist
from bot.usecases.commission import Commissions
from bot.usecases.deals import Deals
from bot.usecases.desk import Desk
from bot.usecases.pay_file import PayFile
from bot.usecases.settling import Settling
from bot.usecases.worklog import WorkLog


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
