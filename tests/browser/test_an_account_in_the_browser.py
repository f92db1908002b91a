"""What is known about an account, in the window of a real browser on a phone: what is missing is said in one form."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from walking import PHONE, Enter, nothing_sticks_out, picture, say, send

pytestmark = pytest.mark.browser


def test_what_is_missing_is_said_where_it_is_missing(enter: Enter) -> None:
    olaf = enter("olaf", **PHONE)
    say(olaf, "/handoff account Acme")
    view = olaf.get_by_role("dialog", name="Account")
    expect(view).to_contain_text("with @Olaf since")
    expect(view).to_contain_text("0 % known")
    view.get_by_role("button", name="Say it: Who decides").click()
    form = olaf.get_by_role("dialog", name="Contact")
    form.get_by_role("textbox", name="Name").fill("Ada Lind")
    form.get_by_role("textbox", name="Mail").fill("ada@acme.example")
    expect(form.get_by_label("Role in decisions")).to_have_value("decision_maker")
    send(form, "Save")
    expect(view).to_contain_text("Ada Lind · decides")
    expect(view.get_by_role("button", name="Say it: Who decides")).to_be_hidden()
    nothing_sticks_out(olaf)
    picture("account-view", view)
    view.get_by_role("button", name="Open: Contacts").click()
    people = olaf.get_by_role("dialog", name="Contacts")
    expect(people).to_contain_text("ada@acme.example")
    nothing_sticks_out(olaf)
