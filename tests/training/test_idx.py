"""MNIST's files: read as they are, gzipped or not; what is missing or broken is told in a sentence."""

import gzip
import re

import numpy as np
import pytest
from pytest_dualfw.suites.training.idx import FILES, NoImages, mnist, read

from .small import idx, write


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, 5, 3)
    return tmp_path


def test_images_and_labels(folder):
    images = mnist(folder)
    pixels = np.frombuffer((folder / FILES[0]).read_bytes()[16:], np.uint8).reshape(5, 28, 28)
    assert images.x.shape == (5, 28, 28)
    assert images.x_test.shape == (3, 28, 28)
    assert images.y.tolist() == list((folder / FILES[1]).read_bytes()[8:])
    np.testing.assert_allclose(images.x, pixels / 255, rtol=1e-7)
    assert np.array_equal(images.x, images.x.astype(np.float32))


def test_gzipped_files_and_files_with_a_dot_in_their_names(folder):
    plain = mnist(folder)
    for name in FILES[:2]:
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    for name in FILES[2:]:
        (folder / name).rename(folder / name.replace("-idx", ".idx"))
    again = mnist(folder)
    assert np.array_equal(plain.x, again.x)
    assert np.array_equal(plain.y_test, again.y_test)


def told(what, *args, **options):
    with pytest.raises(NoImages) as error:
        what(*args, **options)
    return str(error.value)


def test_a_folder_without_the_files(tmp_path):
    message = f"{tmp_path} has no train-images-idx3-ubyte, gzipped or not; pass the folder of MNIST's four files"
    assert told(mnist, tmp_path) == message


def test_another_magic_number(folder):
    path = folder / FILES[0]
    path.write_bytes((folder / FILES[1]).read_bytes())
    message = f"{path} begins with the magic number 2049; expected 2051, as MNIST's file of this name does"
    assert told(mnist, folder) == message


@pytest.mark.parametrize("left", [0, 3, 4, 10, 100])
def test_a_truncated_file(folder, left):
    path = folder / FILES[0]
    path.write_bytes(path.read_bytes()[:left])
    expected = {
        0: "begins with the magic number 0; expected 2051, as MNIST's file of this name does",
        3: "begins with the magic number 8; expected 2051, as MNIST's file of this name does",
        4: "ends within its header; copy it again",
        10: "ends within its header; copy it again",
        100: "holds 100 bytes; expected 3936 by its header; copy it again",
    }[left]
    assert told(mnist, folder) == f"{path} {expected}"


def test_a_longer_file(folder):
    path = folder / FILES[3]
    path.write_bytes(path.read_bytes() + b"0")
    assert told(mnist, folder) == f"{path} holds 12 bytes; expected 11 by its header; copy it again"


def test_a_broken_archive(folder):
    path = folder / f"{FILES[0]}.gz"
    path.write_bytes(gzip.compress((folder / FILES[0]).read_bytes())[:-20])
    (folder / FILES[0]).unlink()
    assert re.fullmatch(f"{re.escape(str(path))} cannot be unpacked \\(.+\\); copy it again", told(mnist, folder))


def test_labels_of_other_images(folder):
    (folder / FILES[1]).write_bytes(idx(np.zeros(4)))
    assert told(mnist, folder) == f"{folder} has 5 training images and 4 labels; copy the four files again"


def test_another_shape_than_the_name_says(folder):
    with pytest.raises(NoImages, match="magic number 2051; expected 2049"):
        read(folder / FILES[0], axes=1)
