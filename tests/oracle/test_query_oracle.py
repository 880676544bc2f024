"""Runs the pandas and NumPy oracle against the engine's `answers` example, with a fresh seed that is printed."""

import os
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def test_the_engine_agrees_with_pandas_and_numpy():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    seed = os.environ.get("ORIEL_SEED", str(random.SystemRandom().randrange(1 << 31)))
    print(f"seed {seed}; repeat with ORIEL_SEED={seed}")
    command = [sys.executable, str(ROOT / "tests/oracle/query_oracle.py"), str(target / "debug/examples/answers"), seed]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    print(done.stdout[-3000:], done.stderr[-3000:])
    assert done.returncode == 0
