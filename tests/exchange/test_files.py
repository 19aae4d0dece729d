"""Files of parameters: every dtype and shape bit for bit, in both forms; every bad file is one sentence."""

import pickle
import sys
import zipfile
from dataclasses import replace
from importlib.util import find_spec
from itertools import product

import ml_dtypes
import numpy as np
import pytest

from pytest_dualfw.exchange import load, save
from pytest_dualfw.exchange.arrays import EXTENSIONS, NUMBERS
from pytest_dualfw.exchange.files import FORMS

DTYPES = {".npz": (*NUMBERS, *EXTENSIONS), ".safetensors": (*NUMBERS[:-1], "bfloat16", "float8_e4m3fn", "float8_e5m2")}

takes_safetensors = pytest.mark.skipif(not find_spec("safetensors"), reason="safetensors is not installed")
every_form = pytest.mark.parametrize("suffix", [".npz", pytest.param(".safetensors", marks=takes_safetensors)])
every_dtype = pytest.mark.parametrize(
    ("suffix", "dtype"),
    [
        pytest.param(suffix, dtype, marks=[takes_safetensors] * (suffix == ".safetensors"))
        for suffix, dtypes in DTYPES.items()
        for dtype in dtypes
    ],
)


def of_bits(shape, dtype):
    """Every pattern of bits may come: NaNs with their payloads, both zeros, subnormals."""
    dtype = EXTENSIONS.get(dtype, dtype)
    rng = np.random.default_rng(7)
    if dtype == "bool":
        return rng.integers(0, 2, size=shape).astype(bool)
    width = np.dtype(dtype).itemsize
    return rng.integers(0, 256, size=(*shape, width), dtype=np.uint8).view(dtype)[..., 0]


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def saved(path, **params):
    save(path, params)
    return load(path)


def complaint(error, call, *args):
    with pytest.raises(error) as raised:
        call(*args)
    return str(raised.value)


@every_dtype
@pytest.mark.parametrize("shape", [(), (1,), (0,), (0, 3), (2, 0, 3), (5,), (3, 4), (2, 3, 4)], ids=str)
def test_bit_for_bit(tmp_path, suffix, dtype, shape):
    x = of_bits(shape, dtype)
    got = saved(tmp_path / f"p{suffix}", x=x)["x"]
    assert same_bits(got, x)
    assert got.flags.writeable
    assert got.flags.c_contiguous


@every_form
def test_the_library_s_own_reader_sees_the_same(tmp_path, suffix):
    x = of_bits((3, 4), "float32")
    save(path := tmp_path / f"p{suffix}", {"x": x})
    if suffix == ".npz":
        assert same_bits(np.load(path)["x"], x)
    else:
        from safetensors.numpy import load_file

        assert same_bits(load_file(path)["x"], x)


@pytest.mark.parametrize("compress", [False, True])
def test_what_numpy_saves_is_loaded(tmp_path, compress):
    params = {"a": of_bits((3, 4), "float64"), "f": np.asfortranarray(of_bits((3, 4), "float32")), "s": np.float16(2)}
    (np.savez_compressed if compress else np.savez)(tmp_path / "p.npz", **params)
    got = load(tmp_path / "p.npz")
    assert list(got) == list(params)
    assert all(same_bits(got[name], np.asarray(x)) for name, x in params.items())


def test_numpy_shows_what_the_bits_of_bfloat16_mean(tmp_path):
    x = np.array([1.5, -2.0], ml_dtypes.bfloat16)
    save(tmp_path / "p.npz", {"x": x})
    plain = np.load(tmp_path / "p.npz")["x"]
    assert plain.dtype.names == ("bfloat16",)
    assert same_bits(plain["bfloat16"].view(ml_dtypes.bfloat16), x)


LAID_OUT = {
    "transposed": lambda x: x.T,
    "every other": lambda x: x[::2, ::3],
    "backwards": lambda x: x[::-1, ::-1],
    "in columns": np.asfortranarray,
    "broadcast": lambda x: np.broadcast_to(x[:1], (4, 6)),
    "the other byte order": lambda x: x.astype(x.dtype.newbyteorder()),
    "read-only": lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
    "within a record": lambda x: np.lib.stride_tricks.as_strided(x, (3, 2), (8, 48)),
    "a scalar of NumPy's": lambda x: x[1, 2],
}


@every_form
@pytest.mark.parametrize("laid_out", LAID_OUT, ids=str)
def test_strides_and_byte_order_do_not_matter(tmp_path, suffix, laid_out):
    x = LAID_OUT[laid_out](np.arange(24.0).reshape(4, 6))
    want = np.array(x.tolist()) if isinstance(x, np.ndarray) else np.asarray(x)
    assert same_bits(saved(tmp_path / f"p{suffix}", x=x)["x"], want)


NAMES = [
    "a.b.c",
    "a/b",
    "/a",
    "../a",
    "a\\b",
    "ä.权重.🜁",
    " ",
    "file",
    "allow_pickle",
    "w",
    "w.npy",
    "w.npy.npy",
    "a\nb",
]


@every_form
def test_names_come_back_as_they_were(tmp_path, suffix):
    params = {name: np.full(i, i, np.int32) for i, name in enumerate(NAMES)}
    save(tmp_path / f"p{suffix}", params)
    got = load(tmp_path / f"p{suffix}")
    assert sorted(got) == sorted(NAMES)
    assert all(same_bits(got[name], params[name]) for name in NAMES)


@every_form
def test_tied_weights_come_back_apart_and_no_parameters_as_none(tmp_path, suffix):
    w = of_bits((3,), "float32")
    got = saved(tmp_path / f"p{suffix}", embedding=w, head=w)
    assert same_bits(got["embedding"], w)
    assert same_bits(got["head"], w)
    assert not np.shares_memory(got["embedding"], got["head"])
    assert saved(tmp_path / f"q{suffix}") == {}


@every_form
def test_a_file_is_there_whole_or_as_it_was(tmp_path, suffix):
    path = tmp_path / f"p{suffix}"
    save(path, {"x": np.ones(3)})
    complaint(ValueError, save, path, {"x": np.zeros(3), "y": np.array("text")})
    assert load(path)["x"].tolist() == [1, 1, 1]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", FORMS)
def test_a_full_disk_leaves_what_was_there(tmp_path, suffix, monkeypatch):
    def half(params, path):
        path.write_bytes(b"half")
        raise OSError("no space left")

    path = tmp_path / f"p{suffix}"
    path.write_bytes(b"whole")
    monkeypatch.setitem(FORMS, suffix, replace(FORMS[suffix], write=half))
    assert complaint(OSError, save, path, {}) == "no space left"
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {path.name: b"whole"}


@every_form
def test_what_cannot_be_saved(tmp_path, suffix):
    path = tmp_path / f"p{suffix}"
    form = {".npz": "an npz file", ".safetensors": "a safetensors file"}[suffix]
    numbers = f"{', '.join(DTYPES[suffix][:-1])} and {DTYPES[suffix][-1]}"
    if suffix == ".safetensors":  # in the order of its own table
        numbers = (
            "bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, float32, float64, complex64, "
            "bfloat16, float8_e4m3fn and float8_e5m2"
        )
    assert complaint(ValueError, save, path, {"x": np.array([{}], object)}) == (
        f"{form} does not hold object ('x'); it holds {numbers}"
    )
    assert complaint(ValueError, save, path, {"x": np.array(["a"])}) == (
        f"{form} does not hold <U1 ('x'); it holds {numbers}"
    )
    assert complaint(ValueError, save, path, {"x": np.zeros(2, "M8[s]")}).startswith(f"{form} does not hold")
    assert complaint(TypeError, save, path, {"x": [1.0]}) == (
        "save takes NumPy arrays; 'x' is builtins.list, which fw.to_numpy makes one"
    )
    assert complaint(TypeError, save, path, [np.zeros(2)]) == (
        "save takes a dict of names and NumPy arrays; got builtins.list"
    )
    assert complaint(TypeError, save, path, {1: np.zeros(2)}) == "a parameter's name is a string; got 1, builtins.int"
    for name in ("", "a\0b", "\ud800"):
        assert complaint(ValueError, save, path, {name: np.zeros(2)}) == (
            f"no file can hold the name {name!r}; a name is not empty and has no null and no surrogate"
        )
    assert list(tmp_path.iterdir()) == []


def test_another_suffix(tmp_path):
    for call in (load, lambda path: save(path, {})):
        assert complaint(ValueError, call, tmp_path / "p.pt") == (
            "p.pt has the suffix '.pt'; parameters go into .npz and .safetensors files"
        )


@pytest.mark.parametrize("suffix", FORMS)
def test_no_file(tmp_path, suffix):
    path = tmp_path / f"p{suffix}"
    assert complaint(FileNotFoundError, load, path) == f"there is no file {path} to load"
    path.mkdir()
    assert complaint(FileNotFoundError, load, path) == f"there is no file {path} to load"


def test_a_pickle_is_refused_and_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    np.savez(path := tmp_path / "p.npz", w=np.array([Evil()], object))
    assert complaint(ValueError, load, path) == (
        f"{path} holds 'w' as a pickle, which may run any code; save it as an array of numbers"
    )
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(Evil()))
    assert complaint(ValueError, load, path) == (
        f"{path} holds 'archive/data.pkl', which is no array; an npz file of parameters holds .npy files only"
    )
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("w.npy", pickle.dumps(Evil()))
    assert complaint(ValueError, load, path).startswith(f"{path} is damaged, or not an npz file (")
    path.write_bytes(pickle.dumps(Evil()))
    assert complaint(ValueError, load, path) == (
        f"{path} is damaged, or not an npz file (File is not a zip file); save it again"
    )
    assert not (tmp_path / "ran").exists()


def test_other_things_in_an_npz_file(tmp_path):
    np.savez(path := tmp_path / "p.npz", w=np.array(["text"]))
    assert complaint(ValueError, load, path) == f"{path} holds 'w' of dtype <U4; parameters are arrays of numbers"
    np.savez(path, w=np.zeros(2, [("bfloat16", "<u4")]))
    assert complaint(ValueError, load, path) == (
        f"{path} holds 'w' of dtype [('bfloat16', '<u4')]; parameters are arrays of numbers"
    )
    with zipfile.ZipFile(path, "w") as file:
        for x in (0, 1):
            with file.open("v.npy" if x else "w.npy", "w") as member:
                np.lib.format.write_array(member, np.full(2, x))
    path.write_bytes(path.read_bytes().replace(b"v.npy", b"w.npy"))
    assert complaint(ValueError, load, path) == (
        f"{path} is damaged, or not an npz file (a name stands in it twice); save it again"
    )
    with zipfile.ZipFile(path, "w") as file, file.open("w.npy", "w") as member:
        np.lib.format.write_array(member, np.zeros(2))
        member.write(b"more")
    assert complaint(ValueError, load, path) == (
        f"{path} is damaged, or not an npz file (w.npy has 20 bytes of data, and a shape of 16); save it again"
    )


@every_form
def test_a_file_that_was_cut_off_anywhere(tmp_path, suffix):
    path = tmp_path / f"p{suffix}"
    save(path, {"w": of_bits((2, 3), "float32"), "b": of_bits((3,), "bfloat16")})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        said = complaint(ValueError, load, path)
        assert said.startswith(f"{path} is damaged, or not a"), length
        assert said.endswith("); save it again")


def test_no_bit_of_an_npz_file_changes_a_number_in_silence(tmp_path):
    path = tmp_path / "p.npz"
    params = {"w": of_bits((2, 3), "float32"), "b": of_bits((3,), "bfloat16")}
    save(path, params)
    whole = path.read_bytes()
    refused = 0
    for at, bit in product(range(len(whole)), range(8)):
        path.write_bytes(bytes([*whole[:at], whole[at] ^ 1 << bit, *whole[at + 1 :]]))
        try:
            got = load(path)
        except ValueError:
            refused += 1
        else:  # a byte that says nothing of names and numbers, as the hour of saving
            assert list(got) == list(params), (at, bit)
            assert all(same_bits(got[name], params[name]) for name in params), (at, bit)
    assert refused > 4 * len(whole)


@takes_safetensors
def test_what_safetensors_keeps_for_itself(tmp_path):
    path = tmp_path / "p.safetensors"
    assert complaint(ValueError, save, path, {"__metadata__": np.zeros(2)}) == (
        "a safetensors file keeps the name '__metadata__' for itself; rename the parameter"
    )
    header = b'{"w":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[0,1]}}'
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"x")
    assert complaint(ValueError, load, path) == (
        f"{path} holds 'w' of dtype F8_E8M0; this reads BOOL, I8, I16, I32, I64, U8, U16, U32, U64, F16, F32, F64, "
        "C64, BF16, F8_E4M3, F8_E5M2"
    )


@takes_safetensors
def test_a_safetensors_that_knows_fewer_dtypes(tmp_path, monkeypatch):
    import safetensors.numpy

    def older(arrays):
        raise safetensors.SafetensorError("dtype complex64 is not covered")

    monkeypatch.setattr(safetensors, "__version__", "0.4.5")
    monkeypatch.setattr(safetensors.numpy, "save", older)
    assert complaint(ValueError, save, tmp_path / "p.safetensors", {"w": np.zeros(2, np.complex64)}) == (
        "safetensors 0.4.5 cannot write these parameters (dtype complex64 is not covered); upgrade it, or write .npz"
    )


def test_without_safetensors(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    path = tmp_path / "p.safetensors"
    assert complaint(ImportError, save, path, {}) == (
        "writing .safetensors files takes the package safetensors, which is not installed; pip install safetensors"
    )
    path.write_bytes(b"")
    assert complaint(ImportError, load, path) == (
        "reading .safetensors files takes the package safetensors, which is not installed; pip install safetensors"
    )
