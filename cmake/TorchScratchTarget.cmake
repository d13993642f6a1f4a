# The compile options of every target of the project.
function(torchscratch_compile_options target)
  target_compile_features(${target} PRIVATE cxx_std_20)
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /permissive- /utf-8 $<$<BOOL:${TORCHSCRATCH_WERROR}>:/WX>)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow
      $<$<BOOL:${TORCHSCRATCH_WERROR}>:-Werror>)
    # Results must not depend on where the compiler contracts a * b + c into a fused multiply-add.
    target_compile_options(${target} PRIVATE -ffp-contract=off -fno-math-errno)
  endif()
  if(TORCHSCRATCH_ONE_SIMD_TARGET)
    target_compile_definitions(${target} PRIVATE HWY_COMPILE_ONLY_STATIC)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND NOT MSVC)
      target_compile_options(${target} PRIVATE -march=x86-64-v3 -maes -mpclmul)
    endif()
  endif()
  if(TORCHSCRATCH_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TORCHSCRATCH_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    # Instrumented code makes GCC warn of variables that its own library initializes (its manual says so of -Werror).
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(${target} PRIVATE -fsanitize=${TORCHSCRATCH_SANITIZE})
  endif()
endfunction()
