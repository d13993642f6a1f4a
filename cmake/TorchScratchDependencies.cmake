# Native dependencies: the system's packages if installed, otherwise sources pinned by hash.
include(FetchContent)

find_package(Threads REQUIRED)

find_package(hwy QUIET)
if(NOT TARGET hwy::hwy)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(libhwy QUIET IMPORTED_TARGET libhwy)
  endif()
  if(TARGET PkgConfig::libhwy)
    add_library(hwy::hwy ALIAS PkgConfig::libhwy)
  else()
    set(HWY_ENABLE_TESTS OFF CACHE BOOL "" FORCE)
    set(HWY_ENABLE_EXAMPLES OFF CACHE BOOL "" FORCE)
    set(HWY_ENABLE_CONTRIB OFF CACHE BOOL "" FORCE)
    set(HWY_ENABLE_INSTALL OFF CACHE BOOL "" FORCE)
    set(HWY_FORCE_STATIC_LIBS ON CACHE BOOL "" FORCE)
    FetchContent_Declare(hwy
      GIT_REPOSITORY https://github.com/google/highway.git
      GIT_TAG 58746ca5b9f9444a2a3549704602ecc6239f8f41)  # 1.0.3
    FetchContent_MakeAvailable(hwy)
    set_target_properties(hwy PROPERTIES POSITION_INDEPENDENT_CODE ON)
    add_library(hwy::hwy ALIAS hwy)
  endif()
endif()

find_package(nlohmann_json 3.9 QUIET)
if(NOT TARGET nlohmann_json::nlohmann_json)
  set(JSON_BuildTests OFF CACHE INTERNAL "")
  FetchContent_Declare(nlohmann_json
    URL https://github.com/nlohmann/json/releases/download/v3.11.2/json.tar.xz
    URL_HASH SHA256=8c4b26bf4b422252e13f332bc5e388ec0ab5c3443d24399acb675e68278d341f)
  FetchContent_MakeAvailable(nlohmann_json)
endif()

if(TORCHSCRATCH_TESTS)
  find_package(GTest QUIET)
  if(NOT TARGET GTest::gtest_main)
    set(INSTALL_GTEST OFF CACHE BOOL "" FORCE)
    set(gtest_force_shared_crt ON CACHE BOOL "" FORCE)
    FetchContent_Declare(googletest
      URL https://github.com/google/googletest/archive/refs/tags/release-1.12.1.tar.gz
      URL_HASH SHA256=81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2)
    FetchContent_MakeAvailable(googletest)
  endif()
endif()

if(TORCHSCRATCH_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
