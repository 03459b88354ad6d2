"""Who may read what zoo_dag writes: its owner and their group, unless somebody says otherwise."""

import os
import re
import sys

# An umask as in the shell, such as 022 to let everybody read.
VARIABLE = "ZOO_DAG_UMASK"
_NOBODY_ELSE = 0o007


def restrict_new_files() -> None:
    """Let nobody but owner and group read what this process and those that it starts write from now on.

    An umask of the user that is stricter holds too. `ZOO_DAG_UMASK` replaces both; the process ends with code 2
    where it is none.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        os.umask(os.umask(0o077) | _NOBODY_ELSE)
        return
    if not re.fullmatch("[0-7]{1,4}", text):
        print(f"Error: {VARIABLE} is {text!r}; expected an umask such as 022.", file=sys.stderr)
        sys.exit(2)
    os.umask(int(text, 8))
