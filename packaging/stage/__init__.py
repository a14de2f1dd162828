"""The tree that goes on AIX, built on Linux: what it holds (contents.py), and the files themselves."""
