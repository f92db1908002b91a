from slack_sdk import WebClient
from tiny_bolt import TinyApp, actions, button, modal, section, text_input

from sandbox.server import Sandbox


def test_a_command_opens_a_form_that_posts_a_card(sandbox: Sandbox, app: TinyApp, client: WebClient) -> None:
    mia = sandbox.person("mia")
    app.opens("command", modal(text_input("who", "Who is it about?")))

    def post(ack, body, client, **_):
        who = body["view"]["state"]["values"]["who"]["typed"]["value"]
        client.chat_postMessage(
            channel="C0ACCOUNTS0",
            text="a card",
            blocks=[
                section(f"*{who}* for <@{body['user']['id']}>"),
                actions(button("go", "Go"), button("stop", "Stop")),
            ],
        )
        ack()

    app.on("submit", post)
    assert mia.types("/tiny new", in_="#accounts").ok
    form = mia.modal
    assert form is not None
    assert (form.title, form.labels) == ("Tiny form", ["Who is it about?"])
    assert form.submit().errors == {"Who is it about?": "Please complete this required field."}
    form.fill("who is it", "Acme")
    assert form.submit().ok
    assert mia.modal is None
    card = mia.messages("#accounts")[-1]
    assert card.text == "Acme for @mia\n[Go] [Stop]"
    assert card.buttons == ["Go", "Stop"]
    assert card.click("go").ok
    assert app.last["actions"][0]["action_id"] == "go"
    assert app.last["message"]["ts"] == card.ts
    client.chat_update(channel="C0ACCOUNTS0", ts=card.ts, text="done")
    assert card.text == "done"
    assert sandbox.person("otto").sees("done", in_="#accounts")
