"""The view of an account, its lists and its forms, with everything they may have to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.domain.accounts import Account
from bot.domain.customer import Contact, ContactRole
from bot.domain.deals import Deal, DealState
from bot.domain.dossier import Agreement, Entry, EntryKind, Fact, KeyDate, Reach, RegularOrder
from bot.domain.facts import Completeness, Freshness
from bot.domain.money import Money
from bot.usecases.accounts.dossier_details import DetailForm, Part
from bot.usecases.accounts.dossier_things import ThingForm
from bot.usecases.accounts.view import AccountView, ContactLine, DateLine
from bot.usecases.coverage.cover_views import AccountCover
from bot.usecases.deals.account_deals import AccountClosing, AccountDealForm
from handlers.account import LISTED, SHOWN, Removed
from tests.decisions import samples as s
from tests.decisions.shown import Case, view

NOUNS = ("contact", "agreement", "key_date", "order")


def _account(words: str) -> Account:
    account: Account = s.numbered(Account(1, words[:120] or "Acme"))
    account.needs = account.opportunities = account.org_chart = words[:2000] or "Quiet machines"
    account.crm_link = f"https://crm.example/{words[:900]}"
    account.region = account.territory = words[:120] or "North"
    account.next_order_on, account.order_every_days = s.TODAY - timedelta(days=1), 30
    account.access, account.attested_at, account.attested_by_id = [*Reach], s.NOW, s.MIA.id
    return account


def account_view(words: str, many: int = 6) -> AccountView:
    account = _account(words)
    short, day = words[:120] or "Ada Lind", s.TODAY + timedelta(days=3)
    contacts = [
        s.numbered(Contact(1, 1, short, role, short, "ada@acme.example", words[:60], words[:2000]))
        for role in ContactRole
    ]
    deals = [
        s.numbered(Deal(1, 1, short[:100], s.NOW, words[:60], 1250000, "EUR", day, source=words[:100]))
        for _ in range(many)
    ]
    closed = [
        s.numbered(
            Deal(1, 1, short[:100], s.NOW, words[:60], 1250000, "EUR", day, source=words[:100], crm_id=words[:9])
        )
        for _ in range(min(many, 30))
    ]
    for one in closed:
        one.close(DealState.WON, Money(10**15 - 1, "EUR"), s.TODAY)
    closed[0].closed_minor = None
    closed[-1].close(DealState.LOST, None, s.TODAY)
    agreements = [
        s.numbered(Agreement(1, 1, short, words[:2000], s.TODAY - timedelta(days=9), s.TODAY, day)) for _ in range(many)
    ]
    agreements += [s.numbered(Agreement(1, 1, short, "", None, s.TODAY - timedelta(days=1)))]
    dates = [s.numbered(KeyDate(1, 1, short, day, yearly=True)) for _ in range(many)]
    orders = [s.numbered(RegularOrder(1, 1, words[:200] or "Boxes", short, words[:2000])) for _ in range(many)]
    entries = [s.numbered(Entry(1, 1, kind, s.TODAY, words[:2000] or "Called", s.NOW)) for kind in EntryKind]
    entries[-1].by, entries[-1].settled_on = s.OLAF, s.TODAY
    return AccountView(
        account=account,
        cover=AccountCover(account, s.OLAF, s.TODAY, None, None, None, 0, None, s.TODAY),
        handoff_id=None,
        score=Completeness(55, (Fact.CONTACT, Fact.NEEDS), tuple(Fact)),
        fresh=Freshness(40, s.TODAY - timedelta(days=99), stale=True),
        attested_by=s.MIA,
        contacts=tuple(ContactLine(one, one.role, one.note, crm=True) for one in contacts),
        deals=tuple(deals),
        agreements=tuple(agreements),
        key_dates=(DateLine(dates[0], None), *(DateLine(one, one.day) for one in dates[1:])),
        orders=tuple(orders),
        entries=tuple(entries),
        edits=True,
        attests=True,
        today=s.TODAY,
        others=(account,) * 5,
        closed=tuple(closed),
    )


def of_accounts(words: str) -> Iterator[Case]:
    full = account_view(words)
    bare = Account(1, words[:120] or "Acme", crm="salesforce", none_of=["agreements"])
    bare.id = 1
    nobody = AccountCover(bare, None, None, None, None, None, 0, None, s.TODAY)
    empty = AccountView(
        bare, nobody, None, Completeness(0, (), (Fact.NEEDS,)),
        Freshness(0, None, stale=True), None, (), None, (), (), (), (), edits=False, attests=False, today=s.TODAY,
    )  # fmt: skip
    fresh = replace(full, fresh=Freshness(90, s.TODAY, stale=False), edits=False, attests=False)
    for shown in (full, empty, fresh, replace(empty, edits=True, deals=())):
        yield view("account/shown", view=shown)
    many = account_view(words, 50)
    for noun in ("deal", *NOUNS):
        for one in (many, replace(empty, edits=True), replace(full, deals=()), fresh):
            yield view("account/listed", view=one, noun=noun)
        yield view("account/listed", view=full, noun=noun, removed=Removed(7, words or "Ada Lind"))
    for noun, thing in zip(
        NOUNS, (full.contacts[0].contact, full.agreements[0], full.key_dates[0].key_date, full.orders[0]), strict=True
    ):
        form = ThingForm(full.account, noun, thing, "user", words, tuple(ContactRole), False, False, s.TODAY)
        yield view("account/thing", form=form, below=LISTED)
        yield view("account/thing", form=replace(form, from_crm=True), below=SHOWN)
        yield view("account/thing", form=replace(form, role="", note="", roles=()), below=SHOWN)
        yield view("account/thing", form=replace(form, thing=None, role="", denies=noun != "contact"), below=None)
    for part in Part:
        form = DetailForm(full.account, part, False, False, s.TODAY)
        yield view("account/detail", form=form, below=SHOWN)
        yield view("account/detail", form=DetailForm(bare, part, True, True, s.TODAY), below=None)
    deal = (full.deals or ())[0]
    yield view("account/deal", form=AccountDealForm(full.account, deal, s.OLAF, "EUR", False, False), below=LISTED)
    yield view("account/deal", form=AccountDealForm(full.account, deal, None, "EUR", True, False), below=LISTED)
    for shared in (True, False):
        for ended in (deal, full.closed[0], full.closed[-1], s.numbered(Deal(1, 1, deal.name, s.NOW))):
            yield view("account/close", form=AccountClosing(full.account, ended, s.TODAY, shared), below=LISTED)
    yield view("account/deal", form=AccountDealForm(full.account, None, None, "", False, True), below=SHOWN)
