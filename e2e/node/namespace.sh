# The first process of a node, in process, mount, network, host name and IPC namespaces of its own:
#   namespace.sh FOLDER NAME PAUSE
# Makes the file system look like a machine of the node's own, says so by FOLDER/ready, and becomes PAUSE. All of this
# goes with the namespaces: nothing here is ever unmounted.
set -eu
cd "$1"
hostname "$2" 2>/dev/null || echo "$2" >/proc/sys/kernel/hostname
# Sockets and network namespaces of Pods; the node's folder under a name that is short enough for a socket.
mount -t tmpfs -o mode=755 run /run
mkdir /run/node /run/lock
mount --bind . /run/node
# Writes to /var stay with the node, what the machine has there can still be read.
mount -t overlay -o "lowerdir=/var,upperdir=$1/var,workdir=$1/var.work" var /var
# The kubelet sets these for the whole kernel, which is not the node's own: it finds them as it wants them.
for setting in $(cd sysctl && find . -type f); do
    if [ -e "/proc/sys/$setting" ]; then mount --bind "sysctl/$setting" "/proc/sys/$setting"; fi
done
# Volumes that are mounted later have to show up inside of containers.
mount --make-rshared /
: >ready
exec "$3"
