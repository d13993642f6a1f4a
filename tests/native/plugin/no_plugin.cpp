// A shared library that is not a plugin.
extern "C"
#if defined(_WIN32)
    __declspec(dllexport)
#else
    __attribute__((visibility("default")))
#endif
        int answer() {
  return 42;
}
