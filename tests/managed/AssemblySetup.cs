// How this assembly's tests run.

// Seeds, the default dtype, memory limits and the collector belong to the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
