#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""embed.py PAGE STYLE SCRIPT: prints C source with the three as one page, and the policy that names their hashes."""

import base64
import hashlib
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def source_hash(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def literal(line):
    def escape(byte):
        if byte in b'\\"?':
            return "\\" + chr(byte)
        return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"

    return '\t"' + "".join(map(escape, line.encode())) + '"'


def main():
    page, style, script = map(read, sys.argv[1:])
    whole = page.replace("@style@", style).replace("@script@", script)
    policy = (
        "default-src 'none'; connect-src 'self'; img-src data:; "
        f"script-src {source_hash(script)}; style-src {source_hash(style)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    print('#include "serve_page.h"\n\nconst char serve_page[] =')
    print("\n".join(map(literal, whole.splitlines(keepends=True))) + ";")
    print("const size_t serve_page_size = sizeof(serve_page) - 1;")
    print("const char serve_page_policy[] =\n" + literal(policy) + ";")


main()
