"""The words of the `baton` command; `bot/cli.py` lists them."""
