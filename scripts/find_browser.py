"""Prints the path of a Chromium for the browser tests; with --install asks Debian's package manager for one."""

import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    """The first Chromium on the path, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Needs root and apt; does nothing where either is missing."""
    apt = shutil.which("apt-get")
    if apt is None:
        return
    for arguments in (
        ("update", "-qq"),
        ("install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"),
    ):
        subprocess.run([apt, *arguments], check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - fixed arguments


if __name__ == "__main__":
    if find_browser() is None and "--install" in sys.argv:
        install()
    found = find_browser()
    print(found or "no Chromium found")
    sys.exit(0 if found else 1)
