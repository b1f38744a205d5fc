// The data directory of a simulated ledger: its head witness is cells of the simulated disk, its paths are of a scratch
// folder that holds nothing but names.
#pragma once

#include <filesystem>

#include "eventstore/directory.h"
#include "tests/simulation/simulated_disk.h"

namespace daybook::test {

class SimulatedDirectory final : public DataDirectory {
 public:
  SimulatedDirectory(SimulatedDisk& disk, std::filesystem::path path, DirectoryFormat format)
      : disk_(disk), path_(std::move(path)), format_(std::move(format)) {}

  const DirectoryFormat& format() const override { return format_; }
  std::filesystem::path log_path() const override { return path_ / "log"; }
  std::filesystem::path views_path() const override { return path_ / "views"; }
  std::filesystem::path keys_path() const override { return path_ / "keys"; }
  void publish_address(const std::string&) override {}

  void witness(ShardNumber shard, HeadWitness head) override;
  void sync_witness() override { disk_.sync_cells(); }
  HeadWitness read_witness(ShardNumber shard) const override;

 private:
  SimulatedDisk& disk_;
  std::filesystem::path path_;
  DirectoryFormat format_;
};

}  // namespace daybook::test
