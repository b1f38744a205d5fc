// daybook catalogue load: creates the plans of a file, or of the default catalogue, that a book does not have yet.
#include <fmt/format.h>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "default_catalogue.h"
#include "eventstore/fault.h"
#include "gateway/api_keys.h"
#include "tools/command_line.h"
#include "tools/http_client.h"

namespace daybook {
namespace {

struct CatalogueOptions {
  std::string file;
  std::string url = "http://127.0.0.1:8080";
  std::string key = std::string(dev_key_text);
  bool json = false;
};

std::string text_of(const std::string& file) {
  if (file == "default") return std::string(default_catalogue());
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw std::invalid_argument("there is no file " + file + " to read; `default` is the one that comes along");
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct ListedPlan {
  std::string id, body;
};

std::vector<ListedPlan> plans_of(const std::string& file) {
  simdjson::dom::parser parser;
  simdjson::dom::array plans;
  const std::string text = text_of(file);
  if (parser.parse(text)["plans"].get(plans) != simdjson::SUCCESS) {
    throw std::invalid_argument(file + " is no catalogue: an object with the list `plans` is expected");
  }
  std::vector<ListedPlan> listed;
  for (const simdjson::dom::element plan : plans) {
    std::string_view id;
    if (plan["id"].get(id) != simdjson::SUCCESS) throw std::invalid_argument("a plan of " + file + " has no id");
    listed.push_back({std::string(id), simdjson::minify(plan)});
  }
  return listed;
}

int load_catalogue(const CatalogueOptions& options) {
  const std::string server = server_of(options.url);
  const std::vector<ListedPlan> plans = plans_of(options.file);
  std::size_t created = 0;
  for (const ListedPlan& plan : plans) {
    const HttpReply known = http_request("GET", server, "/v1/plans/" + plan.id, options.key, {});
    if (known.status != 200 && known.status != 404) {
      throw StorageFault(fmt::format("the server says of the plan {}: {}", plan.id, known.body));
    }
    if (known.status == 404) {
      const HttpReply made = http_request("POST", server, "/v1/plans", options.key, plan.body);
      if (made.status != 201) throw StorageFault(fmt::format("the plan {} was refused: {}", plan.id, made.body));
      ++created;
    }
    if (!options.json)
      fmt::print("{}: {}\n", plan.id, known.status == 404 ? "created" : "there already, left as it is");
  }
  if (options.json) fmt::print("{{\"plans\":{},\"created\":{}}}\n", plans.size(), created);
  return exit_done;
}

}  // namespace

void add_catalogue(Subcommand app, Action& action) {
  const Subcommand catalogue = app.subcommand("catalogue", "The plans of a book");
  catalogue.require_subcommand();
  const auto options = std::make_shared<CatalogueOptions>();
  const Subcommand load = catalogue.subcommand("load", "Create the plans of a file that the book does not have yet");
  load.add_option("file", &options->file, "JSON with `plans`, each as POST /v1/plans takes it; or `default`")
      .required();
  load.add_option("--url", &options->url, "The server's").shows_default();
  load.add_option("--key", &options->key, "API key of a super or billing admin").envname("DAYBOOK_KEY");
  load.add_flag("--json", options->json, "The result as JSON");
  load.footer(
      "The default catalogue has the plans free, starter, pro and enterprise in USD, EUR and GBP. Plans are known by\n"
      "their id; one that is there already is left as it is, so that loading twice changes nothing.\n\n"
      "Examples:\n  daybook catalogue load default\n  daybook catalogue load plans.json --url http://127.0.0.1:8080");
  load.callback([options, &action] { action = [options] { return load_catalogue(*options); }; });
}

}  // namespace daybook
