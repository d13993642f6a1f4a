// Parses comma-separated values: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180, with any delimiter and line break.
// Libraries for this map records to objects by reflection, which causes trim warnings in every program.

using System.Text;

namespace TorchScratch.Data;

/// <summary>Reads records and keeps track of the line on which each began.</summary>
internal sealed class CsvReader(TextReader reader, string name, char delimiter)
{
    private const char ByteOrderMark = '\uFEFF';

    private static readonly string[] s_short = [.. Enumerable.Range(0, 128).Select(code => ((char)code).ToString())];

    private readonly List<string> _fields = [];
    private readonly StringBuilder _field = new();
    private int _next = 1;

    /// <summary>The line on which the last record began, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The number of fields of the last record, which may be more than were returned.</summary>
    public int FieldCount { get; private set; }

    /// <summary>An exception for an error in the file; lines and columns are counted from 1.</summary>
    public static TensorIOException Error(string name, int line, int column, string what) =>
        new($"{name}, line {line}, column {column}: {what}");

    /// <summary>Skips lines without parsing them.</summary>
    public void SkipLines(int count)
    {
        for (; count > 0 && reader.ReadLine() is not null; count--)
            _next++;
    }

    /// <summary>
    /// The next record, or null at the end; blank lines are skipped. Fields beyond a maximum are counted only, so that
    /// a damaged file does not fill the memory.
    /// </summary>
    public string[]? Read(int maxFields)
    {
        // A StreamReader removes the byte order mark, but other readers do not.
        if (Line == 0 && reader.Peek() == ByteOrderMark)
            reader.Read();
        while (reader.Peek() is '\r' or '\n')
            EndLine(reader.Read());
        if (reader.Peek() < 0)
            return null;
        Line = _next;
        var fields = _fields;
        fields.Clear();
        FieldCount = 0;
        while (true)
        {
            FieldCount++;
            var field = reader.Peek() == '"' ? Quoted(FieldCount) : Plain();
            if (FieldCount <= maxFields)
                fields.Add(field);
            var end = reader.Read();
            if (end == delimiter)
                continue;
            if (end is '\r' or '\n')
                EndLine(end);
            else if (end >= 0)
                throw Error(name, _next, FieldCount,
                    $"'{(char)end}' after a closing quote, expected '{delimiter}' or a line break");
            return [.. fields];
        }
    }

    private string Plain()
    {
        _field.Clear();
        while (reader.Peek() is var next and >= 0 && next != delimiter && next is not ('\r' or '\n'))
            _field.Append((char)reader.Read());
        // Single digits are the most frequent fields of large tables; they need not be a string each.
        return _field.Length == 1 && _field[0] < s_short.Length ? s_short[_field[0]] : _field.ToString();
    }

    // Two quotes stand for one; delimiters and line breaks are part of the field.
    private string Quoted(int column)
    {
        var line = _next;
        _field.Clear();
        reader.Read();
        while (true)
        {
            var next = reader.Read();
            if (next < 0)
                throw Error(name, line, column, "the quote that opens here is not closed");
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
