"""What each recording says, written out by hand: EXPECTED maps the file's stem to the value of its parser."""
