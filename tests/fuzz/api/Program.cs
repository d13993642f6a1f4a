// Calls every public constructor, method, property and operator of the assemblies with arguments that users should not pass
// but will: sizes of zero, huge and negative numbers, 0-d and empty tensors, expanded and strided views, all element types,
// NaN and infinity, enums out of range, null, empty lists, disposed tensors.
//
// What must hold for each call, whether it succeeds or not:
// - the process lives, and the call ends within ten seconds, within the limits on memory;
// - an exception is the library's own, an ArgumentException, or documented on the member, and it says where it comes from;
// - a call that fails has changed none of its arguments;
// - results, arguments and gradients have the same bits with one thread and with two.
//
// ./build.sh fuzz api            runs it; --seconds N --seed S --only TEXT
// ... --replay SEED              repeats one call in a process of its own and prints it as C#
// ... --list                     lists the members, and those that are left out, with the reason
//
// The call of a seed is the same as long as the API is the same.

using TorchScratch.Fuzz;
using TorchScratch.Fuzz.Api;

return FuzzProgram.Main(args, only => new ApiFuzzer(only));
