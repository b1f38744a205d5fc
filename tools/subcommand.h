// The options of a subcommand, as its file declares them. CLI11 parses; only the files of the parser itself name it,
// because every file that includes it costs ten seconds of compilation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace daybook {

/// Where a value goes; it must live as long as the parser.
using OptionTarget = std::variant<std::string*, std::optional<std::string>*, std::vector<std::string>*,
                                  std::filesystem::path*, std::vector<std::filesystem::path>*, int*, std::uint16_t*,
                                  std::uint32_t*, std::uint64_t*, std::int64_t*, std::optional<std::uint64_t>*>;

/// A handle of an option that was declared; each call adds to it.
class DeclaredOption {
 public:
  explicit DeclaredOption(CLI::Option* option) : option_(option) {}
  DeclaredOption required();
  /// Taken from that environment variable if no flag gives it.
  DeclaredOption envname(const std::string& variable);
  /// The help shows the value that it has now.
  DeclaredOption shows_default();
  DeclaredOption between(std::int64_t least, std::int64_t most);

 private:
  CLI::Option* option_;
};

/// A handle of a subcommand; copies declare the same one.
class Subcommand {
 public:
  explicit Subcommand(CLI::App* app) : app_(app) {}
  /// One below this one.
  Subcommand subcommand(const std::string& name, const std::string& description) const;
  /// One of those below must be named.
  void require_subcommand() const;
  /// `names` as CLI11 reads them: "--listen", or "view" for a positional argument.
  DeclaredOption add_option(const std::string& names, OptionTarget target, const std::string& help) const;
  DeclaredOption add_flag(const std::string& names, bool& target, const std::string& help) const;
  /// One of several words, each with the value that it stands for.
  template <typename Value>
  DeclaredOption add_choice(const std::string& names, Value& target, std::vector<std::pair<std::string, Value>> choices,
                            const std::string& help) const {
    std::vector<std::string> words;
    for (const auto& choice : choices) words.push_back(choice.first);
    return add_words(names, std::move(words), help,
                     [&target, choices = std::move(choices)](std::size_t chosen) { target = choices[chosen].second; });
  }
  /// One that was declared already. Requires that it is there.
  DeclaredOption declared(const std::string& name) const;
  /// Below the options in the help: notes, then examples.
  void footer(const std::string& text) const;
  /// Called once the options have their values; the subcommand that was chosen says there what to run.
  void callback(std::function<void()> chosen) const;
  /// Options that neither flags nor the environment gave, from a TOML file (config_file.h). From within the callback.
  void apply_config_file(const std::string& path) const;

 private:
  DeclaredOption add_words(const std::string& names, std::vector<std::string> words, const std::string& help,
                           std::function<void(std::size_t)> choose) const;

  CLI::App* app_;
};

}  // namespace daybook
