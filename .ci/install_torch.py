"""Install torch's CPU build into this environment, whatever index pip is set up with.

PyPI's torch for Linux brings several gigabytes of CUDA. The CPU build has a version of its own, ``+cpu``: pip finds it
where it is set up to (a folder of wheels, an extra index); uv knows where the PyTorch project keeps it.
"""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

VERSION = "2.13.0"


def main() -> int:
    """Install, unless some torch is there already: that one is never replaced."""
    try:
        print(f"torch {version('torch')} is installed already")
    except PackageNotFoundError:
        return install()
    return 0


def install() -> int:
    """pip first; where it finds no CPU build, uv."""
    if run("-m", "pip", "install", f"torch=={VERSION}+cpu") == 0:
        return 0
    print("pip finds no CPU build of torch where it is set up to look; asking uv, which knows PyTorch's own index")
    return run("-m", "pip", "install", "uv") or run(
        "-m", "uv", "pip", "install", "--torch-backend=cpu", f"torch=={VERSION}"
    )


def run(*arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
