// Stored bytes, as a reader of a damaged or foreign log meets them: what passes verification is safe to read and to
// render; what does not is refused.
#include <cstdint>
#include <string>

#include "eventstore/envelope_view.h"
#include "projections/event_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const daybook::EventRenderer renderer;
  // FlatBuffers need their alignment; a fresh allocation has it and lets the sanitizer see the end.
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (!daybook::verify_envelope(bytes)) return 0;
  const daybook::EnvelopeView view = daybook::view_envelope(bytes);
  std::string out;
  renderer.append_event(out, bytes);
  return out.size() + view.stream.size() == 0 ? 1 : 0;
}
