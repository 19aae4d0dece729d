"""Give back the disk of the environment this runs in, where ``.ci/run`` said that it is used once.

An environment with both frameworks is 1.6 GB and a run makes eight of them, more than a small machine has. tox keeps
them all, since a developer uses them again: so without ``DUALFW_ENVIRONMENTS=once`` nothing happens.
"""

import os
import shutil
import sys
from pathlib import Path


def main() -> None:
    its_own = sys.prefix != sys.base_prefix  # never a Python that others use
    if its_own and os.environ.get("DUALFW_ENVIRONMENTS") == "once":
        here = Path(sys.prefix)
        # First tox's own record of what is installed: without it, a later run makes the environment anew.
        (here / ".tox-info.json").unlink(missing_ok=True)
        shutil.rmtree(here / "lib")


if __name__ == "__main__":
    main()
