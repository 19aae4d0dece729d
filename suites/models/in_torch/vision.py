"""Models of pictures (N,C,H,W): three small convolutional networks, residual ones, an autoencoder."""

from typing import Any

from torch import nn

HALF = 2


class Cnn(nn.Module):
    """One convolution, one pool, one affine map."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(HALF)
        self.fc = nn.Linear(32 * ((side - 2) // 2) ** 2, 10)

    def forward(self, x: Any) -> Any:
        h = self.pool(self.relu(self.conv(x)))
        return self.fc(h.flatten(1))


class LeNet(nn.Module):
    """Convolution, pool, ReLU, twice, and two affine maps."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.pool1 = nn.MaxPool2d(HALF)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.pool2 = nn.MaxPool2d(HALF)
        self.relu2 = nn.ReLU()
        self.fc1 = nn.Linear(320, 50)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x: Any) -> Any:
        h = self.relu1(self.pool1(self.conv1(x)))
        h = self.relu2(self.pool2(self.conv2(h)))
        h = self.relu3(self.fc1(h.flatten(1)))
        return self.fc2(h)


class TwoConvolutions(nn.Module):
    """Convolution, ReLU, pool, twice, and two affine maps."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(HALF)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(HALF)
        self.fc1 = nn.Linear(1600, 128)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: Any) -> Any:
        h = self.pool1(self.relu1(self.conv1(x)))
        h = self.pool2(self.relu2(self.conv2(h)))
        h = self.relu3(self.fc1(h.flatten(1)))
        return self.fc2(h)


class ResidualBlock(nn.Module):
    """Two convolutions beside the identity, or beside a projection where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu2 = nn.ReLU()
        self.projects = stride != 1
        if self.projects:
            self.project = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)

    def forward(self, x: Any) -> Any:
        h = self.relu1(self.bn1(self.conv1(x)))
        h = self.bn2(self.conv2(h))
        return self.relu2(h + (self.bn3(self.project(x)) if self.projects else x))


class ResNet(nn.Module):
    """A stem, two stages, the mean over the picture, an affine map."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.stage1 = ResidualBlock(8, 8)
        self.stage2 = ResidualBlock(8, 16, HALF)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x: Any) -> Any:
        h = self.relu(self.bn(self.conv(x)))
        h = self.stage2(self.stage1(h))
        return self.fc(self.pool(h).flatten(1))


class ConvAutoencoder(nn.Module):
    """Two convolutions that halve the picture, two transposed ones that bring it back."""

    def __init__(self) -> None:
        super().__init__()
        self.encode1 = nn.Conv2d(1, 8, 3, HALF, padding=1)
        self.relu1 = nn.ReLU()
        self.encode2 = nn.Conv2d(8, 4, 3, HALF, padding=1)
        self.relu2 = nn.ReLU()
        self.decode1 = nn.ConvTranspose2d(4, 8, 4, HALF, padding=1)
        self.relu3 = nn.ReLU()
        self.decode2 = nn.ConvTranspose2d(8, 1, 4, HALF, padding=1)

    def forward(self, x: Any) -> Any:
        h = self.relu2(self.encode2(self.relu1(self.encode1(x))))
        return self.decode2(self.relu3(self.decode1(h)))


def cnn(*, side: int) -> nn.Module:
    return Cnn(side)


def lenet() -> nn.Module:
    return LeNet()


def two_convolutions() -> nn.Module:
    return TwoConvolutions()


def residual_block(*, training: bool) -> nn.Module:
    return ResidualBlock(4, 4).train(training)


def resnet(*, training: bool) -> nn.Module:
    return ResNet().train(training)


def conv_autoencoder() -> nn.Module:
    return ConvAutoencoder()
