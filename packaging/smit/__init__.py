"""drboot's menus for SMIT; see README.md beside this."""
