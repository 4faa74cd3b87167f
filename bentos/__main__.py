"""`python -m bentos` is `ballast`."""

from bentos.cli import main

if __name__ == "__main__":
    main()
