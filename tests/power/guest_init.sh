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

. "/run/host/$HOLDFAST_GUEST_JOB"
sync
echo "end of job"
while :; do sleep 1000; done  # the host ends it: to return would be a kernel panic
