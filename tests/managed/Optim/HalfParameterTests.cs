// Parameters in bfloat16 and float16: they follow a float32 training, and their state is whole.

using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests.Optim;

public class HalfParameterTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var kind in new[] { "SGD", "momentum", "Adam", "AdamW", "Adagrad", "RMSprop", "Adadelta", "Adamax",
                "NAdam", "RAdam", "Lion" })
            {
                cases.Add(kind, "bfloat16");
                cases.Add(kind, "float16");
            }
            return cases;
        }
    }

    private static DType Type(string name) => name == "bfloat16" ? DType.BFloat16 : DType.Float16;

    private static Optimizer Create(string kind, Parameter parameter) => kind switch
    {
        "SGD" => new SGD([parameter], 1e-3, weightDecay: 0.01),
        "momentum" => new SGD([parameter], 1e-3, momentum: 0.9, nesterov: true),
        "Adam" => new Adam([parameter], 1e-4, amsGrad: true),
        "AdamW" => new AdamW([parameter], 1e-4),
        "Adagrad" => new Adagrad([parameter], 1e-4),
        "RMSprop" => new RMSprop([parameter], 1e-4, momentum: 0.5, centered: true),
        "Adadelta" => new Adadelta([parameter], 0.1),
        "Adamax" => new Adamax([parameter], 1e-4),
        "NAdam" => new NAdam([parameter], 1e-4),
        "RAdam" => new RAdam([parameter], 1e-4),
        _ => new Lion([parameter], 1e-5),
    };

    private static float[] Floats(Tensor tensor) => tensor.Detach().To(DType.Float32).ToArray<float>();

    // The gradients are numbers that both types hold exactly.
    private static void Step(Optimizer optimizer, Parameter parameter, int step)
    {
        parameter.Grad = (Tensor.Arange(0.0, 6.0) - 2.5 + step % 3).To(parameter.DType);
        optimizer.Step();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheParameterIsTheRoundedFloat32One(string kind, string type)
    {
        float[] start = [1f, -2f, 0.5f, 3f, -0.25f, 100f];
        using var half = new Parameter(Tensor.FromArray(start).To(Type(type)));
        using var full = new Parameter(Tensor.FromArray(start));
        using var first = Create(kind, half);
        using var second = Create(kind, full);
        // Each step is too small for a half type, all of them together are not.
        for (var i = 0; i < 100; i++)
        {
            Step(first, half, i);
            Step(second, full, i);
        }
        Assert.Equal(Floats(full.Value.To(Type(type))), Floats(half.Value));
        Assert.Equal(full.Value.ToArray<float>(), first.StateDict()["state.0.master"].ToArray<float>());
        Assert.NotEqual(start, full.Value.ToArray<float>());
        Assert.DoesNotContain("state.0.master", second.StateDict().Keys);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AFileRestoresAllOfIt(string kind, string type)
    {
        using var folder = new TemporaryFolder();
        var start = Tensor.FromArray([1f, -2f, 0.5f, 3f, -0.25f, 100f]).To(Type(type));
        using var a = new Parameter(start.Clone());
        using var b = new Parameter(start.Clone());
        using var first = Create(kind, a);
        for (var i = 0; i < 7; i++)
            Step(first, a, i);
        SafeTensors.Save(folder["state"], first.StateDict());
        using var second = Create(kind, b);
        second.LoadStateDict(SafeTensors.Load(folder["state"]));
        using (Autograd.NoGrad())
            b.Value.Copy_(a.Value);
        for (var i = 7; i < 20; i++)
        {
            Step(first, a, i);
            Step(second, b, i);
        }
        var (x, y) = (first.StateDict(), second.StateDict());
        Assert.Equal(x.Keys, y.Keys);
        Assert.All(x.Keys, key => Assert.Equal(x[key].To(DType.Float64).ToArray<double>(),
            y[key].To(DType.Float64).ToArray<double>()));
        Assert.Equal(Floats(a.Value), Floats(b.Value));
    }

    [Fact]
    public void AParameterThatIsSetIsFollowed()
    {
        using var parameter = new Parameter(Tensor.FromArray([1f, 2f]).To(DType.BFloat16));
        using var optimizer = new SGD([parameter], 1e-3);
        Move();
        using (Autograd.NoGrad())
            parameter.Value.Copy_(Tensor.FromArray([5f, 2f]));
        Move();
        // The first element begins anew at 5; the second has gone two steps.
        Assert.Equal([5f - 1e-3f, 2f - 1e-3f - 1e-3f], optimizer.StateDict()["state.0.master"].ToArray<float>());

        void Move()
        {
            parameter.Grad = Tensor.Ones([2], DType.BFloat16);
            optimizer.Step();
        }
    }

    [Fact]
    public void AModuleMayBeConvertedBetweenSteps()
    {
        using var model = new Linear(2, 1);
        using var optimizer = new Adam(model.Parameters());
        foreach (var dtype in new[] { DType.Float32, DType.BFloat16, DType.Float16, DType.Float64, DType.Float32 })
        {
            model.To(dtype);
            model.Call(Tensor.Ones([1, 2], dtype)).Sum().Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
            Assert.Equal(dtype, model.Weight.DType);
            Assert.Equal(dtype == DType.Float64 ? DType.Float64 : DType.Float32,
                optimizer.StateDict()["state.0.exp_avg"].DType);
        }
        Assert.Equal(5, optimizer.StateDict()["state.0.step"].ToInt64());
    }

    // A small network learns the same in bfloat16 as in float32, up to the rounding of the forward pass, which has 8
    // bits.
    [Fact]
    public void ANetworkTrainsInBFloat16AsInFloat32()
    {
        var inFloat = Losses(DType.Float32);
        var inHalf = Losses(DType.BFloat16);
        Assert.True(inFloat[^1] < 0.1 * inFloat[0], $"float32: {inFloat[0]} to {inFloat[^1]}");
        Assert.True(inHalf[^1] < 0.1 * inHalf[0], $"bfloat16: {inHalf[0]} to {inHalf[^1]}");
        for (var i = 0; i < inFloat.Length; i++)
        {
            // 2^-8 for each of a handful of roundings, of a loss that begins at inFloat[0].
            Assert.True(Math.Abs(inFloat[i] - inHalf[i]) < 0.05 * inFloat[0], $"step {i}: {inFloat[i]} and {inHalf[i]}");
        }

        static double[] Losses(DType dtype)
        {
            Runtime.ManualSeed(7);
            var x = Tensor.LinSpace(-2, 2, 64).Unsqueeze(1);
            var y = x.Sin();
            using var model = new Sequential(new Linear(1, 32), new Tanh(), new Linear(32, 1));
            model.To(dtype);
            using var optimizer = new Adam(model.Parameters(), learningRate: 1e-3);
            var losses = new double[400];
            for (var step = 0; step < losses.Length; step++)
            {
                using var scope = Tensor.Scope();
                var loss = Functional.MseLoss(model.Call(x.To(dtype)).To(DType.Float32), y);
                optimizer.ZeroGrad();
                loss.Backward();
                optimizer.Step();
                losses[step] = loss.ToDouble();
            }
            return losses;
        }
    }
}
