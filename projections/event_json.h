// Any stored event as the API's JSON: the one renderer of audit pages, exports, server-sent events and the Kafka JSON
// topics. It reads the binary schema (embedded at build time) and obeys the attributes of schemas/common.fbs, so that
// a new event needs no code here. It must not know any event by name, nor hold keys: `Unseal` does that.
//
// Members of `data` come in schema order under their schema names. Instants are RFC 3339 or null for never; an amount
// is an integer with one "currency" after the table's first; enums are their names ("unknown" for a number that this
// build has no name for); ids carry their prefix, or are null for none; byte vectors are base64; what is absent is
// null, [] for a list, left out if the table or the field is sparse, and the default for a plain number.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace daybook {

struct SchemaPlan;

/// Turns sealed bytes into text for readers who may see them; returns nothing if the key is gone or the reader may not.
/// `field` is the member's own name: "name", "line1", "reason", also below "address", "before" and "after".
using Unseal =
    std::function<std::optional<std::string>(std::uint64_t key_id, std::string_view nonce, std::string_view bytes,
                                             std::string_view stream, std::string_view field)>;

/// Operation: plans the schema once; then walks the bytes of verified envelopes and appends to the caller's string,
/// without look-ups by name. Output is one line of valid JSON, whatever the bytes say.
/// Concurrency: all members are const and may be called from any thread at once.
/// Limits: numbers, strings, enums, the structs of common.fbs, tables and lists of these; the constructor refuses a
/// schema with anything else.
class EventRenderer {
 public:
  /// Loads and verifies the embedded binary schema. Throws std::logic_error if it is broken.
  EventRenderer();
  /// The same for a schema of the caller's, for tests and for reading logs of newer releases.
  explicit EventRenderer(std::string_view binary_schema);
  ~EventRenderer();
  EventRenderer(EventRenderer&&) noexcept;
  EventRenderer& operator=(EventRenderer&&) noexcept;

  /// Appends the whole event, {"object":"event","id":"evt_...","type":"CreditIssued",...,"data":{...}}.
  /// An event that the schema does not know has "type":"unknown" and "data":null. Without `unseal` sealed members show
  /// {"sealed":true,"key_id":...,"nonce":...,"bytes":...}; with it the clear text, or {"sealed":true} if it gives none.
  void append_event(std::string& out, std::string_view envelope, const Unseal* unseal = nullptr) const;
  /// Appends the payload's object only, or null.
  void append_data(std::string& out, std::string_view envelope, const Unseal* unseal = nullptr) const;
  /// Appends what the payload names, as an object: its own members that are ids of entities, or texts named so
  /// ("plan_id"), but for the account's. {} for none.
  void append_resources(std::string& out, std::string_view envelope) const;

  /// "CreditIssued"; "unknown" for an event that the schema does not know. Views last as long as the renderer.
  std::string_view type_name(std::string_view envelope) const;
  /// "credits": the `topic` attribute of the event's table; empty for an unknown event.
  std::string_view topic(std::string_view envelope) const;
  /// All members of the union in order, without NONE.
  std::vector<std::string> event_types() const;
  /// The topic of an event named as in event_types(); empty for any other name.
  std::string_view topic_of(std::string_view type_name) const;

 private:
  std::unique_ptr<const SchemaPlan> plan_;
};

}  // namespace daybook
