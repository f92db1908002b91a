"""Saving somebody's message to an account: once, by whoever was first, and what can not be saved."""

from __future__ import annotations

from tests.capture_steps import PLACE, entries
from tests.databases import mostly_sqlite


def test_a_message_is_saved_once_and_the_second_hears_who_was_first(lite_town):
    town = lite_town.begun("Acme Pumps")
    message = town.ida.says("*Acme Pumps* complained to @ines about <late> pallets & rust", in_=PLACE)
    assert message.shortcut("Save to a handoff").ok
    form = town.ida.modal
    assert form.value("Account") == "Acme Pumps"
    assert form.value("What was it?") == "Complaint"
    assert form.value("What was said?").endswith("about <late> pallets & rust")
    assert form.value("What was said?").startswith("Acme Pumps complained to @")
    assert form.submit().ok
    assert "Saved" in town.ida.modal.title
    (row,) = entries(town)
    assert row.link == f"https://northfield.slack.com/archives/C0ACCOUNTS0/p{message.ts.replace('.', '')}"
    again = next(m for m in town.cora.messages(PLACE) if m.ts == message.ts)
    assert again.shortcut("Save to a handoff").ok
    assert "@ida has saved that message already, for Acme Pumps." in town.cora.modal.text
    assert len(entries(town)) == 1


def test_in_the_thread_of_a_handoff_its_account_is_suggested(lite_town):
    town = lite_town.begun()
    reply = town.olaf.types("They want it in blue", in_=PLACE, thread=town.card(who="olaf"))
    assert reply.ok
    message = next(m for m in town.ines.thread(town.card(who="ines")) if m.text == "They want it in blue")
    assert message.shortcut("Save to a handoff").ok
    assert town.ines.modal.value("Account") == "Acme"
    assert town.ines.modal.submit().ok
    assert "?thread_ts=" in entries(town)[0].link


@mostly_sqlite
def test_two_who_save_the_same_message_at_once_write_it_once(town):
    town.begun()
    message = town.ida.says("Acme is moving", in_=PLACE)
    forms = []
    for name in ("ida", "cora"):
        person = town.sandbox.person(name)
        seen = next(m for m in person.messages(PLACE) if m.ts == message.ts)
        assert seen.shortcut("Save to a handoff").ok
        forms.append(person.modal)
    assert forms[0].submit().ok
    forms[1].submit()
    assert "has saved that message already" in town.cora.modal.text
    assert len(entries(town)) == 1


def test_what_cannot_be_saved_gets_a_sentence(lite_town):
    town = lite_town.begun()
    assert town.card(who="ida").shortcut("Save to a handoff").ok
    assert "a message of my own" in town.ida.ephemerals(PLACE)[-1].text
    person, actions = town.ida, town.sandbox.actions
    file = actions.upload(person.id, "photo.png", b"x")
    shared = actions.share(person.id, "C0ACCOUNTS0", [file])
    seen = next(m for m in person.messages(PLACE) if m.ts == shared.ts)
    assert seen.shortcut("Save to a handoff").ok
    assert "nothing but a file" in town.ida.ephemerals(PLACE)[-1].text
    guest = town.sandbox.workspace.users[town.otto.id]
    guest.home_team = "T0ELSEWHERE"
    actions.invite("C0ACCOUNTS0", town.otto.id)
    theirs = town.otto.says("We want to order", in_=PLACE)
    seen = next(m for m in person.messages(PLACE) if m.ts == theirs.ts)
    assert seen.shortcut("Save to a handoff").ok
    assert "Somebody from another company wrote that" in town.ida.ephemerals(PLACE)[-1].text
    assert not entries(town)


def test_of_a_message_longer_than_a_line_the_form_says_that_it_holds_the_beginning(lite_town):
    town = lite_town.begun()
    message = town.ida.says("Acme wants all of this: " + "pallets and more " * 300, in_=PLACE)
    assert message.shortcut("Save to a handoff").ok
    form = town.ida.modal
    assert len(form.value("What was said?")) <= 3000
    assert "longer than a line of the history can be: this is its beginning" in form.text
    assert form.submit().ok
    assert entries(town)[0].link
    short = town.ida.says("Acme wants it in blue", in_=PLACE)
    assert short.shortcut("Save to a handoff").ok
    assert "this is its beginning" not in town.ida.modal.text
