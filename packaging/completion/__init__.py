"""Completion of drboot's command line; see README.md beside this."""
