"""What is in the image: one list, for the Dockerfile and for the build without an engine (`python -m e2e.image`).

Files of Debian (or Ubuntu) packages and wheels, and nothing that runs but Python: no shell, no package manager, no
set-user-id program. What is wrong in a running Pod is looked at with `kubectl debug`.
"""

from typing import Final

USER: Final = "65532:65532"
SBOM: Final = "usr/share/doc/kubeapprove/sbom.cdx.json"
PACKAGES: Final = {
    r"base-files": "which distribution this is: /etc/os-release",
    r"python3\.\d+-minimal": "the interpreter",
    r"libpython3\.\d+-minimal": "the part of the standard library without which it does not start",
    r"libpython3\.\d+-stdlib": "the rest of it",
    r"libc6": "C library",
    r"libgcc-s1": "what compiled code of wheels unwinds with",
    r"libstdc\+\+6": "C++: conditions of policies, the event loop",
    r"gcc-\d+-base": "the licence of these two",
    r"libssl3(t64)?": "TLS",
    r"zlib1g": "the interpreter is linked with it",
    r"libexpat1": "the interpreter is linked with it",
    r"libffi\d+": "ctypes",
    r"libbz2-1\.0": "module bz2, imported by shutil",
    r"liblzma5": "module lzma, imported by shutil",
    r"libuuid1": "module uuid",
}
"""Patterns of package names, since versions differ between releases, and why each is needed."""
ROOTS: Final = ("base-files", "python3-minimal", "libpython3-stdlib", "libstdc++6")
"""What depends on all of them."""

LEFT_OUT: Final = (
    "usr/lib/*-linux-gnu/gconv",  # other encodings than Python's own
    "usr/lib/*-linux-gnu/audit",
    "usr/lib/python3.*/lib-dynload/_curses*",  # modules whose libraries are left out, as nothing here imports them
    "usr/lib/python3.*/lib-dynload/_dbm*",
    "usr/lib/python3.*/lib-dynload/_gdbm*",
    "usr/lib/python3.*/lib-dynload/_sqlite3*",
    "usr/lib/python3.*/lib-dynload/_crypt*",
    "usr/lib/python3.*/lib-dynload/nis*",
    "usr/lib/python3.*/lib-dynload/readline*",
    "usr/lib/python3.*/ensurepip",
    "usr/lib/python3.*/lib2to3",
    "usr/lib/python3.*/pydoc_data",
    "usr/bin/*.sh",
    "usr/share/bug",
    "usr/share/gcc",
    "usr/share/info",
    "usr/share/lintian",
    "usr/share/man",
    "usr/share/menu",
    "usr/share/pixmaps",
    "usr/share/applications",
    "usr/share/python*",
    "usr/share/binfmts",
    "usr/share/base-files",
    "var/local",  # its group would be passed on
)
"""Patterns below the root that are deleted; of usr/share/doc the licences stay."""

FILES: Final = {
    "etc/passwd": "root:x:0:0:root:/:/nonexistent\nkubeapprove:x:65532:65532:kubeapprove:/:/nonexistent\n",
    "etc/group": "root:x:0:\nkubeapprove:x:65532:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}
"""What no package brings."""
