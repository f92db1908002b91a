"""The sections of the brief that change by the hour: what is missing, what is to be done, how fresh all of it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.domain.briefing import HEADING, Line, day, line, link, moment, number, person, text, word
from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.facts import Dossier as Facts
from bot.domain.facts import completeness, freshness
from bot.domain.facts import known as facts_known
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.rules import DossierRule
from bot.store.briefs import Dossier


def missing(dossier: Dossier, handoff: Handoff | None, rule: DossierRule, today: date) -> Iterator[Line]:
    """What the playbook wants to be known and is not; who has not answered yet."""
    lacks = completeness(facts_known(_facts(dossier), rule, today), rule)
    for kind, facts in (("necessary", lacks.necessary), ("nice", lacks.nice)):
        if facts:
            yield line(kind, *(word("facts", one.value) for one in facts))
    silent = [one for one in handoff.requests if one.open and not one.current] if handoff is not None else []
    if silent:
        yield line("silent", *(word("functions", one.function) for one in silent))


def _facts(found: Dossier) -> Facts:
    return Facts(
        found.account,
        found.contacts,
        found.deals,
        found.agreements,
        found.dates,
        found.orders,
        entry_on=max((one.happened_on for one in found.entries), default=None),
        touch_on=max((one.happened_on for one in found.entries if one.touch), default=None),
    )


def work(handoff: Handoff) -> Iterator[Line]:
    """What is next, still to do, done and skipped."""
    following = _next(handoff)
    if following is not None:
        yield _item("next", handoff, following)
    todo = [one for one in handoff.items if one.open and one.necessary and one is not following]
    groups = (
        ("todo", todo),
        ("done", [one for one in handoff.items if one.state is ItemState.DONE]),
        ("skipped", [one for one in handoff.items if one.state is ItemState.SKIPPED]),
    )
    for kind, items in groups:
        if items:
            yield line(HEADING, word("work", kind))
        for one in items:
            yield _item(kind, handoff, one)


def _next(handoff: Handoff) -> ChecklistItem | None:
    """The next necessary step of the stage at hand; of the one to come, for whoever is asked to take the account."""
    position = handoff.stage_position + (handoff.acceptance is Acceptance.ASKED)
    there = {stage.id for stage in handoff.stages if stage.position == position}
    items = [one for one in handoff.items if one.open]
    mine = [one for one in items if one.stage_id in there] or items
    return min(mine, key=lambda one: (not one.necessary, one.due_on or date.max), default=None)


def _item(kind: str, handoff: Handoff, item: ChecklistItem) -> Line:
    said = item.detail if item.detail and item.key is None else item.title  # a title may be cut, what is typed is not
    who = person(handoff.owner_of(item) if item.open else item.closed_by)
    due = day(item.due_on, "due") if item.open else None
    reason = text(item.skip_reason) if kind == "skipped" else None
    return line(kind, text(said), who, due, reason, link(item.evidence))


def fresh(dossier: Dossier, rule: DossierRule, today: date) -> Iterator[Line]:
    """How complete and how old all this is, and by whose word."""
    account, facts = dossier.account, _facts(dossier)
    lacks = completeness(facts_known(facts, rule, today), rule)
    yield line("score", number(lacks.percent, "complete"), number(freshness(facts, rule, today).percent, "fresh"))
    if account.crm:
        yield line("crm", word("crms", account.crm), moment(account.crm_at, "as_of"), link(account.crm_link))
    elif account.crm_link:
        yield line("crm", link(account.crm_link))
    if account.attested_at is not None:
        yield line("attested", moment(account.attested_at), person(dossier.attested_by, "by"))
    if facts.touch_on is not None:
        yield line("last_touch", day(facts.touch_on))
