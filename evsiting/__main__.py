"""Run the command line as ``python -m evsiting``."""

from evsiting.cli import main

if __name__ == "__main__":
    main()
