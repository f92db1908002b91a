"""What people type: whether there is anything to see in it."""

from __future__ import annotations

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
"""Unicode's categories of characters that leave no mark: blanks, controls, joiners, unassigned ones."""


def trimmed(text: str | None) -> str:
    """`text` without blanks around it; empty when nothing in it can be seen (zero-width spaces, say)."""
    cleaned = (text or "").strip()
    return cleaned if any(unicodedata.category(sign) not in _UNSEEN for sign in cleaned) else ""
