"""`python -m halint`: where there is no script for it, as on Windows."""

from halint.start import main

if __name__ == "__main__":
    main()
