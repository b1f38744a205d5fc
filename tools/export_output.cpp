#include "tools/export_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "eventstore/fault.h"

namespace daybook {
namespace {

[[noreturn]] void throw_stdout_fault() {
  throw StorageFault(std::string("writing to stdout: ") + std::strerror(errno) + "; what was written is not whole");
}

}  // namespace

ExportOutput::ExportOutput(std::filesystem::path file) : file_(std::move(file)) {
  if (is_stdout()) return;
  // Not a device or a folder: it would be replaced.
  if (std::error_code ignored; std::filesystem::exists(file_, ignored) && !std::filesystem::is_regular_file(file_)) {
    throw std::invalid_argument("--output " + file_.string() + " is no file; leave --output out to write to stdout");
  }
  temporary_ = file_;
  temporary_ += ".partial-" + std::to_string(getpid());
  descriptor_ = std::make_unique<FileDescriptor>(temporary_, O_WRONLY | O_CREAT | O_TRUNC);
}

ExportOutput::~ExportOutput() {
  if (!descriptor_) return;
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void ExportOutput::write(std::string_view text) {
  if (is_stdout()) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) throw_stdout_fault();
  } else {
    descriptor_->write_at(bytes_, text);
  }
  bytes_ += text.size();
}

void ExportOutput::finish() {
  if (is_stdout()) {
    if (std::fflush(stdout) != 0) throw_stdout_fault();
    return;
  }
  descriptor_->sync();
  std::error_code error;
  std::filesystem::rename(temporary_, file_, error);
  if (error) throw StorageFault("renaming " + temporary_.string() + " to " + file_.string() + ": " + error.message());
  descriptor_.reset();
  sync_folder(file_.has_parent_path() ? file_.parent_path() : std::filesystem::path("."));
}

}  // namespace daybook
