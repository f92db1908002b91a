"""A playbook file in which nothing is wrong, to be spoiled or changed."""

from __future__ import annotations

from pathlib import Path

GOOD = """\
title: Our way
summary: How we do it.
for:
  reason: [retirement, promotion]
ladder:
  manager_after: 3
feedback:
  - {function: credit, pack: credit}
stages:
  - key: prepare
    title: Prepare
    goal: All is written down.
    due: 5 working days before the last day
    hands_over: yes
    steps:
      - key: warn_customer
        title: Warn the customer
        owner: outgoing
        due: 2 working days after start
  - key: introduce
    title: Introduce
    goal: They have met.
    due: on transfer
    steps:
      - key: read_history
        title: Read the purchase history
        owner: incoming
        due: on transfer
        repeat: 2 times every 5 working days
        when: {tier: key}
"""


def written(folder: Path, text: str | bytes, name: str = "ours.yaml") -> Path:
    """The file in a folder of playbooks, with this text."""
    path = folder / "playbooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
