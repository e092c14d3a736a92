"""The development kit: a private MariaDB, a real WordPress and the sidecar, all in one ignored folder.

Used by the Makefile and by the tests; never by the product. Standard library only where it must run before
the virtual environment exists (`packages`).
"""
