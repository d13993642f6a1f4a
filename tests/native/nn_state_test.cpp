// The state of C++ modules: keys, printed form, files, mismatches, conversions and errors.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "nn_helpers.h"
#include "torchscratch/nn.h"

namespace ts {
namespace {

using test::elements;
using test::expect_near;
using test::keys;
using test::Names;

struct Residual : nn::Layer {
  Residual() : Layer("Residual") {}
  Tensor forward(const Tensor& x) override { return x + second(relu(first(x))); }
  nn::Linear first = register_module("first", nn::Linear(4, 3));
  nn::Linear second = register_module("second", nn::Linear(3, 4));
  Tensor scale = register_parameter("scale", ones({1}));
  Tensor steps = register_buffer("steps", zeros({}, DType::Int64));
  Tensor scratch = register_buffer("scratch", zeros({2}), false);
};

TEST(NN, StateKeysMatchPyTorch) {
  const nn::Sequential model(nn::Conv2d(nn::Conv2dOptions(1, 2, 3).bias(false)), nn::BatchNorm2d(2), nn::ReLU(),
                             std::pair("flat", nn::Flatten()), nn::Handle<Residual>());
  EXPECT_EQ(keys(model->state_dict()),
            (Names{"0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
                   "4.scale", "4.steps", "4.first.weight", "4.first.bias", "4.second.weight", "4.second.bias"}));
  EXPECT_EQ(keys(model->named_parameters()), (Names{"0.weight", "1.weight", "1.bias", "4.scale", "4.first.weight",
                                                    "4.first.bias", "4.second.weight", "4.second.bias"}));
  EXPECT_EQ(keys(model->named_buffers()),
            (Names{"1.running_mean", "1.running_var", "1.num_batches_tracked", "4.steps", "4.scratch"}));
  const nn::MultiheadAttention joint(nn::MultiheadAttentionOptions(4, 2).add_bias_kv(true));
  EXPECT_EQ(keys(joint->state_dict()),
            (Names{"in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias"}));
  const nn::MultiheadAttention wide(nn::MultiheadAttentionOptions(4, 2).kdim(6).vdim(5).bias(false));
  EXPECT_EQ(keys(wide->state_dict()), (Names{"q_proj_weight", "k_proj_weight", "v_proj_weight", "out_proj.weight"}));
}

TEST(NN, ASharedModuleHasTwoNamesInAStateAndOneAmongParameters) {
  const nn::Linear tied(2, 2);
  const nn::Sequential model(tied, nn::ReLU(), tied);
  EXPECT_EQ(keys(model->named_parameters()), (Names{"0.weight", "0.bias"}));
  EXPECT_EQ(keys(model->state_dict()), (Names{"0.weight", "0.bias", "2.weight", "2.bias"}));
  EXPECT_EQ(model->named_modules().size(), 3u);
}

TEST(NN, PrintsLikePyTorch) {
  const nn::Sequential model(nn::Conv2d(nn::Conv2dOptions(3, 8, 3).padding(1).bias(false)), nn::BatchNorm2d(8),
                             nn::Conv1d(nn::Conv1dOptions(2, 2, 3).stride(2)), nn::MaxPool2d(2), nn::Dropout(0.1),
                             nn::Sequential(nn::Linear(4, 2), nn::LayerNorm(2)), nn::Embedding(5, 3));
  EXPECT_EQ(model->to_string(), R"(Sequential(
  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
  (1): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (2): Conv1d(2, 2, kernel_size=(3,), stride=(2,))
  (3): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (4): Dropout(p=0.1, inplace=False)
  (5): Sequential(
    (0): Linear(in_features=4, out_features=2, bias=True)
    (1): LayerNorm((2,), eps=1e-05, elementwise_affine=True)
  )
  (6): Embedding(5, 3)
))");
}

class NNFile : public testing::Test {
 protected:
  NNFile()
      : path_((std::filesystem::temp_directory_path() /
               ("torchscratch_nn_" + std::to_string(std::random_device()()) + ".safetensors"))
                  .string()) {}
  ~NNFile() override { std::filesystem::remove(path_); }
  std::string path_;
};

TEST_F(NNFile, ASavedStateCanBeLoaded) {
  const auto make = [] {
    return nn::Sequential(nn::Conv2d(1, 2, 3), nn::BatchNorm2d(2), nn::Flatten(), nn::Linear(8, 2));
  };
  const nn::Sequential saved = make();
  const Tensor x = randn({3, 1, 4, 4});
  saved(x);
  saved->save(path_, {{"epoch", "3"}});
  const nn::Sequential loaded = make();
  loaded->load(path_);
  saved->eval();
  loaded->eval();
  EXPECT_EQ(elements(loaded(x)), elements(saved(x)));
  Metadata metadata;
  load_safetensors(path_, &metadata);
  EXPECT_EQ(metadata, (Metadata{{"epoch", "3"}}));
  EXPECT_THROW(loaded->load(path_ + ".none"), IOError);
}

// The bytes of a file as Module.Save of the C# layer writes it, for Sequential(Linear(2, 1), BatchNorm1d(1)).
TEST_F(NNFile, AFileOfTheManagedLayerIsLoaded) {
  std::string header = R"({"0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
                       R"("0.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},)"
                       R"("1.weight":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},)"
                       R"("1.bias":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},)"
                       R"("1.running_mean":{"dtype":"F32","shape":[1],"data_offsets":[20,24]},)"
                       R"("1.running_var":{"dtype":"F32","shape":[1],"data_offsets":[24,28]},)"
                       R"("1.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[28,36]}})";
  // The data after the header are aligned.
  while (header.size() % 8 != 0) header += ' ';
  const float values[] = {2, 3, 1, 10, -1, 4, 9};
  const std::int64_t batches = 5;
  const std::uint64_t length = header.size();
  std::ofstream file(path_, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&length), sizeof length).write(header.data(), std::streamsize(length));
  file.write(reinterpret_cast<const char*>(values), sizeof values);
  file.write(reinterpret_cast<const char*>(&batches), sizeof batches);
  file.close();
  const nn::Sequential model(nn::Linear(2, 1), nn::BatchNorm1d(nn::BatchNorm1dOptions(1).eps(0)));
  model->load(path_);
  model->eval();
  // (2 + 3 + 1 - 4) / 3 * 10 - 1
  expect_near(model(ones({1, 2})), {17.0 / 3}, 8 * 0x1p-24 * 17 / 3);
  EXPECT_EQ(dynamic_cast<nn::BatchNorm1dImpl&>((*model)[1]).num_batches_tracked.item<std::int64_t>(), 5);
}

TEST(NN, AStateThatDoesNotFitChangesNothing) {
  nn::Sequential model(nn::Linear(2, 2), nn::Linear(2, 1));
  const std::vector<double> before = elements(dynamic_cast<nn::LinearImpl&>((*model)[0]).weight);
  const NamedTensors state = {
      {"0.weight", zeros({2, 2})}, {"0.bias", zeros({3})}, {"1.weight", zeros({1, 2})}, {"2.weight", zeros({1})}};
  try {
    model->load_state_dict(state);
    FAIL() << "loading a mismatched state succeeded";
  } catch (const nn::StateDictError& error) {
    EXPECT_EQ(error.missing_keys(), Names{"1.bias"});
    EXPECT_EQ(error.unexpected_keys(), Names{"2.weight"});
    EXPECT_EQ(error.mismatches(), Names{"0.bias: expected float32[2], got float32[3]"});
    EXPECT_EQ(
        std::string(error.what()),
        "The state does not fit Sequential; nothing was loaded.\nmissing: 1.bias\nunexpected: 2.weight\nof another "
        "shape: 0.bias: expected float32[2], got float32[3]");
  }
  EXPECT_EQ(elements(dynamic_cast<nn::LinearImpl&>((*model)[0]).weight), before);
  // Mismatched shapes are always an error, missing and unexpected names only in strict mode.
  EXPECT_THROW(model->load_state_dict(state, false), nn::StateDictError);
  model->load_state_dict({{"0.weight", zeros({2, 2}, DType::Float64)}, {"else", zeros({1})}}, false);
  EXPECT_EQ(elements(dynamic_cast<nn::LinearImpl&>((*model)[0]).weight), std::vector<double>({0, 0, 0, 0}));
}

TEST(NN, WhatIsNotLoadedIsListed) {
  nn::Sequential model(nn::Linear(2, 2), nn::Linear(2, 3));
  const std::vector<double> before = elements(dynamic_cast<nn::LinearImpl&>((*model)[1]).weight);
  const NamedTensors state = {{"0.weight", zeros({2, 2})}, {"0.bias", zeros({2})}, {"1.weight", zeros({5, 2})},
                              {"2.weight", zeros({1})}};
  const nn::LoadResult result = model->load_state_dict(state, false, true);
  EXPECT_EQ(result.missing_keys, Names{"1.bias"});
  EXPECT_EQ(result.unexpected_keys, Names{"2.weight"});
  EXPECT_EQ(result.mismatched_keys, Names{"1.weight"});
  EXPECT_FALSE(result.is_complete());
  EXPECT_EQ(elements(dynamic_cast<nn::LinearImpl&>((*model)[0]).weight), std::vector<double>({0, 0, 0, 0}));
  EXPECT_EQ(elements(dynamic_cast<nn::LinearImpl&>((*model)[1]).weight), before);
  EXPECT_TRUE(model->load_state_dict(model->state_dict()).is_complete());
  // In strict mode another shape may be left out, but nothing may be missing.
  EXPECT_THROW(model->load_state_dict(state, true, true), nn::StateDictError);
  EXPECT_THROW(model->load_state_dict({{"0.bias", zeros({2})}, {"0.bias", ones({2})}}, false), nn::StateDictError);
}

TEST(NN, AStateMayLackTheNumberOfBatches) {
  nn::BatchNorm1d norm(2);
  norm(randn({4, 2}));
  NamedTensors state = norm->state_dict();
  ASSERT_EQ(state.back().first, "num_batches_tracked");
  state.pop_back();
  state[0].second = ones({2}) * 3.0;
  EXPECT_TRUE(norm->load_state_dict(state).is_complete());
  EXPECT_EQ(elements(norm->weight), std::vector<double>({3, 3}));
  EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 1) << "PyTorch keeps the count of the module";
  // What is there must be a whole number.
  for (const double value : {2.5, std::nan(""), HUGE_VAL}) {
    state.emplace_back("num_batches_tracked", scalar_tensor(value, DType::Float64));
    state[0].second = zeros({2});
    EXPECT_THROW(norm->load_state_dict(state), nn::StateDictError) << value;
    EXPECT_EQ(elements(norm->weight), std::vector<double>({3, 3}));
    state.pop_back();
  }
  state.emplace_back("num_batches_tracked", scalar_tensor(7, DType::Float32));
  norm->load_state_dict(state);
  EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 7);
}

TEST(NN, ConversionIsVisibleThroughEveryReference) {
  const nn::Sequential model(nn::Linear(2, 2), nn::BatchNorm1d(2));
  const TensorList held = model->parameters();
  const Tensor input = randn({3, 2});
  const Tensor loss = sum(square(model(input)));
  model->to(DType::Float64);
  EXPECT_EQ(held[0].dtype(), DType::Float64);
  EXPECT_TRUE(held[0].requires_grad());
  EXPECT_EQ(dynamic_cast<nn::BatchNorm1dImpl&>((*model)[1]).running_mean.dtype(), DType::Float64);
  EXPECT_EQ(dynamic_cast<nn::BatchNorm1dImpl&>((*model)[1]).num_batches_tracked.dtype(), DType::Int64);
  EXPECT_THROW(loss.backward(), AutogradError) << "the graph was recorded with the old values";
  sum(square(model(to(input, DType::Float64)))).backward();
  EXPECT_EQ(held[0].grad().dtype(), DType::Float64);
  EXPECT_THROW(model->to(DType::Int64), DTypeError);
  model->requires_grad_(false);
  EXPECT_FALSE(held[0].requires_grad());
  model->to(DType::Float32);
  EXPECT_FALSE(held[0].requires_grad());
  EXPECT_FALSE(model(input).requires_grad());
}

struct Registers : nn::Module {
  using Module::register_buffer;
  using Module::register_module;
  using Module::register_parameter;
};

TEST(NN, ErrorsSayWhatIsWrong) {
  const auto expect_error = [](const std::string& text, const auto& call) {
    try {
      call();
      ADD_FAILURE() << "no error: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), text);
    }
  };
  const auto module = std::make_shared<Registers>();
  module->register_parameter("weight", ones({2}));
  expect_error("Module: the name weight is used already", [&] { module->register_buffer("weight", ones({2})); });
  expect_error("Module: the name \"a.b\" is empty or contains a dot, which separates names in a path",
               [&] { module->register_module("a.b", nn::ReLU()); });
  expect_error("Module: module part is empty", [&] { module->register_module("part", nn::Linear(nullptr)); });
  expect_error("Module: self contains this module, which cannot contain itself",
               [&] { module->register_module("self", module); });
  expect_error("Module: parameter more must be a floating tensor, got int64[2]",
               [&] { module->register_parameter("more", ones({2}, DType::Int64)); });
  EXPECT_THROW(module->register_parameter("more", ones({2}).requires_grad_() * 2.0), AutogradError);
  EXPECT_THROW(module->register_buffer("more", ones({2}).requires_grad_()), AutogradError);
  expect_error("the handle is empty; assign a module to it first", [] { nn::Linear(nullptr)(ones({2})); });
  expect_error("Conv2d: 3 and 4 channels cannot be divided into 2 groups",
               [] { nn::Conv2d(nn::Conv2dOptions(3, 4, 3).groups(2)); });
  expect_error("Conv2d: kernel_size: expected 1 or 2 numbers, got [1, 2, 3]", [] {
    nn::Conv2d(nn::Conv2dOptions(3, 4, {1, 2, 3}));
  });
  expect_error("Conv2d: stride: expected at least 1 in each dimension, got [0]",
               [] { nn::Conv2d(nn::Conv2dOptions(3, 4, 3).stride(0)); });
  expect_error("BatchNorm2d: input must have 4 dimensions, got float32[2, 3]", [] {
    nn::BatchNorm2d(3)(ones({2, 3}));
  });
  expect_error("BatchNorm1d: input must have 2 or 3 dimensions, got float32[3]", [] { nn::BatchNorm1d(3)(ones({3})); });
  expect_error("Dropout: p must be in [0, 1], got 1.5", [] { nn::Dropout(1.5); });
  expect_error("Embedding: padding_idx 3 is out of range for 3 rows",
               [] { nn::Embedding(nn::EmbeddingOptions(3, 2).padding_idx(3)); });
  expect_error("MultiheadAttention: embed_dim 5 is not a positive multiple of num_heads 2",
               [] { nn::MultiheadAttention(5, 2); });
  expect_error("Sequential: layer 1 is out of range for 1 layers", [] { (*nn::Sequential(nn::ReLU()))[1]; });
  nn::AttentionMasks masks;
  masks.attn_mask = ones({3, 3}, DType::Bool);
  expect_error("MultiheadAttention: attn_mask must have shape [2, 3], got bool[3, 3]", [&] {
    nn::MultiheadAttention(4, 2)(ones({2, 1, 4}), ones({3, 1, 4}), ones({3, 1, 4}), masks);
  });
}

TEST(NN, ApplyVisitsInnerModulesFirst) {
  nn::Sequential model(nn::Sequential(nn::Linear(1, 1)), nn::ReLU());
  std::string names;
  model->apply([&](nn::Module& module) { names += module.name() + " "; });
  EXPECT_EQ(names, "ReLU Linear Sequential Sequential ");
}

}  // namespace
}  // namespace ts
