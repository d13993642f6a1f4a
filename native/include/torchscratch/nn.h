// Modules of the C++ API: layers with named parameters, from which models are built. The names of classes and options,
// the default values and the keys of a state_dict are PyTorch's.
//
//     struct Net : ts::nn::Layer {
//       Net() : Layer("Net") {}
//       ts::Tensor forward(const ts::Tensor& x) override { return second(ts::relu(first(x))); }
//       ts::nn::Linear first = register_module("first", ts::nn::Linear(784, 128));
//       ts::nn::Linear second = register_module("second", ts::nn::Linear(128, 10));
//     };
//
//     ts::nn::Sequential model{ts::nn::Linear(784, 128), ts::nn::ReLU(), ts::nn::Linear(128, 10)};
//     ts::optim::Adam optimizer(model->parameters());
#pragma once

#include "torchscratch/nn/activation.h"
#include "torchscratch/nn/batch_norm.h"
#include "torchscratch/nn/convolution.h"
#include "torchscratch/nn/dropout.h"
#include "torchscratch/nn/embedding.h"
#include "torchscratch/nn/flatten.h"
#include "torchscratch/nn/handle.h"
#include "torchscratch/nn/init.h"
#include "torchscratch/nn/layer_norm.h"
#include "torchscratch/nn/linear.h"
#include "torchscratch/nn/max_pool.h"
#include "torchscratch/nn/module.h"
#include "torchscratch/nn/multihead_attention.h"
#include "torchscratch/nn/options.h"
#include "torchscratch/nn/sequential.h"
