"""To which account a contact or a deal of a file belongs: by the CRM's id, else by name. Accounts come first."""

from __future__ import annotations

from bot.domain.accounts import fold
from bot.domain.imports.rows import ContactRow, DealRow
from bot.domain.refusals import Refusal
from bot.store import importing as store
from bot.usecases.imports.matter import Matter


class NoSuchAccount(Refusal):
    sentence = "There is no account “%(account)s”. Import the accounts first."


class Places:
    """Finds accounts for a batch of rows; quiet ones only for those who know of them."""

    def __init__(self, matter: Matter) -> None:
        self._matter = matter
        self._hidden = store.hidden_accounts(matter.session, matter.by)
        self.crms: dict[int, str] = {}
        """Which CRM is the record of the accounts that were found."""

    def of(self, batch: list[ContactRow] | list[DealRow]) -> list[int | None]:
        """The account of each row; None where there is none, which is a bad row then."""
        session, workspace_id = self._matter.session, self._matter.by.workspace_id
        ids = [row.account_crm_id for row in batch if row.account_crm_id]
        names = [fold(row.account) for row in batch if row.account]
        by_id = {one.crm_id: one for one in store.accounts(session, workspace_id, "crm_id", ids)}
        by_name = {one.name_key: one for one in store.accounts(session, workspace_id, "name_key", names)}
        found: list[int | None] = []
        for row in batch:
            one = by_id.get(row.account_crm_id) if row.account_crm_id else None
            if one is None and row.account:
                one = by_name.get(fold(row.account))
                if one is not None and row.account_crm_id and one.crm_id not in ("", row.account_crm_id):
                    one = None
            if one is None or one.id in self._hidden:
                account = row.account or row.account_crm_id or ""
                self._matter.bad.add(row.line, "", NoSuchAccount(account=account), account)
                found.append(None)
                continue
            self.crms[one.id] = one.crm
            found.append(one.id)
        return found
