"""drboot's manual pages, made from the code that they describe; see README.md beside this."""
