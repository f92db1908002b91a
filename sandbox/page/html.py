"""Small pieces for building HTML in which every value is escaped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from markupsafe import Markup, escape

_LINKABLE = re.compile(r"^(https?://|mailto:|tel:)[^\s\x00-\x1f]+$", re.IGNORECASE)
_PICTURE = re.compile(r"^(https?://[^\s\x00-\x1f]+|/[^/\\\s][^\s\x00-\x1f]*)$", re.IGNORECASE)
_VOID = {"img", "input", "hr", "br"}

Attribute = str | int | bool | None


def tag(name: str, /, *children: str | Markup, **attributes: Attribute) -> Markup:
    """One element. Children that are plain str are escaped; so is every attribute value.

    An attribute named ``class_`` or ``data_block_id`` becomes ``class`` / ``data-block-id``; None and False are left
    out, True gives a bare attribute.
    """
    opening = f"<{name}{_attributes(attributes)}>"
    if name in _VOID:
        return Markup(opening)
    return Markup(f"{opening}{''.join([str(escape(child)) for child in children])}</{name}>")


def join(children: Iterable[str | Markup]) -> Markup:
    """The children one after the other, plain ones escaped."""
    return Markup("").join(children)


def _attributes(attributes: dict[str, Attribute]) -> str:
    shown = []
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        key = name.rstrip("_").replace("_", "-")
        # An attribute's value is words even when it was HTML elsewhere: str() makes it be escaped again.
        shown.append(f" {key}" if value is True else f' {key}="{escape(str(value))}"')
    return "".join(shown)


def stable_id(*parts: str) -> str:
    """An id that is the same for the same parts, so that a refreshed element is recognised as the old one."""
    digest = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return "e" + digest[:14]


def safe_link(url: str) -> str | None:
    """The url when it is one that a click may follow (web, mail, telephone), otherwise None."""
    return url if _LINKABLE.match(url) else None


def safe_picture(url: str) -> str | None:
    """The url when it may be loaded as an image (web, or a path of this server), otherwise None."""
    return url if _PICTURE.match(url) else None


def anchor(url: str, label: str | Markup) -> Markup:
    """A link that opens in a new window and tells that window nothing; the bare label when the url is not safe."""
    href = safe_link(url)
    if href is None:
        return escape(label)
    return tag("a", label, href=href, target="_blank", rel="noopener noreferrer nofollow")
