// Profiles as a table and as a trace.
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "torchscratch/error.h"
#include "torchscratch/profiler.h"

namespace ts {

namespace {

const char* kind_name(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::Operator:
      return "operator";
    case ProfileKind::Node:
      return "node";
    default:
      return "range";
  }
}

// Thread by thread in the order of their beginnings, so that an event comes before those inside it.
std::vector<const ProfileEvent*> in_order(const std::vector<ProfileEvent>& events) {
  std::vector<const ProfileEvent*> order;
  order.reserve(events.size());
  for (const ProfileEvent& event : events) order.push_back(&event);
  std::sort(order.begin(), order.end(), [](const ProfileEvent* a, const ProfileEvent* b) {
    if (a->thread != b->thread) return a->thread < b->thread;
    return a->begin != b->begin ? a->begin < b->begin : a->depth < b->depth;
  });
  return order;
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// Microseconds with three decimals and a decimal point in any locale.
std::string microseconds(std::int64_t nanoseconds) {
  char text[64];
  std::snprintf(text, sizeof text, "%lld.%03d", static_cast<long long>(nanoseconds / 1000),
                static_cast<int>(nanoseconds % 1000));
  return text;
}

std::string quoted(const char* text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::vector<ProfileRow> Profile::rows() const {
  std::map<std::pair<ProfileKind, std::string>, ProfileRow> rows;
  std::vector<const ProfileEvent*> around;  // the enclosing events by depth; null for those that have not ended
  std::int32_t thread = -1;
  for (const ProfileEvent* event : in_order(events)) {
    if (event->thread != thread) around.clear();
    thread = event->thread;
    around.resize(static_cast<std::size_t>(event->depth), nullptr);
    const bool recursive = std::any_of(around.begin(), around.end(), [&](const ProfileEvent* outer) {
      return outer && outer->end >= event->end && outer->kind == event->kind &&
             std::string_view(outer->name) == event->name;
    });
    around.push_back(event);
    ProfileRow& row = rows[{event->kind, event->name}];
    row.name = event->name;
    row.kind = event->kind;
    ++row.calls;
    if (!recursive) row.total_time += event->end - event->begin;
    row.self_time += event->end - event->begin - event->inner_time;
    row.self_bytes += event->bytes - event->inner_bytes;
  }
  std::vector<ProfileRow> result;
  for (auto& [key, row] : rows) result.push_back(std::move(row));
  std::stable_sort(result.begin(), result.end(),
                   [](const ProfileRow& a, const ProfileRow& b) { return a.self_time > b.self_time; });
  return result;
}

std::string Profile::table(std::int64_t limit) const {
  std::vector<ProfileRow> all = rows();
  const double whole = std::accumulate(all.begin(), all.end(), 0.0, [](double sum, const ProfileRow& row) {
    return sum + static_cast<double>(row.self_time);
  });
  const std::size_t shown = limit <= 0 ? all.size() : std::min(all.size(), static_cast<std::size_t>(limit));
  std::vector<std::vector<std::string>> cells = {
      {"name", "kind", "calls", "total ms", "self ms", "average us", "share", "self MiB"}};
  for (std::size_t i = 0; i < shown; ++i) {
    const ProfileRow& row = all[i];
    const auto self = static_cast<double>(row.self_time);
    const auto total = static_cast<double>(row.total_time);
    cells.push_back({row.name, kind_name(row.kind), std::to_string(row.calls), fixed(total / 1e6, 3),
                     fixed(self / 1e6, 3), fixed(total / 1e3 / static_cast<double>(row.calls), 2),
                     fixed(whole > 0 ? 100 * self / whole : 0, 1) + "%",
                     fixed(static_cast<double>(row.self_bytes) / (1024.0 * 1024.0), 2)});
  }
  std::vector<std::size_t> widths(cells[0].size());
  for (const auto& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : cells) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      line += i == 0 ? "" : "  ";
      line += i < 2 ? row[i] + padding : padding + row[i];
    }
    text += line + "\n";
  }
  if (shown < all.size()) text += format(all.size() - shown, " more names\n");
  return text + format(events.size(), " events, ", fixed(whole / 1e6, 3), " ms\n");
}

std::string Profile::trace() const {
  std::string text =
      "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
      "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"TorchScratch\"}}";
  std::int32_t threads = 0;
  for (const ProfileEvent& event : events) threads = std::max(threads, event.thread + 1);
  for (std::int32_t thread = 0; thread < threads; ++thread) {
    text += format(",\n{\"ph\":\"M\",\"pid\":1,\"tid\":", thread,
                   ",\"name\":\"thread_name\",\"args\":{\"name\":\"thread ", thread, "\"}}");
  }
  for (const ProfileEvent* event : in_order(events)) {
    text += format(",\n{\"ph\":\"X\",\"pid\":1,\"tid\":", event->thread, ",\"ts\":", microseconds(event->begin),
                   ",\"dur\":", microseconds(event->end - event->begin), ",\"cat\":\"", kind_name(event->kind),
                   "\",\"name\":", quoted(event->name), ",\"args\":{\"bytes\":", event->bytes, "}}");
  }
  // The counter of live bytes: the ends of events of all threads in order of time, where the value changed.
  std::vector<const ProfileEvent*> ends;
  for (const ProfileEvent& event : events) ends.push_back(&event);
  std::stable_sort(ends.begin(), ends.end(),
                   [](const ProfileEvent* a, const ProfileEvent* b) { return a->end < b->end; });
  std::int64_t live = -1;
  for (const ProfileEvent* event : ends) {
    if (event->live_bytes == live) continue;
    live = event->live_bytes;
    text += format(",\n{\"ph\":\"C\",\"pid\":1,\"ts\":", microseconds(event->end),
                   ",\"name\":\"live bytes\",\"args\":{\"bytes\":", live, "}}");
  }
  return text + "\n]}\n";
}

}  // namespace ts
