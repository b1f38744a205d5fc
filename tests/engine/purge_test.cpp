// What a purge destroys, and that it is destroyed whatever happens in between.
#include "domain/civil.h"
#include "engine/key_backup.h"
#include "eventstore/rocks_open.h"
#include "tests/engine/engine_fixture.h"

using namespace daybook;
using namespace daybook::test;

namespace {

struct Purged : EngineFixture {
  Sealed name;

  Purged() {
    open_account("acme");
    issue("acme", 500);
    name = state("acme").details.name;
    REQUIRE(clear_name() == "Name of acme");
    ScheduleAccountDeletion command;
    command.account_id = "acme";
    REQUIRE(run(command).accepted());
  }
  std::optional<std::string> clear_name() { return engine().keyring().unseal(name, "default/acme", "name"); }
};

}  // namespace

TEST_CASE_FIXTURE(Purged, "RET-03: the purge destroys the key when it falls due; amounts and history stay") {
  clock().advance_seconds(30 * seconds_per_day - 60);
  CHECK(state("acme").details.status == AccountStatus::deletion_scheduled);
  CHECK(clear_name());
  clock().advance_seconds(120);
  const AccountState after = state("acme");
  CHECK(after.details.status == AccountStatus::deleted);
  CHECK_FALSE(clear_name());
  CHECK(after.wallet({"USD", true}).available == 500);
  // The log is as it was: it folds to the same state, and the sealed bytes are those that were appended.
  reopen_without_views();
  CHECK(state("acme").details == after.details);
  CHECK_FALSE(clear_name());
}

TEST_CASE_FIXTURE(Purged, "a key that came back with an older keys folder goes again when the log is folded") {
  const ScratchFolder copy;
  back_up_keys(data() / "keys", copy.path() / "keys");
  PurgeAccount command;
  command.account_id = "acme";
  REQUIRE(run(command).accepted());
  CHECK_FALSE(clear_name());
  engine().stop();
  std::filesystem::remove(data() / "keys/slots");
  std::filesystem::copy(copy.path() / "keys/slots", data() / "keys/slots");
  reopen_without_views();
  CHECK_FALSE(clear_name());
}

TEST_CASE_FIXTURE(Purged, "another account's key is left alone") {
  open_account("other");
  const Sealed other = state("other").details.name;
  PurgeAccount command;
  command.account_id = "acme";
  REQUIRE(run(command).accepted());
  CHECK(engine().keyring().unseal(other, "default/other", "name") == "Name of other");
}

TEST_CASE("an account whose key is lost says what it says next under a fresh one, and keeps it") {
  EngineFixture ledger;
  ledger.open_account("acme");
  const AccountState before = ledger.state("acme");
  ledger.engine().keyring().purge(before.details.sealing_key);
  UpdateAccount update;
  update.account_id = "acme";
  update.name = {Change<Sensitive>::Kind::set, {"New name", {}}};
  REQUIRE(ledger.run(update).accepted());
  const auto check = [&] {
    const AccountState after = ledger.state("acme");
    CHECK(after.details.sealing_key != before.details.sealing_key);
    CHECK(after.details.sealing_key == after.details.name.key_id);
    CHECK(ledger.engine().keyring().unseal(after.details.name, "default/acme", "name") == "New name");
  };
  check();
  ledger.reopen();
  check();
}
