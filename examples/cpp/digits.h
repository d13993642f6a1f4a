// Images of digits with their classes, read from the IDX files of MNIST or drawn.
#pragma once

#include <string>

#include "torchscratch/torchscratch.h"

struct Digits {
  ts::Tensor images;  // (N, 1, 28, 28), uint8
  ts::Tensor labels;  // (N), int64
};

/// Reads the training or test part of MNIST from a folder: train-images-idx3-ubyte and so on, with or without ".gz".
/// Throws std::runtime_error, which names the file and the problem.
Digits read_mnist(const std::string& folder, bool train);

/// Draws seven-segment digits, shifted, with varying intensity and noise, to try the program without data.
Digits draw_digits(std::int64_t count);
