#!/bin/sh
# Puts the files that lie beside this script where they belong, or takes them away again.
set -eu

usage() {
    cat <<'END'
Usage: install.sh [--prefix DIR] [--destdir DIR] [--remove]

  --prefix DIR   where the files belong; /usr/local by default. The configuration belongs into DIR/etc, for /usr into /etc
  --destdir DIR  put them below DIR for now, as somebody does who makes a package
  --remove       take the files of this version away; the configuration stays
END
}

refuse() {
    echo "install.sh: $1" >&2
    exit 2
}

prefix=/usr/local destdir='' action=install
while [ $# -gt 0 ]; do
    case $1 in
    --prefix | --destdir)
        [ $# -ge 2 ] || refuse "$1 wants a folder"
        if [ "$1" = --prefix ]; then prefix=${2%/}; else destdir=${2%/}; fi
        shift
        ;;
    --prefix=*) prefix=${1#*=} prefix=${prefix%/} ;;
    --destdir=*) destdir=${1#*=} destdir=${destdir%/} ;;
    --remove) action=remove ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) refuse "there is no option $1; see install.sh --help" ;;
    esac
    shift
done
# It is written into unit files, where blanks and quotes would mean something.
case $prefix in
*[!A-Za-z0-9/._+-]*) refuse "the prefix $prefix has characters other than letters, digits and /._+-" ;;
/*) ;;
*) refuse "the prefix must begin with a slash, and be more than that" ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
etc=$prefix/etc
[ "$prefix" != /usr ] || etc=/etc

files=$(cd -- "$here" && find bin etc lib share -type f)

# Where a file of the list belongs.
place() {
    case $1 in
    etc/*) echo "$destdir$etc/${1#etc/}" ;;
    *) echo "$destdir$prefix/$1" ;;
    esac
}

# Renamed into place, so that a program that runs meanwhile is never half there.
put() { # file, place, mode
    mkdir -p "$(dirname "$2")"
    case $1 in
    lib/*) sed "s#/usr/bin/#$prefix/bin/#g; s#/etc/lock-janitor.yaml#$etc/lock-janitor.yaml#g" "$here/$1" >"$2.new" ;;
    *) cp "$here/$1" "$2.new" ;;
    esac
    chmod "$3" "$2.new"
    mv -f "$2.new" "$2"
}

install_all() {
    printf '%s\n' "$files" | while read -r file; do
        to=$(place "$file")
        case $file in
        bin/*) put "$file" "$to" 755 ;;
        etc/*)
            if [ ! -e "$to" ]; then
                put "$file" "$to" 644
            elif ! cmp -s "$here/$file" "$to"; then
                echo "kept, because it differs from this version's: $to"
            fi
            ;;
        *) put "$file" "$to" 644 ;;
        esac
    done
    echo "installed below $destdir$prefix; the configuration of lock-janitor is $destdir$etc/lock-janitor.yaml"
}

remove_all() {
    printf '%s\n' "$files" | while read -r file; do
        to=$(place "$file")
        case $file in
        etc/*) [ ! -e "$to" ] || echo "kept: $to" ;;
        *) rm -f "$to" ;;
        esac
    done
    # Folders of others are not ours to remove.
    doc=$destdir$prefix/share/doc/mooring
    [ ! -d "$doc" ] || find "$doc" -depth -type d -exec rmdir {} +
    echo "removed from $destdir$prefix"
}

"${action}_all"
