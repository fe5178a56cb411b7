#!/bin/sh
# Makes the directory $1, with a key of age for each name that follows: NAME.key, and what its owner gives away, NAME.pub.
set -eu
mkdir -m 700 "$1"
cd "$1"
shift
for name; do
    age-keygen -o "$name.key"
    age-keygen -y "$name.key" > "$name.pub"
done
