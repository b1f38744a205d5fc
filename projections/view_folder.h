// A view's folder on disk, views/<name>/: its generations <n>/, each a row store, and the file CURRENT that names the
// one that serves. CURRENT is replaced atomically after the new generation is durable, so a crash at any moment leaves
// either the old or the new one; whatever else lies there is deleted at the next open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "projections/view_name.h"

namespace daybook {

class ViewFolder {
 public:
  /// `views` is the folder of all views.
  ViewFolder(const std::filesystem::path& views, ViewName name) : path_(views / to_text(name)) {}

  /// The generation named by CURRENT, if it is there.
  std::optional<std::uint64_t> current() const;
  std::filesystem::path generation(std::uint64_t number) const { return path_ / std::to_string(number); }
  /// A number that no folder has yet. Makes the view's folder.
  std::uint64_t new_generation() const;
  /// Requires the generation to be durable.
  void make_current(std::uint64_t number) const;
  void delete_all_but(std::uint64_t number) const;

 private:
  std::filesystem::path path_;
};

}  // namespace daybook
