"""The forms in which a handoff is changed, its history, and a newer playbook, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.adoption import mark, offers
from bot.domain.customer import Contact
from bot.domain.edits import facts, seen
from bot.domain.playbook_diff import Part, diff
from bot.domain.trail import fields
from bot.usecases.customers.customers import ContactForm
from bot.usecases.handoffs.adopting import AdoptView
from bot.usecases.handoffs.editing import EditView
from bot.usecases.views.history import HistoryView, Line
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view

VERBS = (
    "handoff.started", "handoff.edited", "handoff.adopted", "handoff.cancelled", "gate.overridden", "item.completed",
    "item.skipped", "item.assigned", "item.redated", "item.removed", "item.retired", "answer.redirected",
    "record.pulse", "new.verb", "coverage.offered", "special.kept", "deal.closed", "deal.corrected", "deal.imported",
)  # fmt: skip


def of_editing(words: str) -> Iterator[Case]:
    gone = s.handoff(words, 0, outgoing=None, outgoing_id=None, outgoing_name=words[:150], last_day=None, overseas=True)
    for handoff in (s.handoff(words), gone):
        known = facts(handoff)
        edit = EditView(handoff, seen(known, known))
        for newer in (True, False):
            yield view("edit", edit=replace(edit, declined=newer), newer=newer)
        yield view("edit_more", edit=edit)
        yield view("edit_account", edit=edit)
        yield message("moved", handoff=handoff, link="https://x.example/c")
        for link in ("https://x.example/c", ""):
            yield message("thread/moved", handoff=handoff, person=s.MIA.slack_id, channel="C0ACCOUNTS0", link=link)
        known_there = Contact(1, 1, (words or "Ada")[:120], mail="ada@acme.example")
        for contact, kept in ((known_there, [known_there.name, known_there.mail]), (None, [])):
            yield view("edit_contact", form=ContactForm(handoff, contact, kept))
        yield view("edit_contact", form=ContactForm(handoff, known_there, [], 500))
    yield from _of_history(words)
    yield from _of_adopting(words)


def _of_history(words: str) -> Iterator[Case]:
    account, text = s.handoff(words).account, words or "Because"
    owned = {"kind": "owner", "person_id": s.OLAF.id, "from": "2026-11-23", "until": "2026-12-28", "confirmed": True}
    offer = {**owned, "kind": "cover", "from": "2026-12-28", "until": "2027-01-28", "confirmed": False}
    nobody = {**owned, "kind": "vacant", "person_id": None, "from": "2027-01-28", "until": None}
    after = {
        "line": [owned, offer, {**offer, "confirmed": True}, nobody], "kind": "licensee",
        "incoming": s.INES.id, "last_day": "2026-12-18", "tier": "key", "benefit": text, "quiet": True, "reason": text,
        "skip_reason": text, "channel": "C0ACCOUNTS0", "owner_id": s.OLAF.id,
        "left": [text[:150]] * 20, "answers": {text[:40]: text},
        text[:30]: 7,
    }  # fmt: skip
    told = {one.name: one for one in fields({**after, "tier": text}, after, {p.id: p for p in (s.INES, s.OLAF)})}
    lines = tuple(Line(n, s.NOW, s.MIA, verb, text[:150], told) for n, verb in enumerate(VERBS))
    lines += (replace(lines[-1], by=None), replace(lines[-2], by=None))
    for shown, older in ((lines, 7), ((replace(lines[0], by=None, fields={}, whole=False),), None), ((), None)):
        history = HistoryView(account, shown, older, s.TODAY, (account,) * 3 if older else ())
        for file in ("https://x.example/f", None):
            yield message("private/history", view=history, file=file)
        yield view("history", view=history)


def _of_adopting(words: str) -> Iterator[Case]:
    handoff = s.handoff(words, 12)
    books = s.LIBRARY.playbooks
    for old, new in ((books[0], books[1]), (books[1], books[1])):
        found = offers(handoff, old, new, [item.key for item in handoff.items if item.key])
        if old is not new:
            found = tuple(replace(one, title=words[:150] or one.title) for one in found)
        whole = tuple(one for one in diff(old, new) if one.part in (Part.LADDER, Part.RULES))
        adopt = AdoptView(handoff, old, new, found, whole, mark(found, old, new), (words[:150] or "Prepare",) * 9)
        yield view("adopt", adopt=adopt, batches=[found[n : n + 10] for n in range(0, len(found), 10)])
