"""Which domain class lives in which table, and how its parts are loaded.

An aggregate loads its own parts with it; people are loaded in one query beforehand (`bot/store/loading.py`), after
which reading `handoff.manager` costs nothing. Any other lazy load is an error (DESIGN section 5, rule 3).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import RelationshipProperty, configure_mappers, registry, relationship

from bot.domain.accounts import Account, Coverage
from bot.domain.checklist import ChecklistItem
from bot.domain.commission import Commission
from bot.domain.customer import Contact
from bot.domain.deals import Deal, WorkEntry
from bot.domain.dossier import Agreement, Entry, KeyDate, RegularOrder
from bot.domain.feedback import Answer, FeedbackRequest
from bot.domain.handoff import Handoff, StageRun
from bot.domain.people import Person
from bot.domain.phases import PhaseSpan
from bot.domain.records import Record
from bot.domain.special import Special
from bot.domain.territory import Run, RunLine
from bot.domain.vocabulary import Role
from bot.store import dossier, territories
from bot.store import schema as t
from bot.store.columns import metadata

mapper_registry = registry(metadata=metadata)


def _person(column: Column[int | None]) -> RelationshipProperty[Person]:
    return relationship(Person, foreign_keys=[column], viewonly=True, lazy="raise_on_sql")


def start_mappers() -> None:
    """Map once per process; later calls change nothing."""
    if mapper_registry.mappers:
        return
    mapper_registry.map_imperatively(Person, t.people)
    mapper_registry.map_imperatively(Account, t.accounts)
    mapper_registry.map_imperatively(Coverage, t.coverage, properties={"person": _person(t.coverage.c.person_id)})
    mapper_registry.map_imperatively(PhaseSpan, t.phases)
    mapper_registry.map_imperatively(Record, t.records, properties={"by": _person(t.records.c.by_id)})
    mapper_registry.map_imperatively(Contact, t.contacts)
    mapper_registry.map_imperatively(Deal, t.deals)
    mapper_registry.map_imperatively(Commission, t.commissions)
    mapper_registry.map_imperatively(WorkEntry, t.work_log, properties={"by": _person(t.work_log.c.by_id)})
    mapper_registry.map_imperatively(
        Special,
        t.special_relationships,
        properties={"owner": _person(t.special_relationships.c.owner_id)},
    )
    _map_dossier()
    mapper_registry.map_imperatively(Run, territories.runs)
    mapper_registry.map_imperatively(RunLine, territories.run_lines)
    _map_parts()
    _map_handoff()
    configure_mappers()


def _map_dossier() -> None:
    mapper_registry.map_imperatively(Entry, dossier.entries, properties={"by": _person(dossier.entries.c.by_id)})
    mapper_registry.map_imperatively(RegularOrder, dossier.regular_orders)
    mapper_registry.map_imperatively(Agreement, dossier.agreements)
    mapper_registry.map_imperatively(KeyDate, dossier.key_dates)


def _map_parts() -> None:
    mapper_registry.map_imperatively(StageRun, t.stages, properties={"left_by": _person(t.stages.c.left_by_id)})
    items = t.checklist_items
    mapper_registry.map_imperatively(
        ChecklistItem,
        items,
        properties={"closed_by": _person(items.c.closed_by_id), "owner": _person(items.c.owner_id)},
    )
    mapper_registry.map_imperatively(Answer, t.answers)
    requests = t.feedback_requests
    mapper_registry.map_imperatively(
        FeedbackRequest,
        requests,
        properties={
            "answers": relationship(
                Answer, order_by=[t.answers.c.at, t.answers.c.id], lazy="selectin", cascade="all, delete-orphan"
            ),
            "asked": _person(requests.c.asked_id),
            "closed_by": _person(requests.c.closed_by_id),
        },
    )


def _map_handoff() -> None:
    handoffs = t.handoffs
    parts: dict[str, Any] = {"lazy": "raise", "cascade": "all, delete-orphan"}
    mapper_registry.map_imperatively(
        Handoff,
        handoffs,
        properties={
            # loaded on demand only to name the account in a refusal; whole_handoff brings it along
            "account": relationship(Account, viewonly=True, lazy="select"),
            "stages": relationship(StageRun, order_by=t.stages.c.position, **parts),
            "items": relationship(
                ChecklistItem, order_by=[t.checklist_items.c.position, t.checklist_items.c.id], **parts
            ),
            "requests": relationship(FeedbackRequest, order_by=t.feedback_requests.c.id, **parts),
            **{role.value: _person(handoffs.c[f"{role.value}_id"]) for role in Role},
        },
    )
