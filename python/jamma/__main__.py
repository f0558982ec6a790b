"""`python -m jamma` is the command `jamma`."""

from .cli import console

if __name__ == "__main__":
    console()
