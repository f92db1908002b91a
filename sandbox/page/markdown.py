"""Standard markdown (the markdown block) to safe HTML: no raw HTML, no loaded images, checked links."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from sandbox.page.emoji import with_emoji
from sandbox.page.html import anchor, safe_link


def render(text: str) -> Markup:
    """The HTML of a markdown text."""
    return Markup(_parser().render(with_emoji(text)))


class _Renderer(RendererHTML):
    """Headings step down (the page has its own), links are checked, images are links to themselves."""

    def heading_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        return f'<p class="h{tokens[at].tag[1]}" role="heading" aria-level="{_level(tokens[at])}">'

    def heading_close(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        return "</p>"

    def link_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        href = safe_link(str(tokens[at].attrGet("href") or ""))
        tokens[at].attrs = (
            {"href": href, "target": "_blank", "rel": "noopener noreferrer nofollow"} if href is not None else {}
        )
        return self.renderToken(tokens, at, options, env)

    def image(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        url = str(tokens[at].attrGet("src") or "")
        return str(anchor(url, tokens[at].content or url))


def _level(token: Token) -> int:
    return min(int(token.tag[1]) + 3, 6)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer).enable(
        ["table", "strikethrough"]
    )
