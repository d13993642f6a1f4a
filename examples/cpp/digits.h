// Images of digits with their classes: read from MNIST's IDX files, or drawn.
#pragma once

#include <string>

#include "torchscratch/torchscratch.h"

struct Digits {
  ts::Tensor images;  // (N, 1, 28, 28), uint8
  ts::Tensor labels;  // (N), int64
};

/// The training or test half of MNIST in a folder: train-images-idx3-ubyte and so on, with or without ".gz". Throws
/// std::runtime_error that names the file and what is wrong with it.
Digits read_mnist(const std::string& folder, bool train);

/// Seven-segment digits, shifted, of uneven strength and with noise: for a look at the program without data.
Digits draw_digits(std::int64_t count);
