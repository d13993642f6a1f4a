// Names in error messages. A name of the API that the languages spell differently (a parameter of several words, a
// method, self) is written between backquotes in the core's messages, so that the managed layer can spell it as C#
// does; and no callback that is empty reaches the standard library's errors.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <regex>
#include <string>
#include <vector>

#include "torchscratch/torchscratch.h"

namespace ts {
namespace {

namespace fs = std::filesystem;

// The position behind the literal that begins at `at`.
std::size_t end_of_literal(const std::string& text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// The texts in the parentheses that open at `at`.
std::vector<std::string> literals_in(const std::string& text, std::size_t at) {
  std::vector<std::string> literals;
  int depth = 0;
  do {
    if (text[at] == '"') {
      const std::size_t end = end_of_literal(text, at);
      literals.push_back(text.substr(at + 1, end - at - 2));
      at = end;
      continue;
    }
    depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    ++at;
  } while (depth > 0 && at < text.size());
  return literals;
}

// What is left of a message without marked names and without the name of the function in front.
std::string unmarked(std::string message) {
  static const std::regex marked("`[^`]*`"), head("^[a-z0-9_]+: ");
  message = std::regex_replace(message, marked, "");
  return std::regex_replace(message, head, "");
}

TEST(Messages, NamesThatLanguagesSpellDifferentlyAreMarked) {
  static const std::regex raise(R"((TS_CHECK|throw \w+Error|in_operator)\s*\()");
  static const std::regex name(R"([a-z0-9]_[a-z0-9]|\bself\b|\b[a-z]+\([a-z0-9]*\))");
  int messages = 0;
  // The layers whose errors reach other languages; modules of C++ are used in C++ alone.
  for (const char* layer : {"tensor", "autograd", "ops", "backend", "cpu", "c_api"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(TORCHSCRATCH_SOURCE_DIR) / "native/src" / layer)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      for (std::sregex_iterator it(text.begin(), text.end(), raise), end; it != end; ++it) {
        const auto open = static_cast<std::size_t>(it->position() + it->length() - 1);
        for (const std::string& literal : literals_in(text, open)) {
          ++messages;
          EXPECT_FALSE(std::regex_search(unmarked(literal), name))
              << entry.path() << ": write the name in \"" << literal << "\" between backquotes";
        }
      }
    }
  }
  EXPECT_GT(messages, 500);
}

template <class Call>
void expect_refused(const Call& call, const std::string& start) {
  try {
    call();
    ADD_FAILURE() << start << " was accepted";
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()).rfind(start, 0), 0u) << e.what();
    EXPECT_NE(e.kind(), ErrorKind::Generic) << e.what();
  }
}

TEST(Messages, FunctionsThatAreNoOperatorsAreNamed) {
  expect_refused([] { empty({-1}); }, "empty: ");
  expect_refused([] { empty({std::int64_t{1} << 40, std::int64_t{1} << 40}); }, "empty: ");
  expect_refused([] { zeros({2}, DType::Int64).requires_grad_(); }, "requires_grad_: ");
  expect_refused([] { zeros({2}).item(); }, "item: ");
  expect_refused([] { zeros({}).size(0); }, "size: ");
}

TEST(Messages, NaNHasNoSign) {
  const double nan = std::copysign(std::numeric_limits<double>::quiet_NaN(), -1.0);
  EXPECT_EQ(format(nan, ' ', static_cast<float>(nan)), "nan nan");
  EXPECT_EQ(Scalar(nan).to_string(), "nan");
  EXPECT_EQ(full({1}, nan, DType::Float64).to_string(), "tensor([nan], dtype=float64)");
}

TEST(Messages, EmptyFunctionsAreRefused) {
  Tensor x = ones({2});
  x.requires_grad_();
  const Tensor y = x * 2;
  expect_refused([&] { x.register_hook(nullptr); }, "register_hook: ");
  expect_refused([&] { y.grad_fn()->add_pre_hook(nullptr); }, "add_pre_hook: ");
  expect_refused([&] { y.grad_fn()->add_post_hook(nullptr); }, "add_post_hook: ");
  expect_refused([&] { checkpoint(CheckpointedFunction(), TensorList{x}); }, "checkpoint: ");
  expect_refused([&] { apply_function("F", TensorList{x}, nullptr, nullptr); }, "F: ");
}

}  // namespace
}  // namespace ts
