// No peer is installed.
#include "work.h"

Run peer_work(const std::string&) { return {}; }
void set_peer_threads(int) {}
const char* peer_name() { return "none"; }
