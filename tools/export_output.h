// Where an export goes: stdout, or a file that is there whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "eventstore/durable_file.h"

namespace daybook {

/// A file is written under a temporary name beside it and takes its name, and another's place, in finish(). Without
/// finish() the temporary file goes with the object. Only its owner can read it. Throws StorageFault when a write
/// fails. One thread.
class ExportOutput {
 public:
  /// Empty: stdout. Throws std::invalid_argument for what is there and no regular file.
  explicit ExportOutput(std::filesystem::path file);
  ~ExportOutput();
  ExportOutput(const ExportOutput&) = delete;
  ExportOutput& operator=(const ExportOutput&) = delete;

  void write(std::string_view text);
  void finish();
  bool is_stdout() const { return file_.empty(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::filesystem::path file_, temporary_;
  std::unique_ptr<FileDescriptor> descriptor_;
  std::uint64_t bytes_ = 0;
};

}  // namespace daybook
