// A plugin as if built against other headers.
#define TORCHSCRATCH_PLUGIN_ABI 99
#include <torchscratch/plugin.h>

TS_PLUGIN(other, registry) {
  registry.add(
      "never", +[](const ts::Tensor& x) { return x; });
}
