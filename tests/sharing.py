"""What the stories of shared deals have in common: listed, shared, agreed, worked on, closed."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.vocabulary import Reason

LIST, SHARE = "List the deals and projects in flight", "Agree who closes which deal"


def begun_sharing(town):
    """Olaf hands Acme to Ines, and both stay."""

    def begin():
        town.set_up()
        form = replace(town.form("Acme"), reason=Reason.TERRITORY_CHANGE, last_day=None)
        town.bot.start(town.actor("mia"), form)
        town.settle()

    town.once("sharing Acme", begin)
    return town


def open_deals(town, who="mia", line="/handoff deals Acme"):
    person = town.sandbox.person(who)
    if person.modal is not None:
        person.modal.close()
    assert person.types(line, in_="#accounts").ok
    return person.modal


def adds(town, name="Packing line", amount="12.500,00", currency="EUR", who="mia", close="2027-02-01"):
    """From the list that is open. Returns what came of it."""
    person = town.sandbox.person(who)
    assert person.modal.click("Add a deal").ok
    form = person.modal
    form.fill("Deal", name)
    form.fill("Amount", amount)
    form.fill("Currency", currency)
    form.choose("Expected to close", close)
    return form.submit()


def shares(town, deal="Packing line", outgoing="30", incoming="70", rate="5", until=None, mode=None):
    """Mia sets the terms, in the list that is open."""
    mia = town.mia
    assert mia.modal.menu("terms" if "Change the terms" in str(mia.modal.view.blocks) else "Share", near=deal).ok
    form = mia.modal
    form.fill("Commission, %", rate)
    form.fill("Share of the outgoing", outgoing)
    form.fill("Share of the incoming", incoming)
    if until:
        form.choose("Until", until)
    if mode:
        form.choose("How are they paid?", mode)
    return form.submit()


def asked_to_agree(town, who, words="do you agree to this commission?"):
    """The latest direct message that asks to agree."""
    found = [m for m in town.sandbox.person(who).messages("@baton") if words in m.text]
    assert found, [m.text for m in town.sandbox.person(who).messages("@baton")]
    return found[-1]


def agreed(town, until=None, mode=None, **deal):
    """A deal that both have agreed to share."""
    open_deals(town)
    assert adds(town, **deal).ok
    outcome = shares(town, deal.get("name", "Packing line"), until=until, mode=mode)
    assert outcome.ok
    assert not outcome.errors
    town.settle()
    for who in ("olaf", "ines"):
        assert asked_to_agree(town, who).click("I agree").ok
    town.settle()


def works(town, who, what="Went through the timeline", day=None):
    form = work_form(town, who)
    form.fill("What did you do?", what)
    if day:
        form.choose("Day", day)
    return form.submit()


def work_form(town, who):
    open_deals(town, who)
    person = town.sandbox.person(who)
    assert person.modal.menu("Write down work").ok
    return person.modal


def closes(town, who="ines", amount=None, on=None, outcome=None, entry="Close the deal"):
    open_deals(town, who)
    person = town.sandbox.person(who)
    assert person.modal.menu(entry).ok
    form = person.modal
    if amount is not None:
        form.fill("Amount", amount)
    if on:
        form.choose("Closed on", on)
    if outcome:
        form.choose("How did it end?", outcome)
    return form.submit()


def commission_of(town):
    [row] = town.rows("SELECT * FROM commissions")
    return row


def audited(town, verb):
    return town.rows("SELECT before, after FROM audit WHERE verb = :v ORDER BY id", v=verb)


def items_along(town, form):
    query = (
        "SELECT i.*, p.slack_id AS owner FROM checklist_items i LEFT JOIN people p ON p.id = i.owner_id "
        "WHERE i.form = :f AND i.key LIKE 'along.%' ORDER BY i.id"
    )
    return town.rows(query, f=form)
