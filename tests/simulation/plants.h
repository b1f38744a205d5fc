// Bugs that the simulation must find, planted by wrapping what stands behind the seams: nothing in the ledger knows of
// them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/payment_provider.h"
#include "engine/engine.h"
#include "engine/keyring.h"
#include "eventstore/directory.h"
#include "eventstore/kafka_client.h"
#include "eventstore/log.h"
#include "eventstore/row_store.h"

namespace daybook::test {

/// What is put in front of each part; an empty one leaves it alone.
struct Plant {
  std::string name, what;
  std::function<void(EventLog::Options&)> change_log_options;
  std::function<std::unique_ptr<EventLog>(std::unique_ptr<EventLog>)> log;
  /// `directory` tells which store it is: index-0, merkle-0, credits/1, ...
  std::function<std::unique_ptr<RowStore>(std::unique_ptr<RowStore>, const std::string& directory)> rows;
  std::function<std::unique_ptr<Keyring>(std::unique_ptr<Keyring>)> keyring;
  std::function<std::unique_ptr<DataDirectory>(std::unique_ptr<DataDirectory>)> directory;
  std::function<std::unique_ptr<KafkaClient>(KafkaClient&)> kafka;
  std::function<std::unique_ptr<PaymentProvider>(PaymentProvider&)> provider;
  std::function<AccountDecider> decide;
  std::function<DueDecider> decide_due;
};

/// All of them, in the order of --help.
const std::vector<Plant>& all_plants();
/// The one of that name, one that changes nothing if the name is empty. Throws std::invalid_argument if there is none.
const Plant& find_plant(std::string_view name);

}  // namespace daybook::test
