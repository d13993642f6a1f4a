// A plugin that appears to be built against different headers.
#define TORCHSCRATCH_PLUGIN_ABI 99
#include <torchscratch/plugin.h>

TS_PLUGIN(other, registry) {
  registry.add(
      "never", +[](const ts::Tensor& x) { return x; });
}
