// Runs a fuzz target without libFuzzer: over every file of its corpus, and over mutations of them from a seed, so that
// each ordinary test run and each sanitizer sees them. An input that ends the process is written to ./crash-input.
//
//   <name>_corpus FOLDER [seed] [mutations per file]
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using std::string_view_literals::operator""sv;

constexpr std::uint64_t default_seed = 1;
constexpr std::size_t default_mutations = 500;
constexpr std::size_t input_bytes_max = 1 << 16;
constexpr int steps_max = 8;

/// For the signal handler, which can reach nothing else: the input that is running, and whose signals these were.
const std::string* running = nullptr;
std::array<struct sigaction, NSIG> before{};

/// Keeps the input and gives the signal back: it comes again when this returns, to a sanitizer if there is one.
void keep_input(int signal_number) {
  const int file = ::open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0) {
    const auto written = ::write(file, running->data(), running->size());
    static_cast<void>(written);  // Nothing is left to be done about it.
  }
  ::sigaction(signal_number, &before[static_cast<std::size_t>(signal_number)], nullptr);
}

void keep_fatal_inputs() {
  struct sigaction action {};
  action.sa_handler = keep_input;
  for (const int fatal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    ::sigaction(fatal, &action, &before[static_cast<std::size_t>(fatal)]);
  }
}

/// A copy of exactly the input's size each time, so that a read past its end is one past an allocation.
void run(const std::string& input) {
  running = &input;
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

/// In the order of their names: the same on every machine.
std::vector<std::string> read_corpus(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<std::string> inputs;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

  std::string mutate(std::string input) {
    for (auto steps = below(steps_max) + 1; steps > 0; --steps) step(input);
    if (input.size() > input_bytes_max) input.resize(input_bytes_max);
    return input;
  }

 private:
  /// Not std::uniform_int_distribution, whose numbers differ between libraries.
  std::size_t below(std::size_t bound) { return random_() % bound; }

  void step(std::string& input) {
    static constexpr auto telling = "\0\xff\x7f\x80 \r\n\t/%?&=#\"'\\{}[]():,;.-+0e9"sv;
    const auto at = below(input.size() + 1);
    const bool inside = at < input.size();
    switch (below(7)) {
      case 0:
        if (inside) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 1:
        if (inside) input[at] = telling[below(telling.size())];
        break;
      case 2:
        input.insert(at, below(4) + 1, telling[below(telling.size())]);
        break;
      case 3:
        input.erase(at, below(8) + 1);
        break;
      case 4:
        input.resize(at);
        break;
      case 5:
        input.insert(at, input.substr(below(input.size() + 1), below(64)));
        break;
      default: {
        const auto& other = corpus_[below(corpus_.size())];
        input.resize(at);
        input += other.substr(below(other.size() + 1));
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [seed] [mutations per file]\n", arguments[0]);
    return 2;
  }
  const auto seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : default_seed;
  const auto mutations = count > 3 ? std::strtoull(arguments[3], nullptr, 10) : default_mutations;
  auto corpus = fs::is_directory(arguments[1]) ? read_corpus(arguments[1]) : std::vector<std::string>();
  if (corpus.empty()) {
    std::fprintf(stderr, "%s holds no input: a fuzz target needs a corpus\n", arguments[1]);
    return 1;
  }
  keep_fatal_inputs();
  run("");
  for (const auto& input : corpus) run(input);
  Mutator mutator(corpus, seed);
  for (const auto& input : corpus) {
    for (std::size_t i = 0; i < mutations; ++i) run(mutator.mutate(input));
  }
  std::printf("%zu inputs and %zu mutations of them with seed %llu\n", corpus.size(),
              corpus.size() * static_cast<std::size_t>(mutations), static_cast<unsigned long long>(seed));
  return 0;
}
