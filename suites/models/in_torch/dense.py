"""Models of affine maps: linear regression, a perceptron, a recommender, an autoencoder."""

from typing import Any

import torch
from torch import nn


class LinearRegression(nn.Module):
    """One affine map."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.fc = nn.Linear(features, 1)

    def forward(self, x: Any) -> Any:
        return self.fc(x)


class Mlp(nn.Module):
    """Two hidden layers with ReLU."""

    def __init__(self, sizes: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.fc1 = nn.Linear(sizes[0], sizes[1])
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(sizes[1], sizes[2])
        self.relu2 = nn.ReLU()
        self.fc3 = nn.Linear(sizes[2], sizes[3])

    def forward(self, x: Any) -> Any:
        h = self.relu1(self.fc1(x))
        h = self.relu2(self.fc2(h))
        return self.fc3(h)


class Recommender(nn.Module):
    """Both embeddings side by side through two hidden layers to one logit, or its sigmoid."""

    def __init__(self, users: int, items: int, width: int, probability: bool) -> None:
        super().__init__()
        self.user = nn.Embedding(users, width)
        self.item = nn.Embedding(items, width)
        self.fc1 = nn.Linear(2 * width, 32)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Linear(32, 16)
        self.relu2 = nn.ReLU()
        self.fc3 = nn.Linear(16, 1)
        self.sigmoid = nn.Sigmoid() if probability else None

    def forward(self, user: Any, item: Any) -> Any:
        h = torch.cat([self.user(user), self.item(item)], dim=1)
        h = self.relu1(self.fc1(h))
        h = self.relu2(self.fc2(h))
        y = self.fc3(h)[:, 0]
        return self.sigmoid(y) if self.sigmoid else y


class Autoencoder(nn.Module):
    """Through a narrow code and back."""

    def __init__(self, sizes: tuple[int, int, int]) -> None:
        super().__init__()
        self.encode1 = nn.Linear(sizes[0], sizes[1])
        self.relu1 = nn.ReLU()
        self.encode2 = nn.Linear(sizes[1], sizes[2])
        self.decode1 = nn.Linear(sizes[2], sizes[1])
        self.relu2 = nn.ReLU()
        self.decode2 = nn.Linear(sizes[1], sizes[0])

    def forward(self, x: Any) -> Any:
        code = self.encode2(self.relu1(self.encode1(x)))
        return self.decode2(self.relu2(self.decode1(code)))


def linear_regression() -> nn.Module:
    return LinearRegression(8)


def mlp() -> nn.Module:
    return Mlp((784, 256, 128, 10))


def recommender(*, probability: bool) -> nn.Module:
    return Recommender(users=12, items=10, width=8, probability=probability)


def autoencoder() -> nn.Module:
    return Autoencoder((64, 32, 8))
