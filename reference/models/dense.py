"""Models of affine maps: linear regression, a perceptron, a recommender, an autoencoder."""

from collections.abc import Mapping

from ..activations import relu, sigmoid
from ..arrays import Array, Indices
from ..layers import embedding, linear
from .plumbing import concatenated, picked
from .tape import Tape

Params = Mapping[str, Array]


def affine(t: Tape, p: Params, name: str, x: Array) -> Array:
    """The affine map of the parameters ``name.weight`` (O,I) and ``name.bias`` (O,)."""
    y: Array = t(name, linear, x, p[f"{name}.weight"], p[f"{name}.bias"])
    return y


def linear_regression(t: Tape, p: Params, x: Array) -> Array:
    """One affine map: x (N,I) to y (N,1)."""
    return affine(t, p, "fc", x)


def mlp(t: Tape, p: Params, x: Array) -> Array:
    """Two hidden layers with ReLU: x (N,I) to logits (N,K)."""
    h = t("relu1", relu, affine(t, p, "fc1", x))
    h = t("relu2", relu, affine(t, p, "fc2", h))
    return affine(t, p, "fc3", h)


def recommender(t: Tape, p: Params, user: Indices, item: Indices, *, probability: bool) -> Array:
    """Both embeddings side by side through two hidden layers: user (N,), item (N,) to one logit each (N,).

    With ``probability`` the sigmoid of the logit.

    Source: X. He et al., Neural Collaborative Filtering, WWW 2017, section 3.3 (its perceptron).
    """
    u = t("user", embedding, user, p["user.weight"])
    i = t("item", embedding, item, p["item.weight"])
    h = t("", concatenated, u, i, axis=1)
    h = t("relu1", relu, affine(t, p, "fc1", h))
    h = t("relu2", relu, affine(t, p, "fc2", h))
    y: Array = t("", picked, affine(t, p, "fc3", h), index=0, axis=1)
    return t("sigmoid", sigmoid, y) if probability else y


def autoencoder(t: Tape, p: Params, x: Array) -> Array:
    """Through a narrow code and back: x (N,I) to its reconstruction (N,I). The code and the output are affine.

    Source: G. E. Hinton, R. R. Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, Science 313
    (2006) 504.
    """
    h = t("relu1", relu, affine(t, p, "encode1", x))
    code = affine(t, p, "encode2", h)
    h = t("relu2", relu, affine(t, p, "decode1", code))
    return affine(t, p, "decode2", h)
