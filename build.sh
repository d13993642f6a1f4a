#!/usr/bin/env bash
# Builds, tests and runs TorchScratch. `./build.sh help` lists the verbs; build.ps1 has the same ones for Windows.
set -euo pipefail
caller=$PWD
cd "$(dirname "$0")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
jobs=$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

usage() {
  cat <<'EOF'
./build.sh [verb] [arguments]

  (none)             build everything, Release
  demo [options]     train a network on MNIST: example Mnist
  example NAME [options]
                     build and run an example; without a NAME, list all examples (--help lists an example's options)
  test               run the native and the managed tests
  conformance [DIR] [--device cuda]
                     compare with PyTorch's samples in DIR (default: tests/golden), on the CPU or on a CUDA device; without
                     a CUDA backend that is the guard device of the tests
  bench [options]    measure speed
  cuda               build the backend for CUDA devices, libtorchscratch_cuda, beside the core
  bindings           generate code from native/ops.yaml, and the P/Invoke bindings from the C header
  format             format C++ and C#
  sanitize           run the native tests under ASan+UBSan, and the threading tests under TSan
  fuzz [--seconds N] [KIND] [options]
                     run the fuzzers, N seconds each (60): native (parsers of the core, with libFuzzer), managed (readers
                     of files), api (all public members); all kinds if none is given. Options, such as --replay SEED, go
                     to a managed fuzzer
EOF
}

# ---- Requirements of the build ----

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else return 1
  fi
}

# Installs Debian packages if it has permission to, otherwise prints the exact command.
need_packages() {
  [ $# -gt 0 ] || return 0
  if command -v apt-get >/dev/null; then
    say "installing: $*"
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1; then
      as_root apt-get update -qq >/dev/null 2>&1 || die "missing: $*. Run: sudo apt-get install -y $*"
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null ||
        die "apt-get could not install: $*"
    fi
  else
    die "missing; install with your package manager (Debian names): $*"
  fi
}

has_library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep "[[:space:]]$1 " >/dev/null; }
has_header() { echo "#include <$1>" | ${CXX:-c++} -x c++ -fsyntax-only - >/dev/null 2>&1; }

need_native() {
  local missing=()
  command -v "${CXX:-c++}" >/dev/null || missing+=(g++)
  command -v cmake >/dev/null || missing+=(cmake)
  command -v ninja >/dev/null || missing+=(ninja-build)
  need_packages ${missing[@]+"${missing[@]}"}
  missing=()
  # Without a supported package manager, CMake fetches these itself, pinned by hash.
  if command -v apt-get >/dev/null; then
    has_header hwy/highway.h || missing+=(libhwy-dev)
    has_header nlohmann/json.hpp || missing+=(nlohmann-json3-dev)
    has_header gtest/gtest.h || missing+=(libgtest-dev)
    command -v ccache >/dev/null || missing+=(ccache)
    # Not needed for building: the linear algebra operators load it when they are first called.
    has_library liblapack.so.3 || has_library libopenblas.so.0 || missing+=(liblapack3)
    need_packages ${missing[@]+"${missing[@]}"}
  fi
}

# Debian's toolkit is in the component non-free.
need_cuda() {
  command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ] && return
  command -v apt-get >/dev/null || die "the CUDA toolkit is missing; install 11.8 or later from developer.nvidia.com/cuda"
  if ! apt-cache show nvidia-cuda-toolkit >/dev/null 2>&1; then
    die "the CUDA toolkit is missing, and apt does not know nvidia-cuda-toolkit: add the components contrib and non-free" \
      "to your sources (on Debian 12: /etc/apt/sources.list.d/debian.sources, line Components), run apt-get update, and" \
      "run ./build.sh cuda again; or install the toolkit from developer.nvidia.com/cuda"
  fi
  say "installing the CUDA toolkit (2 GB)"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nvidia-cuda-toolkit >/dev/null ||
    die "missing: nvidia-cuda-toolkit. Run: sudo apt-get install -y --no-install-recommends nvidia-cuda-toolkit"
}

need_dotnet() {
  [ -x "$HOME/.dotnet/dotnet" ] && ! command -v dotnet >/dev/null && export PATH="$HOME/.dotnet:$PATH"
  if command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -qE '^(1[0-9]|[2-9][0-9])\.'; then return; fi
  local command='curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0'
  say "installing the .NET 10 SDK into ~/.dotnet"
  if ! (command -v curl >/dev/null && bash -c "set -o pipefail; $command" >&2); then
    die "the .NET 10 SDK is missing. Run: $command"
  fi
  export PATH="$HOME/.dotnet:$PATH"
}

# ---- Steps ----

cmake_options=()

# One tree serves the library and its tests, so that neither has to be configured again for the other.
build_native() {  # preset [target]
  local preset=$1 target=${2:-all}
  need_native
  say "building the core ($preset)"
  mkdir -p "build/$preset"
  cmake --preset "$preset" -DTORCHSCRATCH_TESTS=ON ${cmake_options[@]+"${cmake_options[@]}"} >"build/$preset/configure.log" 2>&1 ||
    { cat "build/$preset/configure.log" >&2; exit 1; }
  cmake --build "build/$preset" -j "$jobs" --target "$target" | grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Creating)' >&2 ||
    [ "${PIPESTATUS[0]}" = 0 ]
}

# libFuzzer and the sanitizers' runtime come with clang, in Debian as a package of their own.
need_clang() {
  local program
  program=$(mktemp)
  if ! echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, decltype(sizeof 0)) { return 0; }' |
    clang++ -x c++ -fsanitize=fuzzer,address,undefined -o "$program" - 2>/dev/null; then need_packages clang libclang-rt-dev; fi
  rm -f "$program"
}

build_managed() {
  need_dotnet
  say "building the managed layer"
  dotnet build TorchScratch.sln -c Release -v quiet --nologo "$@" >&2
}

# The tests of a program, divided among the cores, four at most: each process needs a few GB.
run_shards() {  # program [options]
  local i status=0 pids=() shards=$((jobs < 4 ? jobs : 4))
  for ((i = 0; i < shards; ++i)); do
    GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$i "$@" &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || status=$?; done
  return "$status"
}

example_names() {
  local project
  for project in examples/*/*.csproj; do
    # An example's project is named like its folder. Common is a library, not an example.
    project=$(basename "$project" .csproj)
    [ "$project" = Common ] || echo "$project"
  done
}

# Runs in the caller's folder, which relative paths and the folder of runs refer to.
run_example() {  # name [options]
  local name=$1 root=$PWD
  shift
  if ! grep -qxF -- "$name" <<<"$(example_names)"; then
    die "there is no example '$name'; available: $(example_names | paste -sd ' ')"
  fi
  build_native release torchscratch
  need_dotnet
  say "building the example"
  dotnet build "examples/$name" -c Release -v quiet --nologo >&2
  if [ "$caller" != "$root" ]; then use_shared_data; fi
  cd "$caller"
  exec dotnet "$root/examples/$name/bin/Release/net10.0/$name.dll" "$@"
}

use_shared_data() {
  # Data sets beside the checkout are used unless the caller names another folder.
  if [ -z "${TORCHSCRATCH_DATA:-}" ] && [ -d data/mnist ]; then export TORCHSCRATCH_DATA=$PWD/data; fi
}

case "${1:-build}" in
  build)
    build_native release
    build_managed
    ;;
  demo)
    shift
    run_example Mnist "$@"
    ;;
  example)
    shift
    if [ $# = 0 ]; then
      example_names
    else
      run_example "$@"
    fi
    ;;
  test)
    shift
    use_shared_data
    build_native release
    say "native tests"
    build/release/tests/native/torchscratch_tests --gtest_brief=1
    build/release/tests/native/torchscratch_plugin_tests --gtest_brief=1
    build_managed
    say "managed tests"
    dotnet test tests/managed -c Release --no-build --nologo "$@"
    say "managed tests on the guard device"
    TORCHSCRATCH_CUDA=guard dotnet test tests/managed -c Release --no-build --nologo \
      --filter FullyQualifiedName~TorchScratch.Tests.Devices
    ;;
  conformance)
    shift
    build_native release torchscratch
    case " $* " in *" cuda"*)
      build_native release torchscratch_cuda_guard
      if [ -z "${TORCHSCRATCH_CUDA:-}" ] && ! ls build/release/lib/libtorchscratch_cuda.* >/dev/null 2>&1; then
        export TORCHSCRATCH_CUDA=guard
      fi
    esac
    [ -z "${TORCHSCRATCH_CUDA:-}" ] || say "device cuda: $TORCHSCRATCH_CUDA"
    need_dotnet
    say "building the conformance suite"
    dotnet build tests/conformance -c Release -v quiet --nologo >&2
    exec dotnet run --project tests/conformance -c Release --no-build -- "$@"
    ;;
  cuda)
    need_cuda
    cmake_options+=(-DTORCHSCRATCH_CUDA=ON)
    build_native release torchscratch_cuda
    ;;
  bench)
    shift
    need_native
    if command -v apt-get >/dev/null && ! has_header benchmark/benchmark.h; then need_packages libbenchmark-dev; fi
    need_dotnet
    exec tests/benchmarks/run "$@"
    ;;
  bindings)
    need_dotnet
    dotnet run --project bindings/OpGenerator -c Release
    dotnet run --project bindings/BindingGenerator -c Release -- native/include/torchscratch/c_api.h native/include \
      bindings/TorchScratch.Native/Native.g.cs
    ;;
  format)
    command -v clang-format >/dev/null || need_packages clang-format
    need_dotnet
    git ls-files '*.h' '*.cpp' | grep -v '\.g\.' | xargs clang-format -i
    dotnet format TorchScratch.sln whitespace
    ;;
  sanitize)
    export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
    build_native asan
    say "native tests under ASan and UBSan"
    run_shards build/asan/tests/native/torchscratch_tests --gtest_brief=1
    build/asan/tests/native/torchscratch_plugin_tests --gtest_brief=1
    build_native tsan
    say "native tests under TSan"
    build/tsan/tests/native/torchscratch_tests --gtest_brief=1
    ;;
  fuzz)
    shift
    seconds=60
    if [ "${1:-}" = --seconds ]; then
      seconds=${2:?--seconds needs a number}
      shift 2
    fi
    kinds=(native managed api)
    case "${1:-}" in
      native | managed | api) kinds=("$1"); shift ;;
      "") ;;
      *) die "unknown kind of fuzzer '$1'; available: ${kinds[*]}" ;;
    esac
    build_native release
    failed=()
    for kind in "${kinds[@]}"; do
      if [ "$kind" = native ]; then
        need_clang
        say "building the fuzzers of the core"
        tests/fuzz/native/run "$seconds" || failed+=(native)
      else
        need_dotnet
        say "fuzzing: $kind"
        dotnet build "tests/fuzz/$kind" -c Release -v quiet --nologo >&2
        dotnet run --project "tests/fuzz/$kind" -c Release --no-build -- --seconds "$seconds" "$@" || failed+=("$kind")
      fi
    done
    [ ${#failed[@]} = 0 ] || die "there are findings: ${failed[*]}"
    ;;
  help | -h | --help)
    usage
    ;;
  *)
    usage >&2
    die "unknown verb '$1'"
    ;;
esac
