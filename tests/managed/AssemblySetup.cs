// How the tests of this assembly run.

// One after another, because seeds, the default dtype, memory limits and the collector belong to the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
