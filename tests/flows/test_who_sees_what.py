"""Everything confidential on every surface: one day on which all secrets exist, and all that each person can read then.

Each secret has a word of its own that stands nowhere else. Everybody types every command, opens everything that a
button could open, reads their messages, channels and threads, and fetches the files that they are given.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from guesses import guessed

from bot.domain.customer import ContactRole, Mood
from bot.domain.rules import PayMode
from bot.domain.vocabulary import Reason, StepForm
from bot.files.signed_links import Ticket
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.brief.brief import BRIEF, DOSSIER, Gone, NotTheirs
from bot.usecases.coverage.bench import EntryForm
from bot.usecases.coverage.coverage import CoverForm, Wish
from bot.usecases.deals.commission import TermsForm
from bot.usecases.deals.deals import DealForm
from bot.usecases.deals.pay_file import PAY
from bot.usecases.handoffs.editing import Edit
from bot.usecases.leaving.watching import WatchForm
from bot.usecases.views.history_file import HISTORY
from bot.usecases.workspace.setup import SetupView, Stakeholder
from handlers.commands import COMMANDS
from tests.town import Town

PEOPLE = ("mia", "cora", "olaf", "ines", "ida", "marek", "carl", "otto")
"""The manager, another manager of the workspace, the two reps, inside sales, the cover, who was asked, a stranger."""
PAIR = {"mia", "olaf", "ines"}
CHIEFS = {"mia", "cora"}
SECRETS = {
    "a quiet handoff": ("Zenith", {"mia", "ines"}),
    "a confidential answer": ("creditlimitword", PAIR | {"carl"}),
    "the words of a pulse": ("pulseword", PAIR),
    "the customer's reason against a rep": ("declineword", PAIR),
    "a rep on the watch list": ("watchword", CHIEFS),
    "somebody on the bench": ("Benchword", CHIEFS),
    "a deal": ("Dealword", PAIR | CHIEFS | {"marek"}),
    "who makes trouble": ("troubleword", PAIR | CHIEFS | {"marek"}),
    "what a deal pays": ("291.37", PAIR),
    "the other's share of it": ("679.88", PAIR),
    "the rate": ("7.77", PAIR),
    "the joint work log": ("logword", PAIR),
    "what was said in a 1:1": ("talkword", {"mia", "ines"}),
    "the words that told the customer": ("contactword", {"mia", "olaf", "ines", "ida", "marek"}),
}
"""The word, and who may read it anywhere; who wrote an answer reads it, of course."""
IN_FILES = {"what a deal pays": CHIEFS, "the other's share of it": CHIEFS, "the rate": CHIEFS, "a deal": CHIEFS}
FOR_FINANCE = ("the file for finance", "/handoff deals")
"""Where managers read of commissions that are not theirs: the file, and its first rows beside the link."""
PLACE = "#general"
LINES = {
    "": [""],
    "start": ["start", "start Zenith", "start Acme"],
    "list": ["list mine", "list team", "list overdue"],
    "show": ["show zen", "show Acme"],
    "owner": ["owner zen", "owner Acme"],
    "brief": ["brief zen", "brief Acme"],
    "history": ["history zen", "history Acme"],
    "cover": ["cover", "cover zen", "cover Acme"],
    "special": ["special zen", "special Acme"],
    "nudges": ["nudges"],
    "away": ["away"],
    "deals": ["deals", "deals zen", "deals Acme"],
    "watch": ["watch"],
    "account": ["account zen", "account Acme"],
    "note": ["note zen called", "note Acme called"],
    "territory": ["territory"],
    "import": ["import"],
    "me": ["me"],
    "erase": ["erase @olaf"],
    "setup": ["setup"],
    "help": ["help"],
}
"""What everybody types, by the command."""


@pytest.fixture(scope="module")
def town(tmp_path_factory, migrated_sqlite):
    file = tmp_path_factory.mktemp("secrets") / "baton.db"
    file.write_bytes(migrated_sqlite.read_bytes())
    place = Town(f"sqlite:///{file}")
    _live(place)
    yield place
    place.close()


def _live(town):
    """Some days in which everything is said that not everybody may read."""
    bot, mia, olaf, ines = town.bot, town.actor("mia"), town.actor("olaf"), town.actor("ines")
    named = {"credit": "carl", "inside_sales": "ida"}
    who = {function: Stakeholder(town.sandbox.person(name).id) for function, name in named.items()}
    managers = (town.mia.id, town.cora.id)
    bot.setup.save(mia, SetupView(who, managers, None))
    bot.start(mia, replace(town.form("Zenith"), quiet=True))
    bot.start(mia, replace(town.form("Acme"), reason=Reason.TERRITORY_CHANGE))
    number = _one(town, "SELECT max(id) FROM handoffs")
    town.settle()
    day = town.clock.now().date()
    bot.editing(mia, number, Edit({"inside": town.ida.id}))
    cover = CoverForm(Wish.COVER, town.marek.id, day, day + timedelta(days=20))
    bot.coverage.changes.change(mia, _one(town, "SELECT account_id FROM handoffs WHERE id = :n", n=number), cover)
    request = _one(town, "SELECT id FROM feedback_requests WHERE handoff_id = :n AND function = 'credit'", n=number)
    bot.feedback.note(town.actor("carl"), request, {"limit": "creditlimitword"}, "")
    _share(town, number, day)
    bot.customers.felt(ines, _asks_for(town, number, StepForm.PULSE), Mood.BAD.value, "pulseword")
    said = {"note": "talkword", "by": town.mia.id, "on": day.isoformat()}
    bot.checklist.write_down(mia, _asks_for(town, number, StepForm.ONE_ON_ONE), StepForm.ONE_ON_ONE, said)
    told = {"by": town.olaf.id, "on": day.isoformat(), "how": "call", "contact": "Ada", "text": "contactword"}
    bot.checklist.write_down(
        mia, _asks_for(town, number, StepForm.WARNING), StepForm.WARNING, {**told, "kind": "warning"}
    )
    bot.rematch.declines(
        olaf, number, _one(town, "SELECT incoming_id FROM handoffs WHERE id = :n", n=number), "declineword"
    )
    bot.editing(mia, number, Edit({"incoming": town.ines.id}, anyway=True))
    account = _one(town, "SELECT account_id FROM handoffs WHERE id = :n", n=number)
    who_blocks = ThingSent({"name": "Bob", "note": "troubleword"}, {}, {"role": ContactRole.TROUBLE_MAKER.value})
    bot.dossier.things.save(mia, account, "contact", who_blocks)
    bot.coverage.bench.save(mia, EntryForm(None, "Benchword", "", "", "", "", ""))
    bot.watching.save(mia, WatchForm(town.olaf.id, ["productivity"], [], day + timedelta(days=2), "watchword"))
    town.settle()
    town.passes(days=6)


def _share(town, number, day):
    mia, desk = town.actor("mia"), town.bot.deal_desk
    deal = desk.deals.save(mia, number, DealForm("Dealword", "12500", "EUR", day + timedelta(days=60)))
    desk.terms.propose(mia, number, deal, TermsForm(PayMode.SHARED, "7.77", "30", "70", None), None)
    [agreed] = town.rows("SELECT id, version FROM commissions")
    for who in ("olaf", "ines"):
        desk.terms.sign(town.actor(who), agreed.id, agreed.version)
    for who in ("olaf", "ines"):
        desk.log.write(town.actor(who), number, [deal], day, "logword")


def _asks_for(town, number, form):
    """A step of that form: the playbook's, or one that is made for it."""
    found = town.rows("SELECT id FROM checklist_items WHERE handoff_id = :n AND form = :f", n=number, f=form.value)
    if found:
        return found[0].id
    step = town.bot.checklist.add(town.actor("mia"), number, f"Step {form.value}", town.mia.id, None, False)
    with town.bot.db.write() as session:
        session.connection().exec_driver_sql(f"UPDATE checklist_items SET form = '{form.value}' WHERE id = {step}")
    return step


def _one(town, sql, **values):
    return town.rows(sql, **values)[0][0]


# -- what each of them can read -------------------------------------------------------------------------------------


def _typed(person, line):
    """All that a command brings: an answer, a window, and what can be chosen in it."""
    before = len(person.ephemerals(PLACE))
    assert person.types(f"/handoff {line}".strip(), in_=PLACE).ok
    said = [one.text for one in person.ephemerals(PLACE)[before:]]
    form = person.modal
    if form is not None:
        said.append(form.text)
        if "Account" in form.labels:
            said += form.options("Account", typed="zen") + form.options("Account", typed="")
        form.close()
    # what was typed is no secret to whoever typed it
    return "\n".join(said).replace("New account: Zenith", "").replace("\nZenith\n", "\n")


def _fetched(town, who):
    """The files behind links that are this person's."""
    person = town.rows("SELECT id, workspace_id FROM people WHERE slack_id = :s", s=town.sandbox.person(who).id)
    files = []
    for row in person:
        accounts = [one.id for one in town.rows("SELECT id FROM accounts")]
        files += [town.bot.history.file(Ticket(HISTORY, (row.workspace_id, row.id, one))) for one in accounts]
    return "\n".join(one.content.decode() for one in files if one is not None)


def _brief_pages(town, who):
    """Every brief as a page, with links that were made for this person."""
    shown = []
    for row in town.rows("SELECT id, workspace_id FROM people WHERE slack_id = :s", s=town.sandbox.person(who).id):
        for purpose, table in ((BRIEF, "handoffs"), (DOSSIER, "accounts")):
            for number in town.rows(f"SELECT id FROM {table}"):
                with suppress(Gone, NotTheirs):
                    page = town.bot.briefs.open(Ticket(purpose, (row.workspace_id, row.id, number.id)))
                    shown.append(page.brief.account.name)
                    shown += [one.essence for part in page.brief.sections for one in part.lines]
    return "\n".join(shown)


def _pay_file(town, who):
    rows = town.rows("SELECT id, workspace_id FROM people WHERE slack_id = :s", s=town.sandbox.person(who).id)
    files = [town.bot.deal_desk.pay.file(Ticket(PAY, (row.workspace_id, row.id))) for row in rows]
    return "\n".join(one.content.decode() for one in files if one is not None)


def _threads(person):
    return "\n".join(m.text for root in person.messages("#accounts") for m in person.thread(root))


SURFACES = {
    **{f"/handoff {line}": lambda town, who, line=line: _typed(town.sandbox.person(who), line)
       for lines in LINES.values() for line in lines},
    "Home": lambda town, who: town.sandbox.person(who).opens_home().text,
    "direct messages": lambda town, who: "\n".join(m.text for m in town.sandbox.person(who).dms("baton")),
    "the channel": lambda town, who: "\n".join(m.text for m in town.sandbox.person(who).messages("#accounts"))
    if who != "otto" else "",
    "the threads": lambda town, who: _threads(town.sandbox.person(who)) if who != "otto" else "",
    "the file of the history": _fetched,
    "the pages of briefs": _brief_pages,
    "the file for finance": _pay_file,
    "guessed numbers": guessed,
}  # fmt: skip


@pytest.fixture(scope="module")
def readings(town):
    """What everybody reads everywhere."""
    return {(surface, who): read(town, who) for surface, read in SURFACES.items() for who in PEOPLE}


def test_every_command_is_typed():
    assert set(LINES) - {""} == set(COMMANDS)


@pytest.mark.parametrize("secret", SECRETS)
def test_only_those_who_may_read_it_anywhere(readings, secret):
    word, readers = SECRETS[secret]
    found = {(surface, who) for (surface, who), text in readings.items() if word in text}
    allowed = {(surface, who) for surface, who in found if who in readers}
    allowed |= {(surface, who) for surface in FOR_FINANCE for who in IN_FILES.get(secret, ())}
    assert found - allowed == set()
    assert {who for _, who in found} >= readers & {"mia"}, "nobody reads it, so that this proves nothing"


def test_those_who_may_know_are_told(readings):
    """The words do stand somewhere for each who may read them: no secret is kept by showing nothing."""
    for secret, (word, readers) in SECRETS.items():
        reads = {who for (_, who), text in readings.items() if word in text}
        assert readers <= reads, f"{secret}: {readers - reads} find it nowhere"
