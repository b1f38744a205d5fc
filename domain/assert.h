// What happens when the program itself is wrong: one JSON line on stderr with the place, then abort, in every build.
// For bugs only; input, disk content and Kafka are checked where they are read and never end here.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>
#include <string_view>

namespace daybook {

/// Reports a bug and aborts. `what` is a sentence with the values that matter, never personal data or a secret.
[[noreturn]] inline void bug(std::string_view what, std::source_location where = std::source_location::current()) {
  std::string text;
  for (const char c : what) {
    if (c == '"' || c == '\\') text += '\\';
    text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  std::fprintf(stderr,
               R"({"level":"fatal","message":"bug","what":"%s","file":"%s","line":%u,"function":"%s"})"
               "\n",
               text.c_str(), where.file_name(), static_cast<unsigned>(where.line()), where.function_name());
  std::fflush(stderr);
  std::abort();
}

/// Aborts unless `condition` holds; also usable in constant expressions, where a violation does not compile.
/// One condition each: `ensure(a); ensure(b);`, not `ensure(a && b)`.
constexpr void ensure(bool condition, std::string_view what,
                      std::source_location where = std::source_location::current()) {
  if (!condition) [[unlikely]]
    bug(what, where);
}

}  // namespace daybook
