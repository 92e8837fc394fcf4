"""A headless browser without a network, for pages that must do without."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: No address resolves, every proxy is a closed port: what the page does not hold it cannot get.
OFFLINE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--virtual-time-budget=3000",
)


def browser() -> str:
    """Return the path of a browser, or skip the test."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser found: looked for {', '.join(BROWSERS)}")
    return found


def run(profile: Path, *words: str) -> str:
    """Run the browser once and return what it printed."""
    try:
        done = subprocess.run(
            [browser(), *OFFLINE, f"--user-data-dir={profile}", *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("the browser did not answer within 60 s")
    return done.stdout


def dom(page: Path, profile: Path) -> str:
    """Return the page as it is after its scripts have run."""
    return run(profile, "--window-size=1366,900", "--dump-dom", page.as_uri())


def picture(page: Path, profile: Path, target: Path) -> Path:
    """Return a picture of the page."""
    run(profile, "--hide-scrollbars", "--window-size=1366,900", f"--screenshot={target}", page.as_uri())
    return target
