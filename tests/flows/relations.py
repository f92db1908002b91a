"""People in every relation to a handoff, and a town in which each action can be tried."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.domain.permissions import Relation
from bot.domain.rules import PayMode
from bot.usecases.coverage.coverage import CoverForm, Wish
from bot.usecases.deals.commission import TermsForm
from bot.usecases.deals.deals import DealForm
from bot.usecases.deals.settling import CloseForm
from bot.usecases.desk import Actor
from bot.usecases.handoffs.editing import Edit
from bot.usecases.workspace.setup import SetupView, Stakeholder
from tests.town import Town

R = Relation
PEOPLE = {
    "cora": {R.STARTER, R.WORKSPACE_MANAGER},
    "mia": {R.ADMIN},
    "ida": {R.HANDOFF_MANAGER, R.PARTICIPANT, R.STAND_IN},
    "wanda": {R.ITEM_OWNER},
    "marek": {R.COVER, R.PARTICIPANT, R.ACCOUNT_COVER},
    "olaf": {R.OUTGOING, R.PARTICIPANT, R.ACCOUNT_OWNER},
    "ines": {R.INCOMING, R.PARTICIPANT},
    "carl": {R.ASKED},
    "helper": {R.PARTICIPANT},
    "stand-in": {R.STAND_IN},
    "otto": set(),
}
"""In which relations each of them stands to the handoff, its item and its question."""
NEWCOMERS = {"helper": "UHELPER01", "stand-in": "USTANDIN1"}
"""People whom the town does not have: nothing is delivered to them."""


class World:
    """A town in which everything is at hand that an action needs; `again` puts it back as it was."""

    def __init__(self, town: Town) -> None:
        self.town, self.bot = town, town.bot
        self.file = make_url(town.settings.database_url).database
        self.begin()
        with closing(sqlite3.connect(self.file)) as live:
            self._kept = sqlite3.connect(":memory:", check_same_thread=False)
            live.backup(self._kept)

    def again(self) -> None:
        with closing(sqlite3.connect(self.file)) as live:
            self._kept.backup(live)

    def actor(self, who: str) -> Actor:
        return Actor("T0SANDBOX01", NEWCOMERS[who]) if who in NEWCOMERS else self.town.actor(who)

    def slack_id(self, who: str) -> str:
        return self.actor(who).user_id

    def one(self, sql: str, **values: object) -> int:
        return int(self.town.rows(sql, **values)[0][0])

    def writes(self, sql: str, **values: object) -> None:
        with self.bot.db.write() as session:
            session.execute(text(sql), values)

    def counts(self) -> object:
        tables = ("audit", "outbox", "records", "checklist_items", "nudges")
        return self.town.rows("SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in tables))

    @property
    def in_days(self) -> object:
        return lambda days: (self.town.clock.now() + timedelta(days=days)).date()

    # -- what there is ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        cora = self.actor("cora")
        self.town.mia.opens_home()
        self.town.otto.opens_home()
        credit = {"credit": Stakeholder(self.slack_id("carl"))}
        self.bot.setup.save(cora, SetupView(credit, (cora.user_id,), None))
        self.acme = self._started("Acme")
        self.beta = self._started("Beta")
        self.zenith = self._started("Zenith", quiet=True)
        self.town.settle()
        self._shares()
        self._waits_for_acceptance()
        self.step = self._given("Send the org chart", self.acme)
        self.question = self.one("SELECT id FROM feedback_requests WHERE handoff_id = :n LIMIT 1", n=self.acme)
        for who in ("wanda", "carl"):
            day = self.town.clock.now().date()
            self.bot.away.add(self.actor(who), day, day + timedelta(days=5), self.slack_id("stand-in"), None)
        self.letter = self.one("SELECT max(id) FROM outbox WHERE handoff_id = :n AND kind = 'card'", n=self.acme)
        self.writes("UPDATE outbox SET state = 'failed' WHERE id = :n", n=self.letter)

    def _started(self, account: str, quiet: bool = False) -> int:
        self.bot.start(self.actor("cora"), replace(self.town.form(account), quiet=quiet))
        number = self.one("SELECT max(id) FROM handoffs")
        account, today = self.account(number), self.town.clock.now().date()
        cover = CoverForm(Wish.COVER, self.slack_id("marek"), today, today + timedelta(days=20))
        if not quiet:
            self.bot.coverage.changes.change(self.actor("cora"), account, cover)
        roles = {"helper": "helper", "manager": "ida"}
        self.bot.editing(self.actor("cora"), number, Edit({role: self.slack_id(who) for role, who in roles.items()}))
        return number

    def _given(self, title: str, number: int) -> int:
        step = self.one("SELECT id FROM checklist_items WHERE handoff_id = :n AND title = :t", n=number, t=title)
        self.bot.checklist.assign(self.actor("ida"), step, self.slack_id("wanda"))
        return step

    def _waits_for_acceptance(self) -> None:
        while self.town.rows("SELECT acceptance FROM handoffs WHERE id = :n", n=self.beta)[0][0] != "asked":
            self.bot.handoffs.override(self.actor("ida"), self.beta, "For the trial.")

    def _shares(self) -> None:
        """Two deals of Acme: an open one with terms, and one that is closed and whose shares are held."""
        ida, desk = self.actor("ida"), self.bot.deal_desk
        form = DealForm("Packing line", "1000", "EUR", self.in_days(60))
        self.deal, self.other = (
            desk.deals.save(ida, self.acme, replace(form, name=name)) for name in ("Packing line", "Spare parts")
        )
        for deal in (self.deal, self.other):
            desk.terms.propose(ida, self.acme, deal, self.terms(), None)
        [agreed] = self.town.rows("SELECT id, version FROM commissions WHERE deal_id = :n", n=self.other)
        [open_one] = self.town.rows("SELECT id, version FROM commissions WHERE deal_id = :n", n=self.deal)
        for who, one in itertools.product(("olaf", "ines"), (agreed, open_one)):
            desk.terms.sign(self.actor(who), one.id, one.version)
        sold = CloseForm(won=True, amount="1000", on=self.town.clock.now().date())
        version = self.one("SELECT version FROM deals WHERE id = :n", n=self.other)
        desk.settling.close(ida, self.acme, self.other, sold, version)
        self.version = self.one("SELECT version FROM commissions WHERE deal_id = :n", n=self.deal)

    def terms(self) -> TermsForm:
        return TermsForm(PayMode.SHARED, "5", "40", "60", None)

    def account(self, handoff: int) -> int:
        return self.one("SELECT account_id FROM handoffs WHERE id = :n", n=handoff)
