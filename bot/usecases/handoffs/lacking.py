"""What the playbook wants to be known about an account and is not, while its handoff stands at the gate that asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.facts import NOTHING_MISSING, Completeness, completeness, shown_by
from bot.domain.gate import wants_facts
from bot.domain.handoff import Handoff
from bot.domain.rules import DossierRule
from bot.store.evidence import evidence_in
from bot.store.glance import Place
from bot.usecases.workspace.playbooks import playbooks_by_id


def lacking(session: Session, handoff: Handoff, rule: DossierRule, today: date) -> Completeness:
    """Of one handoff; nothing where no gate asks for facts, and no query then. `rule` is its playbook's."""
    return unsaid(session, handoff, rule, today) if wants_facts(handoff, handoff.stage.hands_over) else NOTHING_MISSING


def unsaid(session: Session, handoff: Handoff, rule: DossierRule, today: date) -> Completeness:
    """The same wherever the handoff stands."""
    if not (rule.necessary or rule.nice):
        return NOTHING_MISSING
    return completeness(shown_by(evidence_in(session, [handoff.id])[handoff.id], rule, today), rule)


def lacking_in(session: Session, shown: Sequence[Place], today: date) -> Mapping[int, Completeness]:
    """Of many at a glance, by handoff, with one query for their playbooks and one for the facts of all."""
    asking = [one.handoff for one in shown if wants_facts(one.handoff, one.stage.hands_over)]
    if not asking:
        return {}
    playbooks = playbooks_by_id(session, [one.playbook_id for one in asking])
    rules = {one.id: playbooks[one.playbook_id].rules.dossier for one in asking}
    there = evidence_in(session, [number for number, rule in rules.items() if rule.necessary])
    return {n: completeness(shown_by(found, rules[n], today), rules[n]) for n, found in there.items()}
