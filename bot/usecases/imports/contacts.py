"""Contacts from a file: matched by the CRM's id, else within their account by mail address, else by name.

Who makes trouble is confidential. To those who may not hear it, such a contact looks like one of whom neither role nor
note is known; so from their files neither gets a role or a note, and what they are told hangs on what they see alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bot.domain.accounts import fold
from bot.domain.customer import ContactRole, left_to_others
from bot.domain.imports.owned import not_ours
from bot.domain.imports.report import ImportKind
from bot.domain.imports.rows import ContactRow
from bot.domain.refusals import Refusal
from bot.store import importing as store
from bot.store import schema as t
from bot.usecases import changes
from bot.usecases.accounts.dossier_things import CONFIDED, CONFIDENTIAL
from bot.usecases.imports.matter import FirstLines, Matter, differing
from bot.usecases.imports.placing import Places

Values = dict[str, Any]
_TEXTS = ("crm_id", "title", "mail", "phone", "note")


class SeveralContacts(Refusal):
    sentence = "The account has several contacts who could be meant. Tell them apart by mail address."


class ForManagers(Refusal):
    sentence = (
        "Role and note stay as they are: what is known of this contact may be for managers only. "
        "One of them can bring this file."
    )


class NotToSay(Refusal):
    sentence = "The role is left out: only managers say who makes trouble."


@dataclass
class ContactPlan:
    """What is to be done for the contacts of a file."""

    matter: Matter
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    _new: list[tuple[int, ContactRow]] = field(default_factory=list)
    _edits: list[tuple[Any, Values]] = field(default_factory=list)
    _there: list[int] = field(default_factory=list)
    _first: FirstLines = field(default_factory=FirstLines)

    def look(self, rows: Iterable[ContactRow]) -> ContactPlan:
        """Match all rows with what there is."""
        matter = self.matter
        self._places = Places(matter)
        self._elsewhere = store.contact_ids(matter.session, matter.by.workspace_id)
        self._confided = matter.confided
        for batch in store.batches(rows):
            self._match(batch)
        return self

    def _match(self, batch: list[ContactRow]) -> None:
        accounts = self._places.of(batch)
        moved = {self._elsewhere.get(row.crm_id) for row in batch if row.crm_id}
        wanted = {one for one in (*accounts, *moved) if one is not None}
        by_account: dict[int, list[Any]] = {}
        by_id: dict[str, Any] = {}
        for one in store.contacts(self.matter.session, wanted):
            by_account.setdefault(one.account_id, []).append(one)
            if one.crm_id:
                by_id[one.crm_id] = one
        for row, account_id in zip(batch, accounts, strict=True):
            if account_id is None:
                continue
            try:
                there = by_id.get(row.crm_id) if row.crm_id else None
                if there is None:
                    there = _meant(row, by_account.get(account_id, ()))
                self._once(row, account_id, there)
                self._weigh(row, account_id, there)
            except Refusal as problem:
                self.matter.bad.add(row.line, "", problem, row.name)

    def _once(self, row: ContactRow, account_id: int, there: Any) -> None:
        """Raises SameAgain for whom the file had already."""
        key: Any = row.crm_id or (account_id, row.mail.casefold() if row.mail else fold(row.name))
        self._first.once(row.line, *((key,) if there is None else (key, there.id)))

    def _weigh(self, row: ContactRow, account_id: int, there: Any) -> None:
        row = row if self._confided else self._sayable(row, there)
        if there is None:
            self.created += 1
            self._new.append((account_id, row))
            return
        values: Values = {name: getattr(row, name) for name in _TEXTS}
        values["account_id"] = account_id
        if fold(there.name) != fold(row.name):  # found by the CRM's id or by mail address
            values["name"] = row.name
        if there.role != ContactRole.TROUBLE_MAKER:  # a file does not take away what is confidential
            values["role"] = row.role.value if row.role else None
        after = differing(there, values)
        crm = self._places.crms[account_id] if there.crm_id else ""
        problem = not_ours(ImportKind.CONTACTS, crm, self.matter.system, after)
        if problem is not None:
            raise problem
        self._there.append(there.id)
        if after:
            self._edits.append((there, after))
        self.changed += bool(after)
        self.unchanged += not after

    def _sayable(self, row: ContactRow, there: Any) -> ContactRow:
        """Of the row, what somebody may change who may not hear who makes trouble. The rest is noted."""
        if there is not None and left_to_others(there.role, there.note, confided=False):
            if row.role is not None or row.note is not None:
                self.matter.notes.add(row.line, row.name, ForManagers())
            return row._replace(role=None, note=None)
        if row.role is ContactRole.TROUBLE_MAKER:
            self.matter.notes.add(row.line, row.name, NotToSay())
            return row._replace(role=None)
        return row

    def write(self) -> None:
        """Do it."""
        matter, session = self.matter, self.matter.session
        new = list(zip(store.numbers(session, t.contacts, len(self._new)), self._new, strict=True))
        store.add(session, t.contacts, (self._fresh(number, account, row) for number, (account, row) in new))
        store.change(session, t.contacts, ((there.id, after) for there, after in self._edits))
        public = store.public_handoffs(session, {there.account_id for there, _ in self._edits})
        added = (matter.event("contact.imported", number, None, {"name": row.name}) for number, (_, row) in new)
        changed = chain.from_iterable(
            self._events(there, after, public.get(there.account_id)) for there, after in self._edits
        )
        store.write_trail(session, chain(added, changed))
        accounts = {number for number, _ in self._new} | {there.account_id for there, _ in self._edits}
        accounts |= {after["account_id"] for _, after in self._edits if "account_id" in after}
        changes.facts_touched(session, matter.now, matter.by.workspace_id, accounts)
        if matter.crm and matter.fresh:
            store.touch(session, t.contacts, self._there, crm_at=matter.now)

    def _events(self, there: Any, after: Values, handoff_id: int | None) -> Iterator[Values]:
        """What the trail says of a change; of who makes trouble, and how, apart, for those who may hear it."""
        troubles = ContactRole.TROUBLE_MAKER in (there.role, after.get("role"))
        aside = {name: value for name, value in after.items() if troubles and name in CONFIDENTIAL}
        open_to_all = {name: value for name, value in after.items() if name not in aside}
        for verb, part in (("contact.changed", open_to_all), (CONFIDED, aside)):
            if part:
                before = {name: getattr(there, name) for name in part}
                yield self.matter.event(verb, there.id, before, part, handoff_id)

    def _fresh(self, number: int, account_id: int, row: ContactRow) -> Values:
        of = {"id": number, "workspace_id": self.matter.by.workspace_id, "account_id": account_id, "name": row.name}
        texts = {name: getattr(row, name) or "" for name in _TEXTS}
        fresh = self.matter.now if self.matter.crm and row.crm_id else None
        return {**of, **texts, "role": row.role.value if row.role else "", "crm_at": fresh}


def _meant(row: ContactRow, there: Iterable[Any]) -> Any:
    """Whom the row means, of the account's contacts; None for somebody new. Raises SeveralContacts."""
    could = [one for one in there if not (row.crm_id and one.crm_id)]
    by_mail = [one for one in could if row.mail and one.mail.casefold() == row.mail.casefold()]
    key = fold(row.name)
    by_name = [one for one in could if fold(one.name) == key and not (row.mail and one.mail)]
    found = by_mail or by_name
    if len(found) > 1:
        raise SeveralContacts()
    return found[0] if found else None
