"""A playbook as JSON and back: what a running handoff stores of the version it started with (U26).

Stored playbooks outlive the code that wrote them: a missing key takes today's default, an unknown one is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from bot.domain.dossier import Fact
from bot.domain.pack import content_version
from bot.domain.playbook import Anchor, Ask, Condition, Due, Ladder, Match, Playbook, Repeat, Stage, Step
from bot.domain.rules import (
    CommissionRule,
    CoverRule,
    CustomerRule,
    DossierRule,
    LeavingRule,
    PayMode,
    PhaseTargets,
    Rules,
    SupportRule,
)
from bot.domain.vocabulary import Reason, Role, SalesChannel, StepForm, Tier

Stored = Mapping[str, Any]


def playbook_to_dict(playbook: Playbook) -> dict[str, Any]:
    """Plain dicts, lists, strings, numbers and booleans; sets are sorted lists."""
    plain: dict[str, Any] = _plain(asdict(playbook))
    return plain


def playbook_from_dict(stored: Stored) -> Playbook:
    """The inverse of `playbook_to_dict`; KeyError or ValueError for what never was a playbook."""
    return Playbook(
        **_known(
            Playbook,
            stored,
            match=_match(stored["match"]),
            stages=tuple(_stage(stage) for stage in stored["stages"]),
            feedback=tuple(_ask(ask) for ask in stored.get("feedback", ())),
            ladder=_ladder(stored.get("ladder", {})),
            rules=_rules(stored.get("rules", {})),
        )
    )


def with_version(playbook: Playbook) -> Playbook:
    """The same playbook, its `version` computed from its content."""
    return replace(playbook, version=content_version(playbook_to_dict(playbook)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(part) for part in value)
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, str) else value


def _known(kind: type[Any], stored: Stored, **converted: Any) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {key: value for key, value in stored.items() if key in names} | converted


def _due(stored: Stored) -> Due:
    return Due(Anchor(stored["anchor"]), stored["working_days"])


def _condition(stored: Stored) -> Condition:
    return Condition(
        frozenset(SalesChannel(name) for name in stored.get("sales_channels", ())),
        frozenset(Tier(name) for name in stored.get("tiers", ())),
        stored.get("overseas"),
    )


def _match(stored: Stored) -> Match:
    return Match(
        frozenset(Reason(name) for name in stored.get("reasons", ())),
        frozenset(SalesChannel(name) for name in stored.get("sales_channels", ())),
        frozenset(Tier(name) for name in stored.get("tiers", ())),
    )


def _stage(stored: Stored) -> Stage:
    return Stage(**_known(Stage, stored, due=_due(stored["due"]), steps=tuple(_step(step) for step in stored["steps"])))


def _step(stored: Stored) -> Step:
    repeat, form = stored.get("repeat"), stored.get("form")
    return Step(
        **_known(
            Step,
            stored,
            owner=Role(stored["owner"]),
            due=_due(stored["due"]),
            when=_condition(stored.get("when", {})),
            repeat=None if repeat is None else Repeat(repeat["times"], repeat["every"]),
            form=None if form is None else StepForm(form),
        )
    )


def _ask(stored: Stored) -> Ask:
    due = stored.get("due")
    return Ask(**_known(Ask, stored, due=None if due is None else _due(due), when=_condition(stored.get("when", {}))))


def _ladder(stored: Stored) -> Ladder:
    heads_up = tuple(stored.get("heads_up", Ladder.heads_up))
    return Ladder(**_known(Ladder, stored, heads_up=heads_up))


def _rules(stored: Stored) -> Rules:
    leaving, pay = stored.get("leaving", {}), stored.get("commission", {})
    roles = {"items_to": Role(leaving["items_to"])} if "items_to" in leaving else {}
    modes = {"mode": PayMode(pay["mode"])} if "mode" in pay else {}
    return Rules(
        phases=PhaseTargets(**_known(PhaseTargets, stored.get("phases", {}))),
        customer=CustomerRule(**_known(CustomerRule, stored.get("customer", {}))),
        cover=CoverRule(**_known(CoverRule, stored.get("cover", {}))),
        leaving=LeavingRule(**_known(LeavingRule, leaving, **roles)),
        support=SupportRule(**_known(SupportRule, stored.get("support", {}))),
        commission=CommissionRule(**_known(CommissionRule, pay, **modes)),
        dossier=_dossier(stored.get("dossier", {})),
    )


def _dossier(stored: Stored) -> DossierRule:
    lists = {name: tuple(Fact(one) for one in stored[name]) for name in ("necessary", "nice") if name in stored}
    return DossierRule(**_known(DossierRule, stored, **lists))
