// Events as rows for tables: CSV (RFC 4180, a header line first) with the envelope's members in columns and what the
// event says as JSON in the last. Sealed members show {"sealed":true}: neither clear text nor ciphertext.
#pragma once

#include <string>
#include <string_view>

#include "projections/event_json.h"

namespace daybook {

void append_event_row_header(std::string& out);
void append_event_row(std::string& out, const EventRenderer& renderer, std::string_view envelope);

/// Hides all personal data, whoever asks.
const Unseal& unseal_nothing();

}  // namespace daybook
