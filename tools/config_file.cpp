#include "tools/config_file.h"

#include <toml++/toml.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace daybook {
namespace {

std::vector<std::string> texts(const std::string& key, const toml::node& node) {
  if (const auto* text = node.as_string()) return {text->get()};
  if (const auto* number = node.as_integer()) return {std::to_string(number->get())};
  if (const auto* flag = node.as_boolean()) return {flag->get() ? "true" : "false"};
  if (const auto* list = node.as_array()) {
    std::vector<std::string> all;
    for (const toml::node& one : *list) {
      for (std::string& text : texts(key, one)) all.push_back(std::move(text));
    }
    return all;
  }
  throw CLI::ConfigError(key + ": a text, an integer, true, false or a list of texts is expected");
}

}  // namespace

void apply_config_file(CLI::App& command, const std::string& path) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    throw CLI::ConfigError(path + ": " + std::string(error.description()));
  }
  for (const auto& [name, node] : table) {
    std::string key(name.str());
    std::replace(key.begin(), key.end(), '_', '-');
    CLI::Option* option = command.get_option_no_throw("--" + key);
    if (option == nullptr || key == "config" || key == "help") {
      throw CLI::ConfigError(path + ": there is no option named " + key);
    }
    if (option->count() > 0) continue;
    for (std::string& text : texts(key, node)) option->add_result(std::move(text));
    option->run_callback();
  }
}

}  // namespace daybook
