"""`python -m hubtui` is `hubtui`."""

from hubtui.cli import main

if __name__ == "__main__":
    main()
