// A TOML file as the weakest source of a command's options: flags, then environment variables, then the file.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace daybook {

/// Sets every option of the command that neither a flag nor the environment has set. Keys are the options' long names
/// (hyphens or underscores); an unknown key or a wrong type throws CLI::ConfigError naming it.
void apply_config_file(CLI::App& command, const std::string& path);

}  // namespace daybook
