#!/bin/sh
# What happens when drboot is installed, updated and removed.  installp image and rpm carry the same functions; each of
# their scripts is this file and a call of one of them (packaging/stage/tree.py):
#
#   function               installp             rpm
#   refuse_active          usr pre_i, pre_rm    %pre
#   refuse_beside_rpm      usr pre_i            -
#   refuse_beside_installp -                    %pre
#   add_menus              usr post_i           %post
#   return_configuration   root config          %post
#   refuse_removal         root pre_d           %preun, at the last removal
#   keep_configuration     root unconfig        (rpm keeps what was changed as FILE.rpmsave)
#   leave_machine          root unconfig        %preun, at the last removal
#   remove_menus           usr unpost_i         %preun, at the last removal
#   purge                  root unpre_i         %postun, at the last removal
#
# Installing never arms, and updating never arms again: nothing here writes the inittab entry or the stamp, but to take
# them back.  Only what ksh88 and POSIX have in common (AIX's /bin/sh is ksh88).
# Source: aix/packaging.md section 2.5: scripts run as root, without a terminal; a status other than 0 fails the fileset.

PATH=/usr/bin:/etc:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
unset ENV CDPATH
umask 077

etc=/etc/drboot
var=/var/adm/drboot
ours=/opt/drboot/bin/drboot # in whatever line of a crontab

say() {
    echo "drboot: $1"
}

# A run that is active reads its own files while it works: they are not replaced or removed beneath it.
# Its lock file holds its process number, which may be of an earlier boot: so the process is looked at as well.
refuse_active() {
    if [ ! -f $var/lock ]; then
        return 0
    fi
    holder=
    read -r holder <$var/lock || true
    case $holder in
    '' | *[!0-9]*) return 0 ;;
    esac
    # Assumed: AIX's ps cuts a line to the width of the terminal, or of COLUMNS where there is none.
    case $(COLUMNS=2000 ps -o args= -p "$holder" 2>/dev/null) in
    *drboot*)
        say "a run is active (process $holder): wait for it, or look at it with drboot status; then try again" >&2
        exit 1
        ;;
    esac
    return 0
}

# Either format, never both: removing one would disarm the machine and take the files of the other.
# Source: aix/packaging.md section 2.6: lslpp -qLc exits 1 for a fileset that is not installed.
refuse_beside_installp() {
    if lslpp -qLc drboot.rte >/dev/null 2>&1; then
        say "installed by installp already: update it with installp, or installp -u drboot.rte first" >&2
        exit 1
    fi
}

refuse_beside_rpm() {
    if rpm -q drboot >/dev/null 2>&1; then
        say "installed by rpm already: update it with rpm or dnf, or rpm -e drboot first" >&2
        exit 1
    fi
}

# What a rehearsal holds of production, only drboot undo brings back.
refuse_removal() {
    refuse_active
    if [ -d $var/held/rehearsal ] && [ -n "$(ls -A $var/held/rehearsal 2>/dev/null)" ]; then
        say "this LPAR rehearses, and what production needs is held in $var/held: drboot undo, then try again" >&2
        exit 1
    fi
    return 0
}

# Removal: the next boot does nothing, and nothing of ours is started by anybody.  Captures, runs, profiles stay.
leave_machine() {
    disarm
    remove_entry
    remove_cron_lines
    case $(lsattr -El sys0 -a ghostdev -F value 2>/dev/null) in
    1) say "sys0 ghostdev is 1 and stays: unless something else needs it, chdev -l sys0 -a ghostdev=0" ;;
    esac
    if [ ! -f $etc/purge ]; then
        say "$etc and $var stay: profiles, captures and the reports of all runs"
    fi
    return 0
}

# The files of ours that are the administrator's outlive a removal; profiles and captures are none of ours anyway.
# Where there is no room for them, nothing is removed.
# Source: aix/packaging.md section 2.5: uninstalling removes what is inventoried; a status other than 0 fails it.
keep_configuration() {
    for file in hosts.csv interpreter; do
        if [ -f $etc/$file ] && ! cp -p $etc/$file $etc/$file.kept; then
            rm -f $etc/$file.kept
            say "$etc/$file cannot be kept as $file.kept, and is needed: make room below $etc, then try again" >&2
            exit 1
        fi
    done
}

# Installed again: they are back, unless somebody has put another one there meanwhile.
return_configuration() {
    for file in hosts.csv interpreter; do
        for kept in $etc/$file.kept $etc/$file.rpmsave; do
            if [ -f "$kept" ] && cmp -s $etc/$file /opt/drboot/etc/$file; then
                mv -f "$kept" $etc/$file
            fi
        done
    done
    return 0
}

# With the product's own verb; by hand where there is no Python left to run it.
disarm() {
    if [ ! -f $etc/armed ]; then
        return 0
    fi
    /opt/drboot/bin/drboot disarm --nightly </dev/null >/dev/null 2>&1
    if grep '^phase=disarmed$' $etc/armed >/dev/null 2>&1; then
        return 0
    fi
    if sed 's/^phase=.*/phase=disarmed/' $etc/armed >$etc/armed.new &&
        grep '^phase=disarmed$' $etc/armed.new >/dev/null && mv -f $etc/armed.new $etc/armed; then
        return 0
    fi
    rm -f $etc/armed.new $etc/armed
}

# Ours alone; every other entry is as the site's profile made it, and drboot undo is what brings those back.
remove_entry() {
    tries=0
    while [ $tries -lt 5 ] && lsitab drboot >/dev/null 2>&1; do
        rmitab drboot >/dev/null 2>&1
        tries=$((tries + 1))
    done
    if lsitab drboot >/dev/null 2>&1; then
        say "the inittab entry drboot could not be removed: rmitab drboot"
    fi
}

# The table is read whole before it is written: a crontab -l or a sed that fails must not leave root without jobs.
# The copies are below /etc, where nobody but root can put a link in their way: /var/adm is the group adm's as well.
remove_cron_lines() {
    before=$etc/crontab.before
    after=$etc/crontab.after
    rm -f $before $after
    lines=$(crontab -l 2>/dev/null | grep -c "$ours")
    if [ "${lines:-0}" -gt 0 ]; then
        { crontab -l >$before && sed "\\|$ours|d" $before >$after && crontab $after; } 2>/dev/null ||
            say "root's crontab could not be changed: take out the lines that name /opt/drboot/bin/drboot"
    fi
    rm -f $before $after
}

# Told so by a file, since installp and dnf hand no environment on: touch /etc/drboot/purge.  What an event holds for
# production (crontabs, niminfo) is never deleted.
purge() {
    if [ ! -f $etc/purge ]; then
        return 0
    fi
    if [ -d $var/held ] && [ -n "$(ls -A $var/held 2>/dev/null)" ]; then
        say "$var/held holds files of production: $etc and $var stay"
        return 0
    fi
    rm -rf $var $etc
}

# SMIT's objects are in /usr/lib/objrepos, which belongs to the usr part.  An install without them is complete.
# Source: IBM, SMIT Aliases and Fast Paths: a stanza file is processed with odmadd.
add_menus() {
    remove_menus
    if [ -f /opt/drboot/smit/drboot.stanzas ]; then
        ODMDIR=/usr/lib/objrepos odmadd /opt/drboot/smit/drboot.stanzas >/dev/null 2>&1 ||
            say "the SMIT menus could not be added; all of drboot can be had without them"
    fi
    say "installed; nothing is armed or changed by that: see /opt/drboot/doc/install.md"
    return 0
}

remove_menus() {
    for class in sm_menu_opt sm_name_hdr sm_cmd_hdr sm_cmd_opt; do
        ODMDIR=/usr/lib/objrepos odmdelete -o $class -q "id LIKE 'drboot*'" >/dev/null 2>&1
    done
    ODMDIR=/usr/lib/objrepos odmdelete -o sm_menu_opt -q "next_id LIKE 'drboot*'" >/dev/null 2>&1
    return 0
}
