"""Deals from a file: matched by the CRM's id, else by name within their account. What pays somebody is not touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bot.domain.accounts import fold
from bot.domain.deals import DealState, NotYet
from bot.domain.imports.owned import not_ours
from bot.domain.imports.report import ImportKind
from bot.domain.imports.rows import DealRow
from bot.domain.refusals import Refusal
from bot.store import importing as store
from bot.store import schema as t
from bot.usecases import changes
from bot.usecases.deals.deals import AT_MOST, TooManyDeals
from bot.usecases.deals.duties import keep_duties
from bot.usecases.imports.matter import FirstLines, Matter, differing
from bot.usecases.imports.placing import Places

Values = dict[str, Any]


class SeveralDeals(Refusal):
    sentence = "The account has several deals of that name. Tell them apart by the CRM’s id."


class ClosedHere(Refusal):
    sentence = "The deal is closed here and stays as it is. Correct the closing in the view of its account."


class PaysSomebody(Refusal):
    sentence = "The deal stays open: a commission was agreed for it, so it is closed in the deals of its handoff."


class StaysOpen(Refusal):
    """The same, for whoever may not know of the commission."""

    sentence = "The deal stays open here. Whoever looks after the account closes it in the account’s view."


class WhenWasIt(Refusal):
    sentence = "It is won or lost, and nothing says when."


@dataclass
class DealPlan:
    """What is to be done for the deals of a file."""

    matter: Matter
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    _new: list[tuple[int, DealRow]] = field(default_factory=list)
    _edits: list[tuple[Any, Values]] = field(default_factory=list)
    _there: list[int] = field(default_factory=list)
    _first: FirstLines = field(default_factory=FirstLines)
    _open: dict[int, int] = field(default_factory=dict)
    _agreed: dict[int, set[int]] = field(default_factory=dict)

    def look(self, rows: Iterable[DealRow]) -> DealPlan:
        """Match all rows with what there is."""
        self._places = Places(self.matter)
        for batch in store.batches(rows):
            self._match(batch)
        return self

    def _match(self, batch: list[DealRow]) -> None:
        session, workspace_id = self.matter.session, self.matter.by.workspace_id
        accounts = self._places.of(batch)
        ids = [row.crm_id for row in batch if row.crm_id]
        by_id = {one.crm_id: one for one in store.deals(session, workspace_id, "crm_id", ids)}
        by_account: dict[int, list[Any]] = {}
        for one in store.deals(session, workspace_id, "account_id", {one for one in accounts if one is not None}):
            by_account.setdefault(one.account_id, []).append(one)
        for number, there in by_account.items():
            self._open.setdefault(number, sum(one.state is DealState.OPEN for one in there))
        found: list[tuple[DealRow, int, Any]] = []
        for row, account_id in zip(batch, accounts, strict=True):
            if account_id is None:
                continue
            try:
                self._require_day(row)
                deal = by_id.get(row.crm_id) if row.crm_id else None
                deal = deal or _meant(row, by_account.get(account_id, ()))
                self._once(row, account_id, deal)
                if deal is None:
                    self._add(row, account_id)
                else:
                    found.append((row, account_id, deal))
            except Refusal as problem:
                self.matter.bad.add(row.line, "", problem, row.name)
        self._agreed.update(store.agreed(session, [deal.id for _, _, deal in found]))
        for row, account_id, deal in found:
            self._weigh(row, account_id, deal)

    def _require_day(self, row: DealRow) -> None:
        """Raises WhenWasIt, NotYet."""
        if row.state in (DealState.WON, DealState.LOST):
            day = row.closed_on or row.expected_close
            if day is None:
                raise WhenWasIt()
            if day > self.matter.today:
                raise NotYet()

    def _once(self, row: DealRow, account_id: int, deal: Any) -> None:
        """Raises SameAgain for what the file had already."""
        key: Any = row.crm_id or (account_id, fold(row.name))
        self._first.once(row.line, *((key,) if deal is None else (key, deal.id)))

    def _add(self, row: DealRow, account_id: int) -> None:
        """Raises TooManyDeals."""
        if row.state in (None, DealState.OPEN):
            there = self._open.get(account_id, 0)
            if there >= AT_MOST:
                raise TooManyDeals(limit=AT_MOST)
            self._open[account_id] = there + 1
        self.created += 1
        self._new.append((account_id, row))

    def _weigh(self, row: DealRow, account_id: int, deal: Any) -> None:
        """What becomes of a deal that is there."""
        if deal.state is not DealState.OPEN:
            if row.state is not deal.state:
                self.matter.notes.add(row.line, row.name, ClosedHere())
            self._there.append(deal.id)
            self.unchanged += 1
            return
        values: Values = {name: getattr(row, name) for name in ("crm_id", "stage", "expected_close", "source")}
        values["account_id"] = account_id
        if deal.crm_id and deal.crm_id == row.crm_id:
            values["name"] = row.name
        if row.amount is not None:
            values |= {"amount_minor": row.amount.minor, "currency": row.amount.currency}
        if row.state in (DealState.WON, DealState.LOST):
            if deal.id in self._agreed:
                known = any(self.matter.knows_pay(one) for one in self._agreed[deal.id])
                self.matter.notes.add(row.line, row.name, PaysSomebody() if known else StaysOpen())
            else:
                values |= _closing(row)
        after = differing(deal, values)
        crm = self._places.crms[account_id] if deal.crm_id else ""
        problem = not_ours(ImportKind.DEALS, crm, self.matter.system, after)
        if problem is not None:
            self.matter.bad.add(row.line, "", problem, row.name)
            return
        self._there.append(deal.id)
        if after:
            self._edits.append((deal, after))
        self.changed += bool(after)
        self.unchanged += not after

    def write(self) -> None:
        """Do it. Duties that hang on the dates of deals move along."""
        matter, session = self.matter, self.matter.session
        new = list(zip(store.numbers(session, t.deals, len(self._new)), self._new, strict=True))
        store.add(session, t.deals, (self._fresh(number, account, row) for number, (account, row) in new))
        store.change(session, t.deals, ((deal.id, after) for deal, after in self._edits))
        public = store.public_handoffs(session, {deal.account_id for deal, _ in self._edits})
        added = (matter.event("deal.imported", number, None, {"name": row.name}) for number, (_, row) in new)
        changed = (
            matter.event(
                "deal.changed",
                deal.id,
                {name: getattr(deal, name) for name in after},
                after,
                public.get(deal.account_id),
            )
            for deal, after in self._edits
        )
        store.write_trail(session, chain(added, changed))
        accounts = {number for number, _ in self._new} | {deal.account_id for deal, _ in self._edits}
        changes.facts_touched(session, matter.now, matter.by.workspace_id, accounts)
        if matter.crm and matter.fresh:
            store.touch(session, t.deals, self._there, crm_at=matter.now)
        for handoff_id in sorted({one for deal, _ in self._edits for one in self._agreed.get(deal.id, ())}):
            keep_duties(matter.desk, session, matter.by, handoff_id, moved=True)

    def _fresh(self, number: int, account_id: int, row: DealRow) -> Values:
        closing = _closing(row) if row.state in (DealState.WON, DealState.LOST) else {}
        return {
            "id": number,
            "workspace_id": self.matter.by.workspace_id,
            "account_id": account_id,
            "name": row.name,
            "stage": row.stage or "",
            "amount_minor": row.amount.minor if row.amount else None,
            "currency": row.amount.currency if row.amount else row.closed.currency if row.closed else "",
            "expected_close": row.expected_close,
            "state": closing.get("state", DealState.OPEN),
            "closed_on": closing.get("closed_on"),
            "closed_minor": closing.get("closed_minor"),
            "source": row.source or "",
            "crm_id": row.crm_id or "",
            "created_at": self.matter.now,
            "crm_at": self.matter.now if self.matter.crm and row.crm_id else None,
        }


def _closing(row: DealRow) -> Values:
    """How it ended: what it was won for is what the file says it brought, else its amount."""
    brought = row.closed or row.amount
    won = brought.minor if brought is not None and row.state is DealState.WON else None
    return {"state": row.state, "closed_on": row.closed_on or row.expected_close, "closed_minor": won}


def _meant(row: DealRow, there: Iterable[Any]) -> Any:
    """The deal that the row means, of the account's; None for a new one. Raises SeveralDeals."""
    key = fold(row.name)
    found = [one for one in there if fold(one.name) == key and not (row.crm_id and one.crm_id)]
    still_open = [one for one in found if one.state is DealState.OPEN]
    found = still_open if len(found) > 1 and still_open else found
    if len(found) > 1:
        raise SeveralDeals()
    return found[0] if found else None
