"""Rebuild everything that is generated from grammars/ and scripts/facts/.  Usage: python scripts/rebuild.py"""

import build_tables
import compile_grammars

if __name__ == "__main__":
    compile_grammars.main([])
    build_tables.main([])
