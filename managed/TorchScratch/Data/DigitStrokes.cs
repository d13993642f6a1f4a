// The strokes of each digit, in several handwriting styles.

namespace TorchScratch.Data;

/// <summary>One stroke of the pen, as points in the unit square with y pointing down.</summary>
/// <param name="IsSmooth">Whether the points are joined by a smooth curve rather than by straight lines.</param>
/// <param name="Points">The coordinates x, y, x, y, ...</param>
internal readonly record struct Stroke(bool IsSmooth, float[] Points);

/// <summary>The shapes of the digits in <see cref="DrawnDigits"/>.</summary>
internal static class DigitStrokes
{
    /// <summary>For each digit its styles, for each style its strokes.</summary>
    public static readonly Stroke[][][] Hands =
    [
        [ // 0: round, narrow and leaning, ends crossing
            [Curve(.50f, .08f, .26f, .22f, .20f, .50f, .27f, .80f, .50f, .92f, .74f, .80f, .80f, .50f, .73f, .22f,
                .50f, .08f)],
            [Curve(.60f, .08f, .42f, .20f, .32f, .50f, .34f, .80f, .46f, .92f, .60f, .80f, .69f, .50f, .68f, .20f,
                .58f, .08f)],
            [Curve(.62f, .16f, .40f, .10f, .22f, .34f, .24f, .72f, .48f, .92f, .74f, .74f, .78f, .36f, .60f, .12f,
                .44f, .20f)],
        ],
        [ // 1: a bar, with a flag, with flag and foot
            [Line(.50f, .08f, .50f, .92f)],
            [Line(.32f, .28f, .54f, .08f, .54f, .92f)],
            [Line(.34f, .26f, .52f, .08f, .52f, .92f), Line(.30f, .92f, .74f, .92f)],
        ],
        [ // 2: sharp corner, loop at the foot, flat base
            [Curve(.24f, .28f, .34f, .11f, .56f, .08f, .74f, .22f, .72f, .42f, .50f, .66f, .24f, .90f),
                Line(.24f, .90f, .80f, .90f)],
            [Curve(.26f, .24f, .44f, .08f, .68f, .16f, .70f, .38f, .52f, .64f, .30f, .84f, .22f, .88f, .24f, .76f, .40f,
                .76f, .58f, .88f, .82f, .86f)],
            [Curve(.22f, .34f, .30f, .14f, .54f, .08f, .74f, .20f, .70f, .44f, .22f, .92f),
                Curve(.22f, .92f, .44f, .86f, .60f, .92f, .80f, .88f)],
        ],
        [ // 3: two bows, flat top, bows with a loop between
            [Curve(.26f, .18f, .50f, .08f, .72f, .20f, .70f, .38f, .46f, .48f),
                Curve(.46f, .48f, .74f, .56f, .76f, .78f, .52f, .92f, .24f, .82f)],
            [Line(.24f, .10f, .74f, .10f, .46f, .42f),
                Curve(.46f, .42f, .72f, .48f, .78f, .70f, .62f, .90f, .38f, .92f, .22f, .80f)],
            [Curve(.28f, .16f, .54f, .08f, .70f, .22f, .62f, .40f, .44f, .47f, .40f, .44f, .50f, .46f, .72f, .56f, .74f,
                .76f, .54f, .92f, .26f, .86f)],
        ],
        [ // 4: open, closed, with a long bar
            [Line(.30f, .10f, .22f, .54f, .80f, .54f), Line(.68f, .12f, .66f, .92f)],
            [Line(.64f, .92f, .64f, .08f, .18f, .64f, .82f, .64f)],
            [Curve(.28f, .12f, .22f, .36f, .30f, .52f, .52f, .54f, .70f, .46f), Line(.74f, .10f, .66f, .92f)],
        ],
        [ // 5: in two strokes, in one, angular
            [Line(.34f, .10f, .30f, .46f),
                Curve(.30f, .46f, .54f, .38f, .76f, .52f, .74f, .78f, .50f, .92f, .24f, .82f),
                Line(.34f, .10f, .76f, .10f)],
            [Curve(.76f, .10f, .54f, .10f, .36f, .16f, .30f, .42f, .50f, .42f, .72f, .56f, .70f, .80f, .46f, .92f,
                .22f, .84f)],
            [Line(.74f, .08f, .30f, .08f, .28f, .44f, .58f, .42f),
                Curve(.58f, .42f, .78f, .58f, .74f, .82f, .52f, .93f, .26f, .90f)],
        ],
        [ // 6: round, straight back, narrow
            [Curve(.68f, .12f, .44f, .22f, .26f, .52f, .28f, .78f, .50f, .92f, .72f, .80f, .70f, .60f, .50f, .52f,
                .30f, .64f)],
            [Curve(.60f, .06f, .40f, .40f, .27f, .70f, .36f, .90f, .58f, .91f, .71f, .74f, .60f, .58f, .40f, .62f,
                .30f, .76f)],
            [Curve(.50f, .08f, .36f, .30f, .32f, .62f, .36f, .86f, .52f, .92f, .66f, .80f, .62f, .64f, .48f, .60f,
                .34f, .72f)],
        ],
        [ // 7: plain, crossed, with a serif and a curved leg
            [Line(.22f, .10f, .78f, .10f, .42f, .92f)],
            [Line(.20f, .12f, .78f, .12f, .44f, .92f), Line(.36f, .52f, .74f, .52f)],
            [Line(.22f, .26f, .22f, .12f, .78f, .12f), Curve(.78f, .12f, .60f, .38f, .50f, .62f, .48f, .92f)],
        ],
        [ // 8: one line crossing itself, two rings, open at the top
            [Curve(.70f, .20f, .48f, .08f, .28f, .22f, .38f, .42f, .62f, .56f, .74f, .76f, .52f, .92f, .28f, .78f, .38f,
                .56f, .62f, .42f, .72f, .24f, .64f, .14f)],
            [Curve(.50f, .08f, .32f, .16f, .32f, .36f, .50f, .46f, .68f, .36f, .68f, .16f, .50f, .08f),
                Curve(.50f, .46f, .27f, .58f, .28f, .82f, .50f, .92f, .73f, .82f, .73f, .58f, .50f, .46f)],
            [Curve(.74f, .14f, .42f, .10f, .32f, .28f, .54f, .46f, .70f, .68f, .60f, .90f, .38f, .90f, .30f, .70f, .46f,
                .50f, .66f, .32f, .76f, .10f)],
        ],
        [ // 9: straight leg, curved tail, angular
            [Curve(.72f, .28f, .52f, .46f, .30f, .38f, .28f, .18f, .50f, .08f, .70f, .16f, .72f, .28f),
                Line(.72f, .24f, .68f, .92f)],
            [Curve(.70f, .34f, .48f, .50f, .28f, .36f, .34f, .14f, .56f, .08f, .72f, .24f, .72f, .52f, .62f, .80f, .42f,
                .92f, .26f, .84f)],
            [Curve(.74f, .12f, .46f, .10f, .26f, .26f, .32f, .44f, .54f, .44f, .74f, .14f),
                Line(.74f, .12f, .52f, .92f)],
        ],
    ];

    /// <summary>The number of line segments that approximate the curve between two points.</summary>
    public const int SegmentsPerCurvePoint = 5;

    /// <summary>
    /// A point of the Catmull-Rom spline (Catmull and Rom 1974) that passes through p1 (at t = 0) and p2 (at t = 1).
    /// </summary>
    public static float Spline(float p0, float p1, float p2, float p3, float t) =>
        0.5f * (2 * p1 + t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0))));

    private static Stroke Curve(params float[] points) => new(true, points);

    private static Stroke Line(params float[] points) => new(false, points);
}
