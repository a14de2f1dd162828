"""A small installp: installs, updates, removes and lists images below a directory, to try scripts and contents.

It reads images through :mod:`bff.reader` alone.  It is no AIX: what it does in which order is

install     for the usr part, then for the root part: over an older level the new package's pre_rm; the files of
            .cfgfiles that exist are saved; the older level's files go; pre_i; the files; post_i; the saved files are
            treated as .cfgfiles says; owner, group, mode and links as the inventory has them, and sizes and checksums
            compared with it; config.
fails       a script that does not exit 0, or a comparison that fails: of what has run the un-scripts, backwards, and
            the files go.  The fileset is gone then, or BROKEN if there was an older level.
remove      pre_d of each part may refuse; then for the root part, then for the usr part: unconfig_d if there is one,
            otherwise unconfig, unpost_i, unpre_i; the inventoried files, and directories that are empty then.

Source: the order of scripts, root before usr on removal, pre_rm of the new package and the comparison after post_i:
buildaix and its README.cfgfiles, CFEngine's and Omnibus' packaging (README.md).
Source: owners are set after post_i and before config: sensu/sensu-omnibus pull request 122.
Source: a base level is COMMITTED at once, since APPLIED is for updates, and a BROKEN one is to be installed again:
IBM, lslpp command, "State Values".
Source: what the words of .cfgfiles mean: IBM, Packaging software for installation, "fileset.cfgfiles", from memory.
Assumed: when the files go among the un-scripts (``files_go`` has both: Microsoft's SCX for AIX does in unpost_i what is
to be done after the removal, in unconfig what is to be done before), that a fileset of an image is finished before
the next begins, that un-scripts that fail leave the fileset BROKEN with its files, and the saved file in its directory
where an update fails.
"""

from __future__ import annotations

from bff.installp.scripts import Outcome, Runner, ScriptRun, run_with_prefix
from bff.installp.system import Failed, Refused, System

__all__ = ["Failed", "Outcome", "Refused", "Runner", "ScriptRun", "System", "run_with_prefix"]
