#include "eventstore/directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <sstream>

#include "eventstore/durable_file.h"
#include "eventstore/head_witness.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t format_bytes_max = 4096;
constexpr std::size_t lock_bytes_max = 512;
constexpr std::size_t log_id_bytes = 16;

std::string random_log_id() {
  std::array<unsigned char, log_id_bytes> bytes{};
  if (::getentropy(bytes.data(), bytes.size()) != 0) {
    throw StorageFault(fmt::format("drawing a random log id: {}", std::strerror(errno)));
  }
  std::string text;
  for (const auto byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

bool is_log_id(std::string_view text) {
  return text.size() == 2 * log_id_bytes && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

fs::path without_trailing_slash(const fs::path& path) {
  const auto absolute = fs::absolute(path).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

/// The value of the line "name value"; nothing if there is no such line.
std::optional<std::string> line_value(const std::string& text, std::string_view name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ') {
      return line.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

/// 1 to `number_max`; nothing for anything else.
std::optional<int> line_number(const std::string& text, std::string_view name, int number_max) {
  const auto value = line_value(text, name).value_or("");
  int number = 0;
  const auto result = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = result.ec == std::errc() && result.ptr == value.data() + value.size();
  return whole && number >= 1 && number <= number_max ? std::optional(number) : std::nullopt;
}

std::string format_text(const DirectoryFormat& format) {
  return fmt::format("daybook {}\nshards {}\nlog_id {}\n", format.version, format.shards, format.log_id);
}

DirectoryFormat parse_format(const fs::path& file, const std::string& text) {
  DirectoryFormat format;
  const auto version = line_value(text, "daybook");
  if (!version) throw StorageFault(fmt::format("{} is not the FORMAT file of a Daybook directory", file.string()));
  if (*version != std::to_string(directory_format_version)) {
    throw StorageFault(
        fmt::format("{} says format version \"{}\"; this build knows version {} only. Use the release "
                    "that wrote the directory, or a newer one.",
                    file.string(), *version, directory_format_version));
  }
  const auto shards = line_number(text, "shards", shards_max);
  const auto log_id = line_value(text, "log_id").value_or("");
  if (!shards || !is_log_id(log_id)) {
    throw StorageFault(fmt::format("{} is damaged: it needs the lines \"shards N\" (1 to {}) and \"log_id <32 hex>\"",
                                   file.string(), shards_max));
  }
  format.shards = static_cast<ShardNumber>(*shards);
  format.log_id = log_id;
  return format;
}

class FilesDirectory : public DataDirectory {
 public:
  FilesDirectory(const fs::path& path, Access access, ShardNumber shards, const std::string& log_id)
      : path_(without_trailing_slash(path)) {
    if (access == Access::change) {
      make_folder();
      take_lock();
    }
    format_ = load_format(access, shards, log_id);
    if (access == Access::read) {
      witness_at_opening_ = read_witness_file(head_path(), format_.shards);
      return;
    }
    for (const auto& folder : {log_path(), views_path(), keys_path()}) make_private_folder(folder);
    witness_ = std::make_unique<WitnessFile>(head_path(), format_.shards);
    sync_folder(path_);
  }

  const DirectoryFormat& format() const override { return format_; }
  fs::path log_path() const override { return path_ / "log"; }
  fs::path views_path() const override { return path_ / "views"; }
  fs::path keys_path() const override { return path_ / "keys"; }

  void publish_address(const std::string& host_and_port) override {
    if (!lock_) throw StorageFault("the data directory is open for reading: it has no lock to hold an address");
    write_lock_text(fmt::format("pid {}\naddress {}\n", ::getpid(), host_and_port));
  }

  void witness(ShardNumber shard, HeadWitness head) override { writable_witness().write(shard, head); }
  void sync_witness() override { writable_witness().sync(); }
  HeadWitness read_witness(ShardNumber shard) const override {
    return find_head_witness(witness_ ? read_witness_file(head_path(), format_.shards) : witness_at_opening_, shard);
  }

 private:
  fs::path head_path() const { return path_ / "head"; }
  fs::path lock_path() const { return path_ / "LOCK"; }
  fs::path format_path() const { return path_ / "FORMAT"; }

  WitnessFile& writable_witness() {
    if (!witness_) throw StorageFault("the data directory is open for reading: its head cannot be written");
    return *witness_;
  }

  void make_folder() {
    std::error_code error;
    fs::create_directories(path_.parent_path(), error);
    if (error) throw StorageFault(fmt::format("making {}: {}", path_.parent_path().string(), error.message()));
    make_private_folder(path_);
    sync_folder(path_.parent_path());
  }

  void take_lock() {
    lock_ = std::make_unique<FileDescriptor>(lock_path(), O_RDWR | O_CREAT);
    if (lock_->try_lock()) {
      write_lock_text(fmt::format("pid {}\n", ::getpid()));
      return;
    }
    const auto text = lock_->read_at(0, lock_bytes_max);
    const auto address = line_value(text, "address").value_or("");
    throw DirectoryInUse(
        fmt::format("{} is in use by process {}{}", path_.string(), line_value(text, "pid").value_or("(unknown)"),
                    address.empty() ? ", which serves no address (yet)" : ", serving on " + address),
        address);
  }

  /// Written before the file is cut, so that whoever reads meanwhile sees whole lines.
  void write_lock_text(const std::string& text) {
    lock_->write_at(0, text);
    lock_->truncate(text.size());
  }

  DirectoryFormat load_format(Access access, ShardNumber shards, const std::string& log_id) {
    if (const auto text = read_small_file(format_path(), format_bytes_max)) return parse_format(format_path(), *text);
    if (access == Access::read) {
      throw StorageFault(fmt::format("{} is not a Daybook data directory: it has no FORMAT file", path_.string()));
    }
    check_unused();
    if (shards == 0 || shards > shards_max) {
      throw StorageFault(fmt::format("a data directory has 1 to {} shards, not {}", shards_max, shards));
    }
    DirectoryFormat format;
    format.shards = shards;
    if (!log_id.empty() && !is_log_id(log_id)) throw StorageFault("a log id has 32 hex digits");
    format.log_id = log_id.empty() ? random_log_id() : log_id;
    write_file_atomically(format_path(), format_text(format));
    return format;
  }

  /// A folder without FORMAT becomes ours only if it holds nothing but what a first start that was cut short leaves
  /// (or the file system, in a fresh mount).
  void check_unused() const {
    for (const auto& entry : fs::directory_iterator(path_)) {
      const auto name = entry.path().filename();
      if (name == "LOCK" || name == "FORMAT.new" || name == "lost+found") continue;
      throw StorageFault(
          fmt::format("{} has no FORMAT file but holds \"{}\": it is not a Daybook data directory, or "
                      "FORMAT was lost (restore it from a backup)",
                      path_.string(), name.string()));
    }
  }

  fs::path path_;
  std::unique_ptr<FileDescriptor> lock_;
  DirectoryFormat format_;
  std::unique_ptr<WitnessFile> witness_;
  std::string witness_at_opening_;  ///< Of a directory that was opened for reading.
};

}  // namespace

std::unique_ptr<DataDirectory> DataDirectory::open(const fs::path& path, Access access, ShardNumber shards,
                                                   const std::string& log_id) {
  return std::make_unique<FilesDirectory>(path, access, shards, log_id);
}

}  // namespace daybook
