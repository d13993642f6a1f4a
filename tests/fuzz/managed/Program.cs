// Gives damaged files to everything that reads files: IDX, CIFAR, CSV, their compressed forms, tokenizers, .safetensors, state
// dicts of modules, optimizers and schedules, checkpoints of trainings, metrics.csv, images, plugins.
//
// A case takes a file that the library's own writer made (or one of ../shared/files beside the checkout), and truncates it,
// flips bits, inserts, removes and repeats pieces, splices in another file, puts huge numbers and duplicate keys; lengths and
// compression around the damage are made right again half of the time, so that it reaches what is behind them.
//
// What must hold for each file:
// - the process lives, and reading ends within ten seconds;
// - it succeeds or ends with an exception of the library that names the file; a truncated file of a format that knows its
//   length is refused;
// - what it takes, of managed and of native memory, is bounded by the size of the content;
// - a state that is refused has changed nothing.
//
// ./build.sh fuzz managed        runs it; --seconds N --seed S --only TEXT
// ... --replay SEED              repeats one case; the file then lies in the printed folder
// ... --list                     lists the readers

using TorchScratch.Fuzz;
using TorchScratch.Fuzz.Files;

return FuzzProgram.Main(args, only => new FileFuzzer(only));
