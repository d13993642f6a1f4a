// The options of this example, each declared once.

namespace TorchScratch.Examples.CharacterGpt;

internal static class Options
{
    public static readonly TrainingOptions Table = new("DIR",
        "A text file, or a folder with tinyshakespeare.txt, or with a folder text that holds it", epochs: 10,
        "runs/char-gpt");

    public static readonly RunOption<int> Block = Table.Integer("--block", "block", 8, 4096, 128,
        "Characters that the network sees at once");

    public static readonly RunOption<int> BatchSize = Table.Integer("--batch-size", "batch size", 1, 4096, 16,
        "Windows in a step");

    public static readonly RunOption<double> LearningRate = Table.Number("--learning-rate", "learning rate", 0, 1, 1e-3,
        "AdamW's largest learning rate");

    public static readonly RunOption<string> Characters = Table.Fact("characters");

    public static readonly RunOption<string> Prompt = Table.Text("--prompt", "TEXT",
        "How the generated texts begin; a line break if not given");

    public static readonly RunOption<int> SampleLength = Table.Integer("--sample-length", null, 1, 100_000, 300,
        "Characters to generate after each epoch");

    public static readonly RunOption<double> Temperature = Table.Number("--temperature", null, 0, 10, 0.8,
        "Divides the logits when sampling: values below 1 favour likely characters");

    public static readonly RunOption<bool> CompareCache = Table.Switch("--compare-cache",
        "Only times text generation with and without a key-value cache");
}
