#!/bin/bash
# The root file system of the image: a JVM with the modules that Sluice needs, the libraries that the JVM needs, and the
# few files that glibc reads. Usage: make-root.sh FOLDER MODULES, on the platform of the image and in an image of the JDK.
set -euo pipefail
root=$1
modules=$2
java=$root/opt/java/openjdk
mkdir -p "$root"/{app,etc,opt/java,var/lib/dpkg/status.d}
mkdir -m 1777 "$root/tmp"

jlink --add-modules "$modules" --no-header-files --no-man-pages --output "$java"
# Spring asks java.desktop for property editors. There is no screen, no printer and no sound here.
rm -f "$java"/lib/lib{awt*,fontmanager,freetype,javajpeg,jawt,jsound,lcms,mlib_image,splashscreen}.so "$java"/lib/psfont*

# As the loader finds them; the JVM's own lie beside each other.
ldd "$java"/bin/java "$java"/lib/*.so "$java"/lib/server/*.so | grep -oE '/[^ ]+' | grep -v "^$root" | tr -d : | sort -u |
    while read -r library; do cp --dereference --parents "$library" "$root"; done

# Without it glibc asks the name servers before /etc/hosts.
echo "hosts: files dns" >"$root/etc/nsswitch.conf"
printf 'root:x:0:0::/:/nonexistent\nsluice:x:10001:10001::/tmp:/nonexistent\n' >"$root/etc/passwd"
printf 'root:x:0:\nsluice:x:10001:\n' >"$root/etc/group"
# What scanners read: whose libraries these are. There is no package manager that could.
cp --dereference /etc/os-release "$root/etc/os-release"
dpkg --status libc6 >"$root/var/lib/dpkg/status.d/libc6"
