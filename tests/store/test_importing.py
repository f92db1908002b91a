"""Importing on both databases: all or nothing, owners by the line of time, nothing said of what is quiet."""

from __future__ import annotations

import io
from datetime import date

import pytest
from sqlalchemy import update

from bot.domain.imports.report import (
    BadRowsLeft,
    Choices,
    FileChanged,
    ImportedAlready,
    ImportKind,
    QuestionsLeft,
    WhyUnmatched,
)
from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.store.schema import people
from bot.usecases.desk import Actor
from bot.usecases.imports.exporting import Exporting
from bot.usecases.imports.importing import Importing, Request

HEAD = "name,owner,tier,region\n"
BOOK = HEAD + "Acme,Olaf,key,North\nBlue Heron,Ines,standard,\n"


@pytest.fixture
def desk(office):
    office.set_up()
    office.started()  # Acme: from Olaf to Ines
    with office.db.write() as session:
        for name in ("Olaf", "Ines", "Otto"):
            session.execute(update(people).where(people.c.slack_id == f"U{name.upper()}").values(name=name))
        office.desk.person(session, 1, "UOTTO").name = "Otto"
    office.importing = Importing(office.desk)
    return office


def accounts(text, **choices):
    return Request(ImportKind.ACCOUNTS, "book.csv", text.encode(), choices=Choices(**choices))


def counted(dry):
    one = dry.counts
    return one.created, one.changed, one.unchanged, one.bad


def owners(office, name):
    return [
        (row.who, str(row.from_on), row.until_on and str(row.until_on))
        for row in office.rows(
            "SELECT p.name AS who, c.from_on, c.until_on FROM coverage c JOIN accounts a ON a.id = c.account_id"
            " LEFT JOIN people p ON p.id = c.person_id WHERE a.name = :name ORDER BY c.from_on",
            name=name,
        )
    ]


def test_a_book_is_imported_and_the_second_time_changes_nothing(desk):
    mia = desk.who("mia")
    dry = desk.importing.prepare(mia, accounts(BOOK))
    assert (counted(dry), dry.ready) == ((1, 1, 0, 0), True)
    assert desk.rows("SELECT count(*) AS n FROM accounts")[0].n == 1
    assert desk.rows("SELECT count(*) AS n FROM imports")[0].n == 0
    assert counted(desk.importing.apply(mia, accounts(BOOK)).dry_run) == (1, 1, 0, 0)
    assert owners(desk, "Blue Heron") == [("Ines", "2026-11-23", None)]
    trail = desk.rows("SELECT count(*) AS n FROM audit")[0].n
    assert counted(desk.importing.apply(mia, accounts(BOOK)).dry_run) == (0, 0, 2, 0)
    verbs = desk.rows("SELECT verb FROM audit WHERE id > 0 ORDER BY id DESC LIMIT 1")
    assert desk.rows("SELECT count(*) AS n FROM audit")[0].n == trail + 1  # that it was imported, and no change
    assert verbs[0].verb == "import.applied"


def test_an_owner_changes_from_today_on_but_not_while_a_handoff_is_under_way(desk):
    mia = desk.who("mia")
    before = owners(desk, "Acme")
    desk.importing.apply(mia, accounts(BOOK))
    desk.clock.passes(days=7)
    dry = desk.importing.apply(mia, accounts(HEAD + "Acme,Otto,strategic,\nBlue Heron,Otto,,\n")).dry_run
    assert owners(desk, "Acme") == before
    assert [(one.about, type(one.problem).__name__) for one in dry.notes] == [
        ("Acme", "TierStays"),
        ("Acme", "OwnerStays"),
    ]
    assert owners(desk, "Blue Heron") == [("Ines", "2026-11-23", "2026-11-30"), ("Otto", "2026-11-30", None)]


def test_one_bad_row_and_nothing_is_imported_unless_it_may_be_left_out(desk):
    mia = desk.who("mia")
    text = HEAD + "New one,Olaf,key,\nnew  ONE,Olaf,key,\nOther,Olaf,golden,\nThird,Nobody Known,,\n"
    dry = desk.importing.prepare(mia, accounts(text))
    assert [(one.line, one.column, str(one.problem)) for one in dry.bad] == [
        (3, "", "The same is in line 2 already."),
        (4, "tier", "That is none of strategic, key, standard."),
    ]
    assert [(one.name, one.why) for one in dry.unmatched] == [("Nobody Known", WhyUnmatched.UNKNOWN)]
    with pytest.raises(BadRowsLeft):
        desk.importing.apply(mia, accounts(text))
    assert [row.name for row in desk.rows("SELECT name FROM accounts")] == ["Acme"]
    done = desk.importing.apply(mia, accounts(text, leave_out_bad=True, people={"nobody known": "UNEW"}))
    assert (done.counts.created, done.counts.bad) == (2, 2)
    assert desk.rows("SELECT slack_id FROM people WHERE slack_id = 'UNEW'")
    assert owners(desk, "Third") == [("", "2026-11-23", None)]


def test_what_was_looked_at_is_imported_once_by_whom_it_belongs_to(desk):
    mia = desk.who("mia")
    number = desk.importing.keep(mia, desk.importing.prepare(mia, accounts(BOOK)), "F1")
    with pytest.raises(NotAllowed):
        desk.importing.prepare(desk.who("olaf"), accounts(BOOK))
    with desk.db.write() as session:
        desk.desk.actor(session, desk.who("carl")).is_admin = True
    with pytest.raises(NoSuchThing):
        desk.importing.apply(desk.who("carl"), accounts(BOOK), number)
    with pytest.raises(FileChanged):
        desk.importing.apply(mia, accounts(BOOK + "More,Olaf,,\n"), number)
    desk.importing.apply(mia, Request(ImportKind.ACCOUNTS, "", BOOK.encode()), number)
    with pytest.raises(ImportedAlready):
        desk.importing.apply(mia, accounts(BOOK), number)
    assert desk.importing.kept(mia, number).state == "applied"


def test_who_may_not_know_of_a_quiet_account_imports_it_as_a_new_one(desk):
    desk.started("Hush", quiet=True, last_day=date(2026, 12, 18))
    with desk.db.write() as session:
        desk.desk.actor(session, desk.who("carl")).is_admin = True
    carl, text = desk.who("carl"), HEAD + "Hush,Otto,,North\n"
    line = owners(desk, "Hush")
    dry = desk.importing.prepare(carl, accounts(text))
    assert (counted(dry), dry.notes, dry.unmatched) == ((1, 0, 0, 0), (), ())
    contact = Request(ImportKind.CONTACTS, "people.csv", b"account,name\nHush,Petra\n")
    assert "no account" in str(desk.importing.prepare(carl, contact).bad[0].problem)
    assert counted(desk.importing.prepare(desk.who("mia"), accounts(text))) == (0, 1, 0, 0)
    desk.importing.apply(carl, accounts(text))
    assert owners(desk, "Hush") == line  # the quiet handoff goes on as it was planned
    again = desk.importing.apply(carl, accounts(text)).dry_run
    assert (counted(again), again.notes) == ((0, 0, 1, 0), ())


def test_an_export_leaves_out_what_is_quiet_and_who_makes_trouble(desk):
    desk.started("Hush", quiet=True, last_day=date(2026, 12, 18))
    mia = desk.who("mia")
    bring = Request(ImportKind.CONTACTS, "people.csv", b"account,name,role\nAcme,=Petra,trouble maker\n")
    desk.importing.apply(mia, bring)

    def out(exporting, kind, **more):
        text = io.StringIO()
        exporting.write(mia if not exporting.operator else Actor("T1", ""), kind, text, **more)
        return text.getvalue()

    everybody = Exporting(desk.desk, operator=True)
    assert "Hush" not in out(everybody, ImportKind.ACCOUNTS)
    assert "Hush" in out(Exporting(desk.desk), ImportKind.ACCOUNTS)
    assert "Acme,,,'=Petra,,,,," in out(everybody, ImportKind.CONTACTS)
    assert "trouble_maker" in out(everybody, ImportKind.CONTACTS, confidential=True)
    with pytest.raises(NotAllowed):
        Exporting(desk.desk).write(desk.who("olaf"), ImportKind.ACCOUNTS, io.StringIO())


def test_contacts_and_deals_find_their_account_and_each_other(desk):
    mia = desk.who("mia")
    desk.importing.apply(mia, accounts(BOOK))
    people_file = "account,name,mail,role\nACME,Petra,petra@acme.example,trouble maker\nAcme,Petra,p2@acme.example,\n"
    bring = Request(ImportKind.CONTACTS, "people.csv", people_file.encode())
    assert counted(desk.importing.apply(mia, bring).dry_run) == (2, 0, 0, 0)
    milder = people_file.replace("trouble maker", "user").replace("ACME,Petra", "ACME,Petra L")
    bring = Request(ImportKind.CONTACTS, "people.csv", milder.encode())
    assert counted(desk.importing.apply(mia, bring).dry_run) == (0, 1, 1, 0)
    found = desk.rows("SELECT name, role FROM contacts ORDER BY id")
    assert [(row.name, row.role) for row in found] == [("Petra L", "trouble_maker"), ("Petra", "")]
    deals = "account,name,amount,currency,state,closed_on\nAcme,Pumps,12.50,EUR,,\nAcme,Old,7,EUR,won,2026-10-01\n"
    bring = Request(ImportKind.DEALS, "deals.csv", deals.encode())
    assert counted(desk.importing.apply(mia, bring).dry_run) == (2, 0, 0, 0)
    assert counted(desk.importing.apply(mia, bring).dry_run) == (0, 0, 2, 0)
    asked = Request(ImportKind.DEALS, "deals.csv", deals.replace("12.50", "1.234").replace(",7,", ",2.345,").encode())
    with pytest.raises(QuestionsLeft):
        desk.importing.apply(mia, asked)
    answered = Request(asked.kind, asked.file_name, asked.source, choices=Choices(decimal=","))
    assert counted(desk.importing.apply(mia, answered).dry_run) == (0, 1, 1, 0)
    minor = desk.rows("SELECT amount_minor AS a, closed_minor AS c FROM deals ORDER BY id")
    assert [(row.a, row.c) for row in minor] == [(123400, None), (700, 700)]


def test_a_look_does_not_tell_who_makes_trouble_to_whoever_may_not_hear_it(desk):
    mia, head = desk.who("mia"), "account,name,role\n"
    people_at = head + "Acme,Pat,trouble maker\nAcme,Bob,\n"
    desk.importing.apply(mia, Request(ImportKind.CONTACTS, "p.csv", people_at.encode()))
    with desk.db.write() as session:
        session.execute(update(people).where(people.c.slack_id == "UOTTO").values(is_admin=True))
    admin = Actor(mia.team_id, "UOTTO")
    for role in ("trouble maker", "influencer"):
        looks = [Request(ImportKind.CONTACTS, "q.csv", f"{head}Acme,{one},{role}\n".encode()) for one in ("Pat", "Bob")]
        assert [counted(desk.importing.prepare(admin, one)) for one in looks] == [(0, 0, 1, 0)] * 2
    again = Request(ImportKind.CONTACTS, "p.csv", people_at.encode())
    assert counted(desk.importing.prepare(mia, again)) == (0, 0, 2, 0)


def test_importing_again_and_again_tells_no_more_than_looking(desk):
    """Pat makes trouble, of Bob nothing is known: an admin reads the same of both, and takes nothing away."""
    mia, head = desk.who("mia"), "account,name,role,note,title\n"
    people_at = f"{head}Acme,Pat,trouble maker,Shouts,\nAcme,Bob,,,\nAcme,Eve,user,Calm,\n"
    desk.importing.apply(mia, Request(ImportKind.CONTACTS, "p.csv", people_at.encode()))
    with desk.db.write() as session:
        session.execute(update(people).where(people.c.slack_id == "UOTTO").values(is_admin=True))
    admin = Actor(mia.team_id, "UOTTO")

    def brings(who, name, rest, importing=desk.importing):
        file = Request(ImportKind.CONTACTS, "q.csv", f"{head}Acme,{name},{rest}\n".encode())
        dry = importing.apply(who, file).dry_run
        return counted(importing.prepare(who, file)), counted(dry), [str(one.problem) for one in dry.notes]

    for rest in ("trouble maker,,", "trouble maker,,", "user,,", "user,,", ",Shouts,", ",Whispers,", ",Whispers,"):
        pat, bob = (brings(admin, name, rest) for name in ("Pat", "Bob"))
        assert pat == bob, rest
        assert "managers" in pat[2][0]
    assert brings(admin, "Pat", "user,Whispers,Buyer") == brings(admin, "Bob", "user,Whispers,Buyer")
    text = io.StringIO()
    Exporting(desk.desk).write(admin, ImportKind.CONTACTS, text)
    assert (
        len({line.replace("Pat", "Bob") for line in text.getvalue().splitlines() if "Pat" in line or "Bob" in line})
        == 1
    )
    # what they see, they change; who makes trouble is not theirs to say
    assert brings(admin, "Eve", "gatekeeper,Quick,")[1:] == ((0, 1, 0, 0), [])
    assert "who makes trouble" in brings(admin, "Eve", "trouble maker,,")[2][0]
    assert "who makes trouble" in brings(admin, "New", "trouble maker,,")[2][0]
    there = {row.name: tuple(row)[1:] for row in desk.rows("SELECT name, role, note, title FROM contacts")}
    assert there == {
        "Pat": ("trouble_maker", "Shouts", "Buyer"),
        "Bob": ("", "", "Buyer"),
        "Eve": ("gatekeeper", "Quick", ""),
        "New": ("", "", ""),
    }
    # managers, and the operator in whoever's name, go on as before
    assert brings(mia, "Pat", "trouble maker,Rings at night,")[1:] == ((0, 1, 0, 0), [])
    operator = Importing(desk.desk, operator=True)
    assert brings(admin, "Bob", "trouble maker,Shouts,", operator)[1:] == ((0, 1, 0, 0), [])


@pytest.mark.parametrize("role", ["", "user", "trouble maker"])
def test_what_a_file_notes_about_who_makes_trouble_is_confided_in_the_trail(desk, role):
    mia, head = desk.who("mia"), "account,name,role,title,note\n"
    files = (f"{head}Acme,Pat,{role},,Rings at night\n", f"{head}Acme,Pat,trouble maker,Buyer,Shouts\n")
    for content in files:
        desk.importing.apply(mia, Request(ImportKind.CONTACTS, "p.csv", content.encode()))
    told = desk.rows("SELECT verb, before, after FROM audit WHERE verb LIKE 'contact.%' ORDER BY id")
    openly = [one for one in told if one.verb != "contact.confided"]
    assert [one.verb for one in openly] == ["contact.imported", "contact.changed"]
    assert not any(word in str(one) for one in openly for word in ("Rings", "Shouts", "trouble"))
    assert "Buyer" in str(openly[-1])
    (aside,) = (one for one in told if one.verb == "contact.confided")
    assert "Rings at night" in str(aside.before)
    assert "Shouts" in str(aside.after)
