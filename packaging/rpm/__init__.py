"""The rpm packages for AIX, made with Debian's rpmbuild."""
