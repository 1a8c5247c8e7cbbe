#!/bin/sh
# First process of a guest. Its root is the host's, read only; its own are memory and the disks.
# The job comes from the host; what it prints on stdout is the guest's only way out.
PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
HOME=/run
export PATH HOME

mount -t proc none /proc
mount -t sysfs none /sys
mount -t tmpfs none /run
mkdir -p /dev/shm /run/host /run/disk
mount -t tmpfs none /dev/shm
mount -t hostfs -o "$HOLDFAST_GUEST_WORK" none /run/host

exec >/dev/tty1 </dev/null
stty raw </dev/tty1

# load MODULE…: paths below the kernel's module folder.
load() {
    for module; do insmod "/usr/lib/uml/modules/$(uname -r)/kernel/$module.ko"; done
}

# mount_disk TYPE DEVICE: a disk that did not mount would let the recorder write into memory.
mount_disk() {
    if [ "$1" = vfat ]; then
        load fs/nls/nls_cp437 fs/nls/nls_iso8859-1 fs/fat/fat fs/fat/vfat
    fi
    mount -t "$1" "$2" /run/disk && mountpoint -q /run/disk
}

# make_wine: what Wine needs here, in memory: /tmp for its server, and a prefix of its own whose
# programs are those of the host's.
make_wine() {
    [ ! -d /run/wine ] || return 0
    mkdir -p /run/tmp_of_host /run/prefix /run/wine/drive_c /run/wine/dosdevices
    mount --bind /tmp /run/tmp_of_host  # what is tested may lie there
    mount -t tmpfs none /tmp
    for entry in /run/tmp_of_host/*; do ln -s "$entry" /tmp/; done
    mount -r -t hostfs -o "$HOLDFAST_GUEST_WORK/../wine" none /run/prefix
    cp /run/prefix/*.reg /run/prefix/.update-timestamp /run/wine/
    cp -r /run/prefix/drive_c/users /run/wine/drive_c/
    ln -s /run/prefix/drive_c/windows /run/prefix/drive_c/Program* /run/wine/drive_c/
    ln -s ../drive_c /run/wine/dosdevices/c:
    ln -s / /run/wine/dosdevices/z:
}

# on_wine PROGRAM ARGS…: the shell becomes the program. Its output passes through a pipe: on a
# console Wine would draw. Without wineboot Wine starts no services, which no program of ours asks
# for: it is there in two seconds instead of fifteen.
on_wine() {
    make_wine
    rm -f /run/said
    mkfifo /run/said
    cat /run/said &
    export WINEPREFIX=/run/wine WINEDEBUG=-all
    export WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe,wineboot.exe="
    exec "${0%/*}/../../resources/windows/on_wine.sh" "$@" >/run/said
}

. "/run/host/$HOLDFAST_GUEST_JOB"
sync
echo "end of job"
while :; do sleep 1000; done  # the host ends it: to return would be a kernel panic
