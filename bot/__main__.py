"""The `baton` command.

What serves begins without the library that reads the words of all the other commands: it would keep twelve megabytes
of it for as long as it lives.
"""

import sys

from bot.settings import Role


def main() -> None:
    """Do what the command line says."""
    if sys.argv[1:] in ([role.value] for role in Role):
        from bot.running.begin import begin

        begin(Role(sys.argv[1]))
    else:
        from bot.cli import app

        app()


if __name__ == "__main__":
    main()
