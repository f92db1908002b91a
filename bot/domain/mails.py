"""A mail that somebody sends themselves: as text to copy, as a `mailto:` address, as a file for a mail program.

Baton sends no mail and knows nobody's mail account; it writes the words, the rep sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

MAILTO_LONGEST = 1800
"""Characters of a `mailto:` address: some mail programs and Windows cut it off at about 2,000."""


@dataclass(frozen=True)
class Mail:
    """`to` is an address or empty; `subject` is one line; the lines of `body` end with a newline sign."""

    to: str
    to_name: str
    subject: str
    body: str


def mailto(mail: Mail, instead_of_the_rest: str) -> str:
    """An address that opens a mail program with everything filled in (RFC 6068), `MAILTO_LONGEST` at most.

    A body that is too long ends between two words, followed by the sentence `instead_of_the_rest`.
    """
    subject = mail.subject[:200]
    start = f"mailto:{quote(mail.to, safe='@.+-_')}?subject={_encoded(subject)}&body="
    room = MAILTO_LONGEST - len(start)
    whole = _encoded(mail.body)
    if len(whole) <= room:
        return start + whole
    ending = _encoded(f" …\n\n{instead_of_the_rest}")
    return start + _encoded(_beginning(mail.body, room - len(ending))) + ending


def eml(mail: Mail) -> bytes:
    """The mail as a draft (message/rfc822): `X-Unsent` makes Outlook open it for writing instead of reading."""
    from email.headerregistry import Address  # half a megabyte, for what is wanted now and then
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    message["Subject"] = mail.subject
    if mail.to:
        user, _, domain = mail.to.rpartition("@")
        message["To"] = Address(mail.to_name, user, domain)
    message["X-Unsent"] = "1"
    message.set_content(mail.body)
    return message.as_bytes()


def _encoded(text: str) -> str:
    return quote(text.replace("\r\n", "\n").replace("\n", "\r\n"), safe="")


def _beginning(body: str, room: int) -> str:
    """As many whole words of the body as fit, once they are encoded."""
    low, high = 0, len(body)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_encoded(body[:middle])) <= room:
            low = middle
        else:
            high = middle - 1
    cut = body[:low]
    blank = max(cut.rfind(" "), cut.rfind("\n"))
    return cut[:blank].rstrip() if blank > 0 else cut
