// Fields of comma-separated values: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180, with any delimiter and line end.
// Own code: the libraries for it map records to objects by reflection and bring trim warnings to every program.

using System.Text;

namespace TorchScratch.Data;

/// <summary>Reads record after record and knows on which line each began.</summary>
internal sealed class CsvReader(TextReader reader, string name, char delimiter)
{
    private const char ByteOrderMark = '\uFEFF';

    private readonly StringBuilder _field = new();
    private int _next = 1;

    /// <summary>The line on which the last record began, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>An error at a place of this file; lines and columns count from 1.</summary>
    public static TensorIOException Error(string name, int line, int column, string what) =>
        new($"{name}, line {line}, column {column}: {what}");

    /// <summary>Passes over lines, whatever is in them.</summary>
    public void SkipLines(int count)
    {
        for (; count > 0 && reader.ReadLine() is not null; count--)
            _next++;
    }

    /// <summary>The next record, or null at the end; blank lines are passed over.</summary>
    public string[]? Read()
    {
        // Of a text that was read otherwise than by a StreamReader, which takes it away.
        if (Line == 0 && reader.Peek() == ByteOrderMark)
            reader.Read();
        while (reader.Peek() is '\r' or '\n')
            EndLine(reader.Read());
        if (reader.Peek() < 0)
            return null;
        Line = _next;
        var fields = new List<string>();
        while (true)
        {
            fields.Add(reader.Peek() == '"' ? Quoted(fields.Count + 1) : Plain());
            var end = reader.Read();
            if (end == delimiter)
                continue;
            if (end is '\r' or '\n')
                EndLine(end);
            else if (end >= 0)
                throw Error(name, _next, fields.Count,
                    $"'{(char)end}' after a closing quote, expected '{delimiter}' or a line end");
            return [.. fields];
        }
    }

    private string Plain()
    {
        _field.Clear();
        while (reader.Peek() is var next and >= 0 && next != delimiter && next is not ('\r' or '\n'))
            _field.Append((char)reader.Read());
        return _field.ToString();
    }

    // Two quotes stand for one; delimiters and line ends are a part of the field.
    private string Quoted(int column)
    {
        var line = _next;
        _field.Clear();
        reader.Read();
        while (true)
        {
            var next = reader.Read();
            if (next < 0)
                throw Error(name, line, column, "the quote that opens here is never closed");
            if (next == '"' && reader.Peek() != '"')
                return _field.ToString();
            if (next == '"')
                reader.Read();
            _field.Append((char)next);
            if (next == '\n' || (next == '\r' && reader.Peek() != '\n'))
                _next++;
        }
    }

    private void EndLine(int end)
    {
        if (end == '\r' && reader.Peek() == '\n')
            reader.Read();
        _next++;
    }
}
