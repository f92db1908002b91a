"""What people see of a brief, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bot.domain.briefing import READ, Audience, Change
from bot.domain.commission import Commission
from bot.domain.customer import Contact
from bot.domain.deals import Deal
from bot.domain.dossier import Agreement, Entry, EntryKind, KeyDate, RegularOrder
from bot.domain.handoff import Handoff
from bot.domain.rules import PayMode
from bot.domain.special import Special, SpecialKind
from bot.domain.vocabulary import StepForm
from bot.store.briefs import Dossier, Version
from bot.usecases.brief.brief import AcceptanceView
from bot.usecases.brief.sections import Known, made
from bot.usecases.brief.views import BriefView, ReadBy, SectionView, on_paper
from bot.usecases.customers.customer_view import NOTHING_RECORDED, CustomerView
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view

LINK = "https://x.example/brief/" + "c" * 200


def dossier_of(handoff: Handoff, words: str = "", entries: int = 30) -> Dossier:
    """Everything that may be known about an account."""
    account = handoff.account
    account.territory, account.region, account.crm, account.crm_link = words[:120], words[:120], "salesforce", words
    account.crm_at, account.attested_at, account.attested_by_id = s.NOW, s.NOW, s.MIA.id
    account.needs, account.opportunities, account.org_chart = words[:3000], words[:3000], words[:3000]
    account.next_order_on, account.order_every_days, account.access = s.TODAY, 30, ["ordering", words[:100]]
    said, kinds = words or "Wants a quote", list(EntryKind)
    history = [
        s.numbered(
            Entry(1, account.id, kinds[n % 6], s.TODAY - timedelta(days=n), said[:3000], s.NOW, s.OLAF.id, link=LINK)
        )
        for n in range(entries)
    ]
    for one in history:
        one.by, one.settled_on = s.OLAF, s.TODAY if one.kind is EntryKind.COMPLAINT else None
    contact = Contact(1, account.id, said[:120], "trouble_maker", said[:120], "a@b.example", "+49 1", said[:1000])
    special = Special(1, account.id, SpecialKind.LICENSEE, said[:120], said[:1000], s.OLAF.id, s.TODAY, s.TODAY)
    special.owner = s.OLAF
    return Dossier(
        account=account,
        contacts=(contact,) * 5,
        orders=(RegularOrder(1, account.id, said[:200], said[:100], said[:500]),) * 5,
        agreements=(Agreement(1, account.id, said[:200], said[:1000], s.TODAY, s.TODAY),) * 5,
        specials=(special,),
        deals=(Deal(1, account.id, said[:100], s.NOW, said[:60], 10**15, "EUR", s.TODAY, source=said[:100]),) * 8,
        entries=tuple(history),
        older=entries > 100,
        dates=(KeyDate(1, account.id, said[:200], date(2020, 2, 29), yearly=True),) * 3,
        attested_by=s.MIA,
    )


def bare(handoff: Handoff) -> Dossier:
    return Dossier(handoff.account, (), (), (), (), (), (), False, (), None)


def brief_of(
    handoff: Handoff, dossier: Dossier | None = None, customer: CustomerView = NOTHING_RECORDED, *, insider: bool = True
) -> BriefView:
    """The brief as one reader sees it."""
    found = dossier or bare(handoff)
    deal = found.deals[0] if found.deals else None
    agreed = Commission(1, 1, 1, s.OLAF.id, s.INES.id, PayMode.SHARED, 1250, 3333, 6667, s.TODAY)
    terms = [(agreed, deal)] if deal else []
    whole = made(Known(found, handoff, customer, terms, today=s.TODAY)).seen_with(
        frozenset(Audience) if insider else ()
    )
    sections = tuple(SectionView(one.key, one.lines, one.digest, one.hidden) for one in whole.sections)
    return BriefView(handoff.account, handoff, sections, s.TODAY)


def read_and_kept(brief: BriefView) -> BriefView:
    """With everything that a manager sees beside it, and every state of reading."""
    states, sections = ("unread", "read", "changed"), []
    for number, one in enumerate(brief.sections):
        readers = tuple(ReadBy(s.INES, s.NOW, current) for current in (True, False)) * 15 if number % 2 else ()
        change = Change(frozenset({0}), one.lines[:3]) if number % 3 else one.change
        mine = states[number % 3] if one.key in READ else None
        sections.append(replace(one, mine=mine, read_at=s.NOW, readers=readers, change=change))
    versions = (Version(1, s.NOW, "accepted", {}), Version(2, s.NOW, "kept", {}))
    step = s.item(s.handoff().stages[0], form=StepForm.ATTEST)
    more = {"versions": versions, "compared": versions[1], "keeps": True, "attest": step}
    return replace(brief, sections=tuple(sections), **more)


def of_the_brief(words: str) -> Iterator[Case]:
    handoff = s.accepted(s.handoff(words))
    full = brief_of(handoff, dossier_of(handoff, words))
    for brief in (full, read_and_kept(full), brief_of(handoff, insider=False)):
        first = on_paper(brief, 0, LINK)
        for number in range(min(first.pages, 4)):
            yield view("brief", brief=on_paper(brief, number, LINK if number % 2 else None))
        for note in ("changed", "kept", "same"):
            yield view("brief", brief=on_paper(brief, 0, LINK, note))
    yield view("brief", brief=on_paper(replace(full, handoff=None), 0, None))
    for place in ("open", "accepted"):
        yield message("acceptance", acceptance=AcceptanceView(full, place))
