"""Which facts of an account are known, which are missing, and how fresh all of it is: pure, by the playbook's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.accounts import Account
from bot.domain.customer import Contact, ContactRole
from bot.domain.deals import Deal
from bot.domain.dossier import Agreement, Fact, KeyDate, RegularOrder
from bot.domain.rules import DossierRule

NECESSARY_WEIGHS, NICE_WEIGHS = 2, 1
DENIABLE = frozenset({Fact.DEALS, Fact.AGREEMENTS, Fact.KEY_DATES, Fact.REGULAR_ORDERS})
"""Facts of which somebody may say that there are none, which is then known (`Account.none_of`)."""


@dataclass(frozen=True)
class Dossier:
    """What the database holds about an account. `deals` are the open ones; nothing removed is in it.

    `entry_on`: the day of the latest line of its history, `touch_on`: of the latest contact with the customer.
    """

    account: Account
    contacts: Sequence[Contact] = ()
    deals: Sequence[Deal] = ()
    agreements: Sequence[Agreement] = ()
    key_dates: Sequence[KeyDate] = ()
    orders: Sequence[RegularOrder] = ()
    entry_on: date | None = None
    touch_on: date | None = None


@dataclass(frozen=True)
class Completeness:
    """`percent` of what the playbook wants, a necessary fact weighing twice; what is missing, in the rule's order."""

    percent: int
    necessary: tuple[Fact, ...]
    nice: tuple[Fact, ...]

    @property
    def missing(self) -> tuple[Fact, ...]:
        """Necessary ones first."""
        return self.necessary + self.nice


NOTHING_MISSING = Completeness(100, (), ())


@dataclass(frozen=True)
class Freshness:
    """`percent`: 100 on the day of the last word, 50 at the age that the playbook allows, 0 at twice that.

    `last_on`: that day; None while nobody has said anything. `stale`: older than the playbook allows.
    """

    percent: int
    last_on: date | None
    stale: bool


@dataclass(frozen=True)
class Evidence:
    """What tells which facts are known, however it was read: whether there is any of each kind.

    `undated`, `unsourced`: whether any open deal lacks its dates (`dated`), or its source. `none_of`: the kinds of
    which somebody said that there are none.
    """

    contact: bool
    decision_maker: bool
    reachable: bool
    needs: bool
    deals: bool
    undated: bool
    unsourced: bool
    agreements: bool
    key_dates: bool
    orders: bool
    next_order: bool
    crm_link: bool
    access: bool
    org_chart: bool
    none_of: frozenset[str]
    entry_on: date | None


def evidence_of(dossier: Dossier) -> Evidence:
    """Of an account of which everything is loaded."""
    account, deals, contacts = dossier.account, dossier.deals, dossier.contacts
    return Evidence(
        contact=bool(contacts),
        decision_maker=any(one.role == ContactRole.DECISION_MAKER for one in contacts),
        reachable=any(one.mail or one.phone for one in contacts),
        needs=bool(account.needs),
        deals=bool(deals),
        undated=not all(dated(one) for one in deals),
        unsourced=not all(one.source for one in deals),
        agreements=bool(dossier.agreements),
        key_dates=bool(dossier.key_dates),
        orders=bool(dossier.orders),
        next_order=account.next_order_on is not None,
        crm_link=bool(account.crm_link),
        access=account.access is not None,
        org_chart=bool(account.org_chart),
        none_of=frozenset(account.none_of or ()),
        entry_on=dossier.entry_on,
    )


def known(dossier: Dossier, rule: DossierRule, today: date) -> dict[Fact, bool]:
    """Of every fact, whether it is known."""
    return shown_by(evidence_of(dossier), rule, today)


def shown_by(there: Evidence, rule: DossierRule, today: date) -> dict[Fact, bool]:
    """Of every fact, whether it is known by this evidence."""
    no_deals = not there.deals and Fact.DEALS in there.none_of
    no_orders = not there.orders and Fact.REGULAR_ORDERS in there.none_of
    return {
        Fact.CONTACT: there.contact,
        Fact.DECISION_MAKER: there.decision_maker,
        Fact.REACHABLE: there.reachable,
        Fact.NEEDS: there.needs,
        Fact.DEALS: no_deals or (there.deals and not there.undated),
        Fact.LEAD_SOURCE: no_deals or (there.deals and not there.unsourced),
        Fact.AGREEMENTS: there.agreements or Fact.AGREEMENTS in there.none_of,
        Fact.KEY_DATES: there.key_dates or Fact.KEY_DATES in there.none_of,
        Fact.REGULAR_ORDERS: there.orders or Fact.REGULAR_ORDERS in there.none_of,
        Fact.NEXT_ORDER: no_orders or there.next_order,
        Fact.CRM_LINK: there.crm_link,
        Fact.NOTES: there.entry_on is not None and (today - there.entry_on).days <= rule.notes_days,
        Fact.ACCESS: there.access,
        Fact.ORG_CHART: there.org_chart,
    }


def dated(deal: Deal) -> bool:
    """Whether stage, amount and expected close of a deal are all there."""
    return bool(deal.stage) and deal.amount_minor is not None and deal.expected_close is not None


def completeness(facts: Mapping[Fact, bool], rule: DossierRule) -> Completeness:
    """How much of what the playbook wants is there; 100 where it wants nothing."""
    necessary = tuple(one for one in rule.necessary if not facts[one])
    nice = tuple(one for one in rule.nice if not facts[one])
    wanted = NECESSARY_WEIGHS * len(rule.necessary) + NICE_WEIGHS * len(rule.nice)
    lacks = NECESSARY_WEIGHS * len(necessary) + NICE_WEIGHS * len(nice)
    return Completeness(100 * (wanted - lacks) // wanted if wanted else 100, necessary, nice)


def freshness(dossier: Dossier, rule: DossierRule, today: date) -> Freshness:
    """By the latest of: the CRM's own data, a manager who attests, a contact with the customer."""
    account = dossier.account
    moments = (moment.date() for moment in (account.crm_at, account.attested_at) if moment is not None)
    last = max((*moments, *((dossier.touch_on,) if dossier.touch_on else ())), default=None)
    if last is None:
        return Freshness(0, None, stale=True)
    age = max(0, (today - last).days)
    return Freshness(max(0, 100 - 50 * age // rule.freshness_days), last, stale=age > rule.freshness_days)
