// What the tests of the autograd engine share: leaves, and checks of the errors that a call throws.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "gradcheck.h"

namespace ts::test {

using Values = std::vector<double>;

inline Tensor leaf(const Values& values) { return tensor(values).requires_grad_(); }

// The message of the error of class E that `fn` throws. The test fails if it throws nothing or a different error.
template <class E>
std::string message_of(const std::function<void()>& fn) {
  try {
    fn();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "a different error: " << error.what();
    return "";
  }
  ADD_FAILURE() << "no error";
  return "";
}

inline void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is not in: " << text;
}

}  // namespace ts::test
