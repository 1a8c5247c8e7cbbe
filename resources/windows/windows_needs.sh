#!/usr/bin/env bash
# windows_needs.sh FOLDER: puts what the Windows build needs into FOLDER. Header-only libraries are
# the host's packages, copied one by one (never the whole include folder: a header of the host's C
# library would be found first); libsndfile and GoogleTest are built from Debian's sources.
set -euo pipefail

into=$(mkdir -p "$1" && cd "$1" && pwd)
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
work=$into/work
mkdir -p "$into/include" "$into/share/cmake" "$work"

for headers in fmt nlohmann CLI tl xxhash.h; do cp -r "/usr/include/$headers" "$into/include/"; done
for package in nlohmann_json CLI11 tl-expected; do
    cp -r "/usr/share/cmake/$package" "$into/share/cmake/"
done

# cross_build NAME SOURCE OPTIONS…
cross_build() {
    local name=$1 source=$2
    shift 2
    cmake -S "$source" -B "$work/$name" -G Ninja --toolchain "$here/mingw.cmake" \
        -DHOLDFAST_NEEDS="$into" -DCMAKE_INSTALL_PREFIX="$into" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF "$@"
    cmake --build "$work/$name"
    cmake --install "$work/$name"
}

# fetch_source PACKAGE: the source of the release that is installed, from where the binary packages
# come from, signed by Debian; lists of their own, so that the machine's stay as they are.
fetch_source() {
    local lists=$work/apt
    mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
    local keys=/usr/share/keyrings/debian-archive-keyring.gpg
    [[ -f $keys ]] && keys="[signed-by=$keys]" || keys=
    apt-get indextargets --format "deb-src $keys \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
        'Created-By: Packages' 'Component: main' 'Origin: Debian' | sort -u >"$lists/sources.list"
    local apt=(apt-get -o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::lists=$lists/lists" -o "Dir::Cache=$lists/cache" -o APT::Sandbox::User=root)
    "${apt[@]}" update
    (cd "$work" && "${apt[@]}" source "$1")
}

if [[ ! -f $into/lib/pkgconfig/sndfile.pc ]]; then
    rm -rf "$work"/libsndfile-*
    fetch_source libsndfile
    # Without codecs: Holdfast reads, verifies and exports what is uncompressed.
    cross_build libsndfile "$(echo "$work"/libsndfile-*/)" -DENABLE_EXTERNAL_LIBS=OFF \
        -DENABLE_MPEG=OFF -DBUILD_PROGRAMS=OFF -DBUILD_EXAMPLES=OFF -DBUILD_TESTING=OFF \
        -DENABLE_CPACK=OFF
fi
if [[ ! -f $into/lib/cmake/GTest/GTestConfig.cmake ]]; then
    cross_build googletest /usr/src/googletest -DBUILD_GMOCK=ON
fi
