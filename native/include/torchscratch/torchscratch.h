// The C++ API of libtorchscratch: tensors, operators, automatic differentiation, modules and optimizers.
//
//     ts::Tensor w = ts::randn({3, 4}).requires_grad_();
//     ts::Tensor loss = ts::sum(ts::square(ts::matmul(x, w) - y));
//     loss.backward();
//     ts::Tensor g = w.grad();
#pragma once

#include "torchscratch/allocator.h"
#include "torchscratch/autocast.h"
#include "torchscratch/autograd.h"
#include "torchscratch/checkpoint.h"
#include "torchscratch/graph.h"
#include "torchscratch/indexing.h"
#include "torchscratch/nn.h"
#include "torchscratch/observer.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops.g.h"
#include "torchscratch/optim.h"
#include "torchscratch/parallel.h"
#include "torchscratch/print.h"
#include "torchscratch/profiler.h"
#include "torchscratch/random.h"
#include "torchscratch/reclaim.h"
#include "torchscratch/safetensors.h"
#include "torchscratch/tensor.h"
#include "torchscratch/threads.h"
