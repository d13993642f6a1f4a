# The same tasks in Python with PyTorch. Reads lines "name count", runs the task count times and prints nanoseconds per run.
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
small = torch.randn(8, 8)
leaf = torch.randn(8, 8, requires_grad=True)
net = torch.nn.Sequential(
    torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 128), torch.nn.ReLU(),
    torch.nn.Linear(128, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
adam = torch.optim.Adam(net.parameters())
images = torch.randn(64, 784)
labels = torch.randint(10, (64,))


def add():
    small + small


def add_recorded():
    leaf + small


def chain():
    x = leaf
    for _ in range(5):
        x = (x * small).tanh()
    x.sum().backward()
    leaf.grad = None


def mlp():
    loss = torch.nn.functional.cross_entropy(net(images), labels)
    adam.zero_grad(set_to_none=True)
    loss.backward()
    adam.step()


class ResidualBlock(torch.nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.main = torch.nn.Sequential(
            torch.nn.Conv2d(channels, width, 3, stride, 1, bias=False), torch.nn.BatchNorm2d(width), torch.nn.ReLU(),
            torch.nn.Conv2d(width, width, 3, padding=1, bias=False), torch.nn.BatchNorm2d(width))
        self.shortcut = torch.nn.Sequential(
            torch.nn.Conv2d(channels, width, 1, stride, bias=False), torch.nn.BatchNorm2d(width)) if stride != 1 else torch.nn.Identity()

    def forward(self, x):
        return torch.relu(self.main(x) + self.shortcut(x))


class Gpt(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = torch.nn.Embedding(65, 256)
        self.positions = torch.nn.Embedding(128, 256)
        layer = torch.nn.TransformerEncoderLayer(256, 8, 1024, 0.0, "gelu", batch_first=True, norm_first=True)
        self.layers = torch.nn.TransformerEncoder(layer, 4)
        self.head = torch.nn.Linear(256, 65)
        self.mask = torch.nn.Transformer.generate_square_subsequent_mask(128)

    def forward(self, x):
        x = self.tokens(x) + self.positions(torch.arange(128))
        return self.head(self.layers(x, self.mask)).flatten(0, 1)


# Built when first requested: (optimizer, loss function).
def resnet18():
    layers, channels = [torch.nn.Conv2d(3, 64, 3, padding=1, bias=False), torch.nn.BatchNorm2d(64), torch.nn.ReLU()], 64
    for width in (64, 128, 256, 512):
        layers += [ResidualBlock(channels, width, 1 if width == channels else 2), ResidualBlock(width, width, 1)]
        channels = width
    network = torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(512, 10))
    x, y = torch.randn(64, 3, 32, 32), torch.randint(10, (64,))
    return torch.optim.SGD(network.parameters(), 0.1, 0.9), lambda: torch.nn.functional.cross_entropy(network(x), y)


def gpt():
    network, x, y = Gpt(), torch.randint(65, (8, 128)), torch.randint(65, (8 * 128,))
    return torch.optim.AdamW(network.parameters(), 1e-3), lambda: torch.nn.functional.cross_entropy(network(x), y)


def lstm():
    network, x = torch.nn.LSTM(256, 256, 2), torch.randn(64, 32, 256)
    return torch.optim.SGD(network.parameters(), 0.1), lambda: network(x)[0].sum()


def training_step(build):
    made = []

    def run():
        if not made:
            made.append(build())
        optimizer, forward = made[0]
        loss = forward()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return run


# The peak memory of a training process in MB, and its growth after start-up.
def status(key):
    return next(int(line.split()[1]) / 1000 for line in open("/proc/self/status") if line.startswith(key))


if "--peak" in sys.argv:
    step = training_step({"resnet": resnet18, "gpt": gpt, "lstm": lstm}[sys.argv[sys.argv.index("--peak") + 1]])
    torch.ones(8) + 1
    before = status("VmRSS:")
    for _ in range(5):
        step()
    peak = status("VmHWM:")
    print(peak, peak - before)
    sys.exit()

work = {"resnet": training_step(resnet18), "gpt": training_step(gpt), "lstm": training_step(lstm), "add": add, "add_recorded": add_recorded, "chain": chain, "mlp": mlp}
print(torch.__version__, flush=True)
for line in sys.stdin:
    name, count = line.split()
    run = work[name]
    run()
    start = time.perf_counter_ns()
    for _ in range(int(count)):
        run()
    print((time.perf_counter_ns() - start) / int(count), flush=True)
