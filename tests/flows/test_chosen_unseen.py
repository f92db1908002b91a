"""Somebody chosen whom Baton has not met yet may turn out to be an app, or to have left: the manager hears of it."""


def _becomes(town, name, **facts):
    """What Slack will say of somebody when it is first asked."""
    with town.sandbox.workspace.changing():
        for fact, value in facts.items():
            setattr(town.sandbox.workspace.users[town.sandbox.person(name).id], fact, value)


def test_the_manager_is_told_once_what_hangs_on_an_app(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    _becomes(town, "cora", is_bot=True)
    town.checklist().menu("Assign", near="Send the org chart")
    form = town.mia.modal
    form.choose("Owner", "@cora")
    assert form.submit().ok
    told = [m for m in town.mia.dms("baton") if "cannot be reached in Slack" in m.text]
    assert len(told) == 1
    assert "@cora cannot be reached in Slack: choose somebody else for the handoff of Acme" in told[0].text
    assert "Send the org chart" in told[0].text
    assert "@cora" not in town.checklist().text


def test_the_manager_is_told_which_role_an_app_was_given(lite_town):
    town = lite_town
    town.set_up()
    _becomes(town, "ines", is_bot=True)
    town.handoff("Acme")
    told = [m for m in town.mia.dms("baton") if "cannot be reached in Slack" in m.text]
    assert len(told) == 1
    assert "incoming rep" in told[0].text
