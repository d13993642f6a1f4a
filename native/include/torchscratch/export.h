// Symbol visibility: only what is declared with TS_API is visible outside the shared library.
#ifndef TORCHSCRATCH_EXPORT_H
#define TORCHSCRATCH_EXPORT_H

#if defined(TORCHSCRATCH_STATIC)
#define TS_API
#elif defined(_WIN32)
#if defined(TORCHSCRATCH_BUILDING)
#define TS_API __declspec(dllexport)
#else
#define TS_API __declspec(dllimport)
#endif
#else
#define TS_API __attribute__((visibility("default")))
#endif

#endif
