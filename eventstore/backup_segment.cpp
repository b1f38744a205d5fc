#include "eventstore/backup_segment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <zstd.h>

#include <cstring>

#include "eventstore/durable_file.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "DBKSEG01";
constexpr std::size_t header_bytes = 16;
constexpr std::size_t frame_head_bytes = 8;
constexpr std::size_t row_head_bytes = 12;
constexpr std::size_t frame_raw_bytes = 1 << 20;                   ///< A frame closes at this size.
constexpr std::size_t frame_raw_bytes_max = std::size_t{1} << 28;  ///< More than any row that can be written.
constexpr int compression_level = 3;

template <typename Number>
void append_number(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::string header_of(ShardNumber shard) {
  std::string header(magic);
  append_number(header, static_cast<std::uint16_t>(shard));
  header.resize(header_bytes, '\0');
  return header;
}

/// SHA-256 of a file as it is written or read.
class FileDigest {
 public:
  FileDigest() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex2(context_, EVP_sha256(), nullptr) != 1) fail();
  }
  ~FileDigest() { EVP_MD_CTX_free(context_); }
  FileDigest(const FileDigest&) = delete;
  FileDigest& operator=(const FileDigest&) = delete;
  void add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_, bytes.data(), bytes.size()) != 1) fail();
  }
  MerkleHash end() {
    MerkleHash hash;
    if (EVP_DigestFinal_ex(context_, hash.data(), nullptr) != 1) fail();
    return hash;
  }

 private:
  [[noreturn]] static void fail() { throw StorageFault("SHA-256 of a backup's file failed: OpenSSL has no memory"); }
  EVP_MD_CTX* context_;
};

}  // namespace

struct SegmentWriter::State {
  fs::path folder;
  BackupSegment segment;
  fs::path temporary;
  FileDescriptor file;
  FileDigest digest;
  std::string rows, frame;
  bool finished = false;

  State(const fs::path& in, ShardNumber shard, Position first)
      : folder(in),
        segment{shard, first, first - 1, 0, {}},
        temporary((in / segment.file_name()).string() + ".new"),
        file(temporary, O_WRONLY | O_CREAT | O_TRUNC) {
    put(header_of(shard));
  }
  void put(std::string_view bytes) {
    file.write_at(segment.bytes, bytes);
    digest.add(bytes);
    segment.bytes += bytes.size();
  }
  void close_frame() {
    if (rows.empty()) return;
    frame.resize(frame_head_bytes + ZSTD_compressBound(rows.size()));
    const std::size_t stored = ZSTD_compress(frame.data() + frame_head_bytes, frame.size() - frame_head_bytes,
                                             rows.data(), rows.size(), compression_level);
    if (ZSTD_isError(stored) != 0) {
      throw StorageFault(fmt::format("compressing {}: {}", temporary.string(), ZSTD_getErrorName(stored)));
    }
    std::string head;
    append_number(head, static_cast<std::uint32_t>(rows.size()));
    append_number(head, static_cast<std::uint32_t>(stored));
    frame.replace(0, frame_head_bytes, head);
    frame.resize(frame_head_bytes + stored);
    put(frame);
    rows.clear();
  }
};

SegmentWriter::SegmentWriter(const fs::path& folder, ShardNumber shard, Position first)
    : state_(std::make_unique<State>(folder, shard, first)) {}

SegmentWriter::~SegmentWriter() {
  std::error_code ignored;
  if (!state_->finished) fs::remove(state_->temporary, ignored);
}

void SegmentWriter::add(Position first, Position last, std::string_view row) {
  append_number(state_->rows, static_cast<std::uint64_t>(first));
  append_number(state_->rows, static_cast<std::uint32_t>(row.size()));
  state_->rows.append(row);
  state_->segment.last = last;
  if (state_->rows.size() >= frame_raw_bytes) state_->close_frame();
}

std::uint64_t SegmentWriter::bytes() const {
  return state_->segment.bytes;
}

BackupSegment SegmentWriter::finish() {
  state_->close_frame();
  state_->segment.digest = state_->digest.end();
  state_->file.sync();
  std::error_code error;
  fs::rename(state_->temporary, state_->folder / state_->segment.file_name(), error);
  if (error) throw StorageFault(fmt::format("renaming {}: {}", state_->temporary.string(), error.message()));
  sync_folder(state_->folder);
  state_->finished = true;
  return state_->segment;
}

namespace {

/// The reading of one segment.
class SegmentReader {
 public:
  SegmentReader(const fs::path& folder, const BackupSegment& segment, const std::function<void(const RowView&)>& row)
      : segment_(segment), file_(folder / segment.file_name(), O_RDONLY), row_(row), next_(segment.first) {}

  void run() {
    if (take(header_bytes) != header_of(segment_.shard)) fail("it does not begin as a segment of its shard");
    while (at_ < segment_.bytes) read_frame();
    if (!file_.read_at(at_, 1).empty()) fail("it is longer than the manifest says");
    if (digest_.end() != segment_.digest) fail("its SHA-256 is not the manifest's");
    if (next_ != segment_.last + 1) fail("it does not end where the manifest says");
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    throw CorruptLog(segment_.shard, next_,
                     fmt::format("{} is damaged at {}: {}; use another backup", file_.path().string(),
                                 to_string({segment_.shard, next_}), why));
  }
  std::string take(std::size_t size) {
    if (size > segment_.bytes - at_) fail("a frame is longer than the file");
    std::string bytes = file_.read_at(at_, size);
    if (bytes.size() != size) fail("it is shorter than the manifest says");
    digest_.add(bytes);
    at_ += size;
    return bytes;
  }
  void read_frame() {
    const std::string head = take(frame_head_bytes);
    const auto raw = number_at<std::uint32_t>(head, 0);
    if (raw > frame_raw_bytes_max) fail("a frame is too large");
    const std::string stored = take(number_at<std::uint32_t>(head, 4));
    std::string rows(raw, '\0');
    if (ZSTD_decompress(rows.data(), rows.size(), stored.data(), stored.size()) != raw) {
      fail("a frame cannot be decompressed");
    }
    for (std::size_t at = 0; at < rows.size();) at += read_row(std::string_view(rows).substr(at));
  }
  /// The bytes that the row and its head take.
  std::size_t read_row(std::string_view rows) {
    if (rows.size() < row_head_bytes) fail("a frame ends within a row");
    const auto first = number_at<std::uint64_t>(rows, 0);
    const auto size = number_at<std::uint32_t>(rows, 8);
    if (first != next_) fail("a row does not follow on the one before");
    if (size > rows.size() - row_head_bytes) fail("a frame ends within a row");
    aligned_.assign(rows.substr(row_head_bytes, size));
    const RowView row(segment_.shard, first, aligned_.view());
    if (!row.damage().empty()) fail(row.damage());
    row_(row);
    next_ = row.last() + 1;
    return row_head_bytes + size;
  }

  const BackupSegment& segment_;
  const FileDescriptor file_;
  const std::function<void(const RowView&)>& row_;
  FileDigest digest_;
  AlignedBytes aligned_;
  std::uint64_t at_ = 0;
  Position next_;
};

}  // namespace

void read_segment(const fs::path& folder, const BackupSegment& segment,
                  const std::function<void(const RowView&)>& row) {
  SegmentReader(folder, segment, row).run();
}

}  // namespace daybook
