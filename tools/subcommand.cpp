#include "tools/subcommand.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "tools/config_file.h"

namespace daybook {

DeclaredOption DeclaredOption::required() {
  option_->required();
  return *this;
}

DeclaredOption DeclaredOption::envname(const std::string& variable) {
  option_->envname(variable);
  return *this;
}

DeclaredOption DeclaredOption::shows_default() {
  option_->capture_default_str();
  return *this;
}

DeclaredOption DeclaredOption::between(std::int64_t least, std::int64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Subcommand Subcommand::subcommand(const std::string& name, const std::string& description) const {
  return Subcommand(app_->add_subcommand(name, description));
}

void Subcommand::require_subcommand() const {
  app_->require_subcommand(1);
}

DeclaredOption Subcommand::add_option(const std::string& names, OptionTarget target, const std::string& help) const {
  return std::visit([&](auto* value) { return DeclaredOption(app_->add_option(names, *value, help)); }, target);
}

DeclaredOption Subcommand::add_flag(const std::string& names, bool& target, const std::string& help) const {
  return DeclaredOption(app_->add_flag(names, target, help));
}

DeclaredOption Subcommand::add_words(const std::string& names, std::vector<std::string> words, const std::string& help,
                                     std::function<void(std::size_t)> choose) const {
  const auto take = [words, choose = std::move(choose)](const std::string& word) {
    choose(static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin()));
  };
  CLI::Option* option = app_->add_option_function<std::string>(names, take, help);
  option->check(CLI::IsMember(words).description(""));
  return DeclaredOption(option);
}

DeclaredOption Subcommand::declared(const std::string& name) const {
  return DeclaredOption(app_->get_option(name));
}

void Subcommand::footer(const std::string& text) const {
  app_->footer(text);
}

void Subcommand::callback(std::function<void()> chosen) const {
  app_->callback(std::move(chosen));
}

void Subcommand::apply_config_file(const std::string& path) const {
  daybook::apply_config_file(*app_, path);
}

}  // namespace daybook
