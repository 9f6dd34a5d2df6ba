"""The faster network says the same, to the bit."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from generation.portrait.signed import exact_here, signed


def network(seed: int, channels: int = 24, kernel: int = 5) -> bytes:
    """One convolution as ONNX Runtime's quantiser writes it."""
    random = np.random.default_rng(seed)
    tensors = [
        numpy_helper.from_array(random.integers(0, 256, (channels, channels, kernel), np.uint8), "weights"),
        numpy_helper.from_array(np.array(random.integers(90, 160), np.uint8), "weights_zero"),
    ]
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["sound"], ["bytes", "scale", "zero"]),
        helper.make_node("ConvInteger", ["bytes", "weights", "zero", "weights_zero"], ["sums"]),
        helper.make_node("ConvInteger", ["bytes", "weights", "zero", "weights_zero"], ["again"], dilations=[2]),
    ]
    inputs = [helper.make_tensor_value_info("sound", TensorProto.FLOAT, [1, channels, None])]
    outputs = [helper.make_tensor_value_info(name, TensorProto.INT32, None) for name in ("sums", "again")]
    graph = helper.make_graph(nodes, "one", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return bytes(model.SerializeToString())


def run(model: bytes, sound: np.ndarray) -> list[np.ndarray]:
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    return list(session.run(None, {"sound": sound}))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("low", [-1.0, 0.0, -0.01])
def test_signed_convolutions_give_the_same_sums(seed: int, low: float) -> None:
    if not exact_here():
        pytest.skip("this processor adds signed products in 16 bits, so the network is left as it is")
    sound = np.random.default_rng(seed).uniform(low, 1.0, (1, 24, 300)).astype(np.float32)
    before, after = run(network(seed), sound), run(signed(network(seed)), sound)
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_a_sound_that_two_convolutions_take_is_made_signed_once() -> None:
    kinds = [node.op_type for node in onnx.load_from_string(signed(network(0))).graph.node]
    assert kinds.count("QuantizeLinear") == 1
    assert kinds.count("ConvInteger") == 2
