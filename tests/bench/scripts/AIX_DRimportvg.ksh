#!/usr/bin/ksh
# Baseline of `make bench`, not part of drboot.  The first of the two scripts of the ghostdev article, which prints none
# of it: it says that the script runs only at DR, and imports the data volume groups.  Written here in the style of the
# other one, and as that article's scripts keep their data: in lists, VGs by PVID, file systems in the order to mount.

#set -xv

DR_SYSTEMID=@SYSTEMID@

MYNAME=$(basename $0)

LSATTR_SYSTEMID_DR=`lsattr -EOl sys0 -a systemid | grep -v systemid | awk -F, '{print $2}'`

if [ "$LSATTR_SYSTEMID_DR" = "$DR_SYSTEMID" ]
then
    #Import the data volume groups
    echo "$MYNAME: Importing volume groups."
    for i in `cat @DR@/dr_vgs.txt`
    do
        dr_vg=`echo $i | awk -F: '{print $1}'`
        dr_pvid=`echo $i | awk -F: '{print $2}'`
        dr_hdisk=`lspv | grep $dr_pvid | awk '{print $1}'`
        importvg -y $dr_vg $dr_hdisk
    done

    #Mount the file systems
    echo "$MYNAME: Mounting file systems."
    for i in `cat @DR@/dr_fs.txt`
    do
        mount $i
    done
else
    MYNAME=$(basename $0)
    echo "$MYNAME: The systemid $LSATTR_SYSTEMID_DR does not match the expected DR systemid of $DR_SYSTEMID."
    echo "$MYNAME: This script should only be executed at DR."
    echo "$MYNAME: If you are not booting the system at the DR site, then you can ignore this message."
    echo "$MYNAME: No changes have been performed. Script is exiting."
fi
