"""The command line: ``evsiting`` and ``python -m evsiting``."""

from evsiting.cli.app import main

__all__ = ["main"]
