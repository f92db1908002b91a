"""A whole territory in one wave: how long until everybody has it, whether Slack ever had to say no, who got how much.

The time that passes is the local workspace's; what is measured beside it is the processor's.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from bench.databases import Databases
from bench.figures import Aim, Figure
from bench.report import Report
from bot.domain.accounts import Account
from bot.domain.vocabulary import Reason, Tier
from bot.migrations import upgrade
from bot.store.database import Database
from bot.usecases.accounts.accounts import give_account
from bot.usecases.territory.form import RunForm
from bot.usecases.workspace.setup import SetupView, Stakeholder
from sandbox.weather import Call
from tests.town import Town

ACCOUNTS = 2_000
CAP = 5
"""Messages of reminding a day, by setup; the day's news counts among them as long as there is room (decisions 28)."""
DAYS = 3
STATE = "territory"
GETTERS = ("ines", "cora", "ida", "marek")


class Territories:
    def __init__(self, report: Report, accounts: int = ACCOUNTS) -> None:
        self._report, self._accounts = report, accounts

    def measure(self, databases: Databases) -> None:
        """One run, and the two working days after it; prints a table and keeps the aims."""
        databases.prepare(STATE, _tables)
        town = Town(databases.copy(STATE))
        try:
            self._measure(databases.name, town)
        finally:
            town.close()

    def _measure(self, name: str, town: Town) -> None:
        mia, began = town.actor("mia"), time.process_time()
        self._prepare(town)
        calls, before = town.sandbox.workspace.weather.calls, time.process_time()
        first = len(calls)
        plans = town.bot.territory.plans
        view = plans.draft(mia, self._form(town))
        drafted = time.process_time() - before
        plans.confirm(mia, view.run.id, view.run.version)
        start = town.clock.now()
        done_at = None
        for _ in range(DAYS * 24 * 2):
            town.passes(minutes=30)
            if done_at is None and not town.rows("SELECT 1 FROM run_lines WHERE state = 'waiting' LIMIT 1"):
                done_at = town.clock.now()
        mine = calls[first:]
        refused = [call for call in mine if not call.ok]
        most = _most_a_day(mine)
        started = len(town.rows("SELECT 1 FROM handoffs WHERE run_id IS NOT NULL"))
        own = time.process_time() - before
        waiting = town.rows("SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending', 'failed')")[0].n
        hours = ((done_at or town.clock.now()) - start) / timedelta(hours=1)
        self._report.table(
            f"A territory of {self._accounts:,} accounts in one wave, {name}",
            ("what", "measured"),
            [
                ("the plan, seconds of processor time", f"{drafted:.2f}"),
                ("handoffs started", f"{started:,}"),
                ("hours of Slack's time until all were started", f"{hours:.1f}"),
                ("calls to Slack in three days", f"{len(mine):,}"),
                ("refused by Slack (429 or anything else)", f"{len(refused):,}"),
                ("direct messages to one person in one day, at most", str(most)),
                ("letters that wait or failed at the end", f"{waiting:,}"),
                ("processor time for all of it, the local workspace included, seconds", f"{own:.0f}"),
                ("and before that, to make the accounts", f"{before - began:.0f}"),
            ],
        )
        aims = (
            ("accounts not started", self._accounts - started, 0),
            ("refused", len(refused), 0),
            ("a day", most, CAP),
        )
        for what, figure, limit in aims:
            self._report.aim(Aim(f"{name}: territory, {what}", Figure.of([float(figure)]), limit))

    def _prepare(self, town: Town) -> None:
        named = {"credit": "carl", "warranty": "wanda", "marketing": "marek", "inside_sales": "ida"}
        who = {function: Stakeholder(town.sandbox.person(one).id) for function, one in named.items()}
        mia = town.actor("mia")
        town.bot.setup.save(mia, SetupView(who, (mia.user_id,), None))
        tiers = list(Tier)
        with town.bot.db.write() as session:
            olaf = town.bot.desk.person(session, 1, town.olaf.id)
            for number in range(self._accounts):
                account = Account(olaf.workspace_id, f"Account {number:05}", tier=tiers[number % 10 % len(tiers)])
                session.add(account)
                session.flush()
                give_account(session, account, olaf, town.clock.now().date(), None)
        town.settle()

    def _form(self, town: Town) -> RunForm:
        return RunForm(
            title="South",
            book=town.olaf.id,
            reason=Reason.RETIREMENT,
            benefit="A rep who lives nearby.",
            last_day=town.clock.now().date() + timedelta(days=60),
            assign="load",
            reps=[town.sandbox.person(name).id for name in GETTERS],
            channel="C0ACCOUNTS0",
            first_on=town.clock.now().date(),
            per_wave=str(self._accounts),
            every="1",
            brief_tiers=["standard"],
        )


def _tables(url: str) -> None:
    db = Database(url)
    upgrade(db.engine)
    db.close()


def _most_a_day(calls: Sequence[Call]) -> int:
    """How many direct messages one person got in one day of the calendar (UTC)."""
    count = Counter(
        (call.args["channel"], call.at.date())
        for call in calls
        if call.method == "chat.postMessage" and call.ok and str(call.args["channel"])[0] in "UDW"
    )
    return max(count.values(), default=0)
