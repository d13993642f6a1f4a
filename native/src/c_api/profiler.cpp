// The profiler in the C ABI.
#include "c_api/convert.h"
#include "torchscratch/profiler.h"

using namespace ts;
using namespace ts::c_api;

namespace {

// A profile together with its rows, so that these are computed only once.
struct ProfileHandle {
  explicit ProfileHandle(Profile taken) : profile(std::move(taken)), rows(profile.rows()) {}
  Profile profile;
  std::vector<ProfileRow> rows;
};

ProfileHandle* to_profile(ts_profile handle) { return reinterpret_cast<ProfileHandle*>(handle); }
ts_profile to_handle(Profile profile) { return reinterpret_cast<ts_profile>(new ProfileHandle(std::move(profile))); }

}  // namespace

ts_status ts_profiler_start(void) { return guard(profiler::start); }

ts_status ts_profiler_stop(ts_profile* out) {
  return guard([&] { *out = to_handle(profiler::stop()); });
}

ts_status ts_profiler_snapshot(ts_profile* out) {
  return guard([&] { *out = to_handle(profiler::snapshot()); });
}

int32_t ts_profiler_running(void) { return profiler::running(); }

ts_status ts_profiler_push_range(const char* name) {
  return guard([&] { profiler::push_range(to_text(name, "name").c_str()); });
}

ts_status ts_profiler_pop_range(void) { return guard(profiler::pop_range); }

void ts_profile_release(ts_profile profile) { delete to_profile(profile); }

int64_t ts_profile_event_count(ts_profile profile) {
  return static_cast<int64_t>(to_profile(profile)->profile.events.size());
}

void ts_profile_get_event(ts_profile profile, int64_t i, ts_profile_event* out) {
  const ProfileEvent& event = to_profile(profile)->profile.events[static_cast<std::size_t>(i)];
  *out = {event.name,        event.begin,      event.end,    event.inner_time, event.bytes,
          event.inner_bytes, event.live_bytes, event.thread, event.depth,      static_cast<int32_t>(event.kind)};
}

int32_t ts_profile_row_count(ts_profile profile) { return static_cast<int32_t>(to_profile(profile)->rows.size()); }

void ts_profile_get_row(ts_profile profile, int32_t i, ts_profile_row* out) {
  const ProfileRow& row = to_profile(profile)->rows[static_cast<std::size_t>(i)];
  *out = {row.name.c_str(), row.calls, row.total_time, row.self_time, row.self_bytes, static_cast<int32_t>(row.kind)};
}

ts_status ts_profile_table(ts_profile profile, int64_t limit, char** out) {
  return guard([&] { *out = copy_text(to_profile(profile)->profile.table(limit)); });
}

ts_status ts_profile_trace(ts_profile profile, char** out) {
  return guard([&] { *out = copy_text(to_profile(profile)->profile.trace()); });
}
