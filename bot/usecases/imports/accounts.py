"""Accounts from a file: matched by the CRM's id, else by name; owners by the account's line of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bot.domain.accounts import CoverageKind, fold
from bot.domain.coverage import Line, Stretch, as_known, owner_of_record, painted, taken_over
from bot.domain.imports.owned import not_ours
from bot.domain.imports.report import ImportKind
from bot.domain.imports.rows import AccountRow
from bot.domain.refusals import Refusal
from bot.domain.vocabulary import SalesChannel, Tier
from bot.store import importing as store
from bot.store import lines
from bot.store import schema as t
from bot.store.letters import freshen_existing
from bot.usecases import changes
from bot.usecases.handoffs.rematch import declined_before
from bot.usecases.imports.matter import FirstLines, Matter, differing
from bot.usecases.nudges import alarms

Values = dict[str, Any]
_DEFAULTS: Mapping[str, Any] = {
    "crm_id": "",
    "crm_link": "",
    "sales_channel": SalesChannel.DIRECT,
    "tier": Tier.STANDARD,
    "overseas": False,
    "territory": "",
    "region": "",
    "next_order_on": None,
    "order_every_days": None,
}


class OtherAccount(Refusal):
    sentence = "There is another account of that name already, with another id of the CRM."


class NameTaken(Refusal):
    sentence = "Another account is called “%(name)s” already."


class OwnerStays(Refusal):
    sentence = "The owner stays as it is: a handoff is under way, and whoever accepts it there becomes the owner."


class OwnerDeclined(Refusal):
    sentence = "The owner stays as it is: the customer has asked for somebody else than this one."


class TierStays(Refusal):
    sentence = "Tier and sales channel stay as they are: a handoff is under way, which has them."


@dataclass
class AccountPlan:
    """What is to be done for the accounts of a file."""

    matter: Matter
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    _new: list[tuple[AccountRow, int | None]] = field(default_factory=list)
    _opened: list[tuple[int, AccountRow]] = field(default_factory=list)
    _edits: list[tuple[int, Values, Values]] = field(default_factory=list)
    _owners: list[tuple[int, int]] = field(default_factory=list)
    _there: list[int] = field(default_factory=list)
    _first: FirstLines = field(default_factory=FirstLines)

    def look(self, rows: Iterable[AccountRow]) -> AccountPlan:
        """Match all rows with what there is."""
        session, by = self.matter.session, self.matter.by
        self._hidden = store.hidden_accounts(session, by)
        self._quietly = store.hidden_handoffs(session, by)
        self._declined = store.with_declined(session, by.workspace_id)
        for batch in store.batches(rows):
            self._match(batch)
        return self

    def _match(self, batch: list[AccountRow]) -> None:
        session, workspace_id = self.matter.session, self.matter.by.workspace_id
        keys = [fold(row.name) for row in batch]
        by_name = {one.name_key: one for one in store.accounts(session, workspace_id, "name_key", keys)}
        ids = [row.crm_id for row in batch if row.crm_id]
        by_id = {one.crm_id: one for one in store.accounts(session, workspace_id, "crm_id", ids)}
        found: list[tuple[AccountRow, Any, Values]] = []
        for row, key in zip(batch, keys, strict=True):
            try:
                there = self._meant(row, key, by_id.get(row.crm_id) if row.crm_id else None, by_name.get(key))
            except Refusal as problem:
                self.matter.bad.add(row.line, "", problem, row.name)
                continue
            if there is None:
                self.created += 1
                self._new.append((row, self.matter.named.number(row.owner, row.line)))
            elif there.id in self._hidden:  # for whoever imports there is no such account
                self.created += 1
                self._opened.append((there.id, row))
            else:
                renamed = {"name": row.name, "name_key": key} if there.crm_id and there.crm_id == row.crm_id else {}
                found.append((row, there, self._values(row, renamed)))
        self._weigh(found)

    def _meant(self, row: AccountRow, key: str, there: Any, same_name: Any) -> Any:
        """The account that is meant. Raises OtherAccount, NameTaken, SameAgain."""
        if there is None and same_name is not None:
            if row.crm_id and same_name.crm_id and same_name.id not in self._hidden:
                raise OtherAccount()
            there = same_name
        elif there is not None and same_name is not None and same_name.id != there.id:
            raise NameTaken(name=row.name)
        told_apart = ("name", key), row.crm_id and ("id", row.crm_id), there and ("no", there.id)
        self._first.once(row.line, *filter(None, told_apart))
        return there

    def _values(self, row: AccountRow, more: Values) -> Values:
        values = {name: getattr(row, name) for name in _DEFAULTS}
        if self.matter.crm and row.crm_id:
            values["crm"] = self.matter.crm
        return {**values, **more}

    def _weigh(self, found: list[tuple[AccountRow, Any, Values]]) -> None:
        """What becomes of accounts that are there."""
        owners = self._new_owners(found)
        edits = {there.id: differing(there, values) for _, there, values in found}
        busy = {
            there.id for _, there, _ in found if there.id in owners or {"tier", "sales_channel"} & set(edits[there.id])
        }
        running = store.open_handoffs(self.matter.session, busy)
        for row, there, _ in found:
            after, owner = edits[there.id], owners.get(there.id)
            problem = not_ours(ImportKind.ACCOUNTS, there.crm, self.matter.system, after)
            if problem is not None:
                self.matter.bad.add(row.line, "", problem, row.name)
                continue
            if running.get(there.id, 0) not in {0, *self._quietly}:
                if {"tier", "sales_channel"} & set(after):
                    after = {name: new for name, new in after.items() if name not in ("tier", "sales_channel")}
                    self.matter.notes.add(row.line, row.name, TierStays())
                if owner is not None:
                    self.matter.notes.add(row.line, row.name, OwnerStays())
                    owner = None
            if owner is not None and there.id in self._declined and self._refused(there.id, owner):
                self.matter.notes.add(row.line, row.name, OwnerDeclined())
                owner = None
            self._there.append(there.id)
            if after:
                self._edits.append((there.id, {name: getattr(there, name) for name in after}, after))
            if owner is not None:
                self._owners.append((there.id, owner))
            self.changed += bool(after or owner is not None)
            self.unchanged += not (after or owner is not None)

    def _refused(self, account_id: int, person_id: int) -> bool:
        return person_id in declined_before(self.matter.session, self.matter.by, account_id)

    def _new_owners(self, found: list[tuple[AccountRow, Any, Values]]) -> dict[int, int]:
        """Who is named as the owner and is not the owner of record, as far as whoever imports may know."""
        number = self.matter.named.number
        wanted = {there.id: number(row.owner, row.line) for row, there, _ in found if row.owner}
        named = {account_id: person for account_id, person in wanted.items() if person is not None}
        sole = store.sole_owners(self.matter.session, named, self._quietly, self.matter.today)
        others = [account_id for account_id, person in named.items() if sole.get(account_id) != person]
        there = lines.lines_of(self.matter.session, others)
        new = {}
        for account_id in others:
            line = there.get(account_id, ())
            owner = owner_of_record(as_known(line, self._quietly), self.matter.today)
            if (owner is None or owner.person_id != named[account_id]) and self._repainted(
                line, named[account_id]
            ) != line:
                new[account_id] = named[account_id]
        return new

    def _repainted(self, line: Line, person_id: int) -> Line:
        """From today on it is theirs; what a handoff of which nobody may know has put there stays."""
        today, by = self.matter.today, self.matter.by.id
        if not any(one.handoff_id in self._quietly for one in line):
            return taken_over(line, person_id, today, None, by)
        new = line
        for one in line:
            if one.handoff_id not in self._quietly and (one.until_on is None or one.until_on > today):
                first = max(one.from_on, today)
                new = painted(new, Stretch(CoverageKind.OWNER, first, one.until_on, person_id, None, by))
        return new

    def write(self) -> None:
        """Do it."""
        matter = self.matter
        session, by = matter.session, matter.by
        self._add_new()
        public = store.public_handoffs(session, [number for number, _, _ in self._edits])
        opened = ((number, {**self._fresh(row), "quiet": False}) for number, row in self._opened)
        store.change(session, t.accounts, chain(((n, after) for n, _, after in self._edits), opened))
        events = (
            matter.event("account.imported", number, _without_key(before), _without_key(after), public.get(number))
            for number, before, after in self._edits
        )
        added = (matter.event("account.imported", number, None, {"name": row.name}) for number, row in self._opened)
        store.write_trail(session, chain(events, added))
        self._give()
        if matter.crm and matter.fresh:
            store.touch(session, t.accounts, self._there, crm_at=matter.now)
        people = {person for _, person in self._new if person is not None} | {person for _, person in self._owners}
        freshen_existing(session, by.workspace_id, matter.now, [changes.home(number) for number in sorted(people)])
        changes.facts_touched(session, matter.now, by.workspace_id, [number for number, _, _ in self._edits])
        alarms.redraw(session, by.workspace_id, matter.now)

    def _add_new(self) -> None:
        """The accounts, who has them from today on, and the trail; each row is made when it is written."""
        session = self.matter.session
        ids = store.numbers(session, t.accounts, len(self._new))
        new = list(zip(ids, self._new, strict=True))
        store.add(session, t.accounts, ({"id": number, **self._fresh(row)} for number, (row, _) in new))
        owned = (self._stretch(number, person) for number, (_, person) in new if person is not None)
        store.add(session, t.coverage, owned)
        store.write_trail(session, self._added(new))

    def _added(self, new: list[tuple[int, tuple[AccountRow, int | None]]]) -> Iterator[Values]:
        for number, (row, person) in new:
            said = {name: value for name, value in row._asdict().items() if value is not None and name != "line"}
            said.pop("owner", None)
            yield self.matter.event("account.imported", number, None, {**said, "owner_id": person})

    def _fresh(self, row: AccountRow) -> Values:
        """All columns of a new account."""
        said = {
            name: _DEFAULTS[name] if value is None else value
            for name, value in self._values(row, {}).items()
            if name != "crm"
        }
        crm = self.matter.crm if row.crm_id else ""
        of = {"workspace_id": self.matter.by.workspace_id, "name": row.name, "name_key": fold(row.name)}
        return {**of, **said, "crm": crm, "crm_at": self.matter.now if crm else None}

    def _stretch(self, account_id: int, person_id: int) -> Values:
        by = self.matter.by
        of = {"workspace_id": by.workspace_id, "account_id": account_id, "person_id": person_id, "by_id": by.id}
        return {**of, "kind": CoverageKind.OWNER, "from_on": self.matter.today}

    def _give(self) -> None:
        """Owners of accounts that were there: from today on, as everywhere else."""
        session, by = self.matter.session, self.matter.by
        there, events, first = lines.lines_of(session, [number for number, _ in self._owners]), [], []
        public = store.public_handoffs(session, [number for number, _ in self._owners])
        for number, person in self._owners:
            before = there.get(number, ())
            if before:
                lines.write(session, by.workspace_id, number, before, self._repainted(before, person))
            else:
                first.append(self._stretch(number, person))
            owner = owner_of_record(as_known(before, self._quietly), self.matter.today)
            was = {"owner_id": owner.person_id if owner else None}
            events.append(self.matter.event("coverage.owner", number, was, {"owner_id": person}, public.get(number)))
        store.add(session, t.coverage, first)
        store.write_trail(session, events)


def _without_key(values: Values) -> Values:
    return {name: value for name, value in values.items() if name != "name_key"}
