# The same work in Python with PyTorch. Reads "name count" lines, does the work count times, answers nanoseconds each.
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


work = {"add": add, "add_recorded": add_recorded, "chain": chain, "mlp": mlp}
print(torch.__version__, flush=True)
for line in sys.stdin:
    name, count = line.split()
    run = work[name]
    run()
    start = time.perf_counter_ns()
    for _ in range(int(count)):
        run()
    print((time.perf_counter_ns() - start) / int(count), flush=True)
