"""What is written down about an account: the answers, the form, the history; and the days that come up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.domain.accounts import Account
from bot.domain.dossier import Entry, EntryKind
from bot.usecases.accounts.account_dates import OrderForm
from bot.usecases.accounts.capture import CaptureForm, Choose, Said
from bot.usecases.accounts.entries import EntriesView, Shown
from bot.usecases.accounts.keeping import Captured
from bot.usecases.nudges.alarms import AlarmsView, Line
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view

LINK = "https://x.slack.com/archives/C1/p1?thread_ts=1.2&cid=C1"


def entry(words: str, kind: EntryKind, removed: bool = False, settled: bool = False) -> Entry:
    one: Entry = s.numbered(Entry(1, 1, kind, s.TODAY, words[:3000] or "They want a quote by Friday.", s.NOW, s.MIA.id))
    one.by, one.link = s.MIA, LINK
    one.removed_at, one.settled_on = s.NOW if removed else None, s.TODAY if settled else None
    return one


def of_capture(words: str) -> Iterator[Case]:
    account = s.handoff(words).account
    lines = [entry(words, kind) for kind in EntryKind]
    lines += [entry(words, EntryKind.COMPLAINT, settled=True), entry(words, EntryKind.CALL, removed=True)]
    for one in lines:
        captured = Captured(one, account, s.TODAY, words[:60], thread=True)
        for shown in (captured, replace(captured, told=True), replace(captured, thread=False, because="")):
            yield message("private/captured", captured=shown)
            yield view("captured", captured=shown)
        yield message("thread/entry", entry=one)
    some = tuple(s.numbered(Account(1, (words or f"Acme {number}")[:120])) for number in range(6))
    for choose in (
        Choose(some, words[:120]),
        Choose(some[:3], words[:120], nearest=True),
        Choose((), "?", nearest=True),
    ):
        yield message("private/which_account", choose=choose)
    for first in (True, False):
        sentence = "That is too long: 3000 characters at most."
        yield message("private/given_back", sentence=sentence, pieces=[words[:2900] or "A word"] * 3, first=first)
    form = CaptureForm(account, EntryKind.NOTE, words[:3000], s.TODAY)
    said = Said(words[:3000], "message:C1:1.2", LINK)
    for shown_form in (form, replace(form, account=None, said=said), replace(form, fixed=True, talked=True)):
        yield view("capture", form=shown_form)
    yield view("capture", form=replace(form, fixed=True, entry=lines[0]))
    yield view("capture", form=replace(form, said=replace(said, text="Pallets and more " * 200)))
    all_of_them = tuple(Shown(one, one.id % 2 == 0, one.id % 3 == 0) for one in lines[:-1])
    whole = EntriesView(account, all_of_them, EntryKind.COMPLAINT, (s.TODAY, 7), False, 3, s.TODAY)
    yield view("entries", view=whole)
    yield view("entries", view=replace(whole, lines=(), kind=None, older=None, first=True, open_complaints=0))
    yield view("entries", view=replace(whole, lines=(), older=None))


def of_account_dates(words: str) -> Iterator[Case]:
    account = s.handoff(words).account
    about = {"account": account.name, "account_id": account.id, "day": s.TODAY + timedelta(days=3), "id": 5}
    lines = [
        Line(
            kind, {**about, "title": words[:150] or "Founded 50 years ago", "yearly": True, "late": late, "id": number}
        )
        for number, (kind, late) in enumerate(
            (kind, late) for kind in ("key_date", "order", "expiry") for late in (False, True)
        )
    ]
    yield message("alarms", alarms=AlarmsView(s.MIA, tuple(lines[:1]), s.TODAY))
    yield message("alarms", alarms=AlarmsView(s.MIA, (*lines[:3], *lines[4:]), s.TODAY))
    for every in (None, 30):
        yield view("form/order", form=OrderForm(account, every))
