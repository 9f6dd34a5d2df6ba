from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = {
    "ai_edge_litert",
    "av",
    "cv2",
    "diffusers",
    "dlib",
    "ncnn",
    "numpy",
    "onnxruntime",
    "resemblyzer",
    "torch",
    "torchaudio",
    "transformers",
}


def test_the_web_process_loads_no_model_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, backend.app; print(*sys.modules)"],
        cwd=Path(__file__).parent.parent,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert HEAVY.intersection(done.stdout.split()) == set()
