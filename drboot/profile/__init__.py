"""The site profiles and the address table: read, checked, turned into typed values."""
