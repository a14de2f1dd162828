#!/usr/bin/ksh
# Baseline of `make bench`, not part of drboot.  The second script printed in the ghostdev article, line by line; what
# the printed copy has lost is put back: the interpreter line, the braces of two awk programs, the words of the loops
# and of the condition, and the addresses of the name servers.  Nothing is added, and nothing is made better.

#set -xv

# This script will configure the AIX environment for DR purposes.
# This script will only run if the systemid matches the systemid of the DR system.
# aixdr : / # lsattr -EOl sys0 -a systemid | grep -v systemid | awk -F, '{print $2}'

DR_SYSTEMID=@SYSTEMID@

MYNAME=$(basename $0)

LSATTR_SYSTEMID_DR=`lsattr -EOl sys0 -a systemid | grep -v systemid | awk -F, '{print $2}'`

if [ "$LSATTR_SYSTEMID_DR" = "$DR_SYSTEMID" ]
then
    #Set the DR hostname, IP address, netmask and gateway.
    #mktcpip -h <hostname> -a <IP to use in DR> -m <network mask> -i en0 -g <gateway IP>
    dr_hostname=`cat @DR@/dr_hostname.txt`
    dr_defgw=`cat @DR@/dr_defgw.txt`
    dr_intf=`cat @DR@/dr_en0.txt | awk -F: '{print $1}'`
    dr_ip=`cat @DR@/dr_en0.txt | awk -F: '{print $2}'`
    dr_netm=`cat @DR@/dr_en0.txt | awk -F: '{print $3}'`
    echo "$MYNAME: Setting DR hostname and IP address."
    mktcpip -h $dr_hostname -a $dr_ip -m $dr_netm -i $dr_intf -g $dr_defgw

    #Configure IP aliases
    #chdev -l en0 -a alias4=,
    #Remove IP aliases
    #chdev -l en0 -a delalias4=,
    for i in `cat @DR@/dr_en0.txt | awk -F: '{print $4}'`
    do
        chdev -l $dr_intf -a alias4=$i
    done
    for inet in `cat @DR@/dr_inet.txt | grep -v en0`
    do
        for i in `cat @DR@/dr_$inet.txt | awk -F: '{print $4}'`
        do
            chdev -l $inet -a alias4=$i
        done
    done

    #Configure the AIX environment for DR.
    echo "$MYNAME: Configure the AIX environment for DR."

    #Delete the MDC DNS entries
    echo "$MYNAME: Configuring DNS for DR."
    namerslv -d -i @HOME_DNS_1@
    namerslv -d -i @HOME_DNS_2@
    namerslv -d -i @HOME_DNS_3@
    #Add the DR DNS entry
    namerslv -a -i @DR_DNS@

    echo "$MYNAME: Configuring bootlist for DR."
    bootlist -m normal -o
    bootlist -m normal hdisk0
    bootlist -m normal -o

    echo "$MYNAME: Configuring /etc/inittab for DR."
    lsitab -a | grep nim
    chitab "nimclient:2:off:/usr/sbin/nimclient -S running > /dev/console 2>&1 # inform nim we're running"
    lsitab -a | grep nim
else
    MYNAME=$(basename $0)
    echo "$MYNAME: The systemid $LSATTR_SYSTEMID_DR does not match the expected DR systemid of $DR_SYSTEMID."
    echo "$MYNAME: This script should only be executed at DR."
    echo "$MYNAME: If you are not booting the system at the DR site, then you can ignore this message."
    echo "$MYNAME: No changes have been performed. Script is exiting."
fi
