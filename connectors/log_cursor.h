// Where a follower of the log goes on after a start: a small file in views/, one a follower and shard, which may be
// lost.
//
//   "daybook <follower> 1\n" "log_id <hex>\n" "at <shard>:<position>\n"
//
// Threads: one a cursor.
#pragma once

#include <filesystem>
#include <string>

#include "eventstore/directory.h"
#include "eventstore/position.h"

namespace daybook {

class LogCursor {
 public:
  /// The file views/<follower>-<shard>. `what` says in the log what it is for: "payments".
  LogCursor(const DataDirectory& directory, std::string follower, std::string what, ShardNumber shard);
  /// Where it stands; 0 if there is none, it is damaged or of another log: all of the log is read then. Not beyond
  /// `head`.
  Position read(Position head);
  /// Written if it has moved. What goes wrong is told in the log only: the next one will do.
  void store(Position position);
  Position stored() const { return stored_; }

 private:
  std::string text(Position position) const;

  std::filesystem::path file_;
  std::string follower_, what_, log_id_;
  ShardNumber shard_;
  Position stored_ = 0;
};

}  // namespace daybook
