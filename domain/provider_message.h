// What a provider posted by itself, as its adapter has read it.
#pragma once

#include <optional>
#include <string>

#include "domain/id.h"
#include "domain/rejection.h"

namespace daybook {

struct ProviderMessage {
  RejectionCode fault = RejectionCode::not_found;  ///< none: the provider has signed it, and the rest is there.
  std::string id;                                  ///< The provider's own name of the event: visible ASCII.
  std::string type;                                ///< In the provider's words: "payment_intent.succeeded".
  std::optional<EntityRef> payment;                ///< That it says it is about.
  std::optional<EntityRef> checkout = {};          ///< A checkout session that it says it is about.
  std::optional<EntityRef> subscription = {};      ///< A subscription of ours that it says it is about.
  std::optional<EntityRef> refund = {};            ///< A refund of ours that it says it is about.
  /// What the provider calls the charge that it is about, where it does not say which payment of ours that is.
  std::string transaction_id = {};
};

}  // namespace daybook
