#include "tests/gateway/served.h"

#include <simdjson.h>

#include <algorithm>
#include <future>

#include "doctest/doctest.h"
#include "engine/keyring.h"
#include "engine/sealing.h"
#include "gateway/base32.h"
#include "gateway/http_target.h"

namespace daybook::test {
namespace {

class Waiting final : public AnswerSink {
 public:
  void answer(Response response) override { promise.set_value(std::move(response)); }
  void dropped() noexcept override { promise.set_value({.status = 599}); }
  std::promise<Response> promise;
};

}  // namespace

Gateway::Options Served::dev_options() {
  Gateway::Options options;
  options.dev = true;
  options.log_requests = false;
  options.find_payment_method = simulated_method;
  options.checkout_provider = simulated_provider_name;
  return options;
}

Served::Served(Gateway::Options options, rocksdb::Env* env, std::uint64_t free_bytes_min, BookMode mode)
    : directory_(std::filesystem::temp_directory_path() / ("daybook_gateway_" + to_base32(random_bytes(8)))) {
  Engine::Options engine_options;
  engine_options.data = directory_;
  engine_options.sandbox = mode == BookMode::test;
  engine_options.sync = false;
  engine_options.collects = true;
  engine_options.clock = &clock;
  engine_options.env = env;
  engine_options.free_bytes_min = free_bytes_min;
  engine = Engine::open(engine_options);
  Projections::Options views;
  views.directory = engine->directory().views_path();
  views.log = &engine->log();
  views.streams = [this](const std::string& stream, std::uint64_t from, std::uint64_t to) {
    return engine->stream_positions(stream, from, to);
  };
  views.email_digest = email_digester(engine->keyring());
  projections = Projections::open(views);
  engine->add_commit_listener([this](ShardNumber shard, Position at) { projections->committed(shard, at); });
  gateway = std::make_unique<Gateway>(std::move(options), *engine, *projections, nullptr, metrics);
  PaymentCollector::Options collecting;
  collecting.engine = engine.get();
  collecting.provider = [this](std::string_view name, const std::string&) {
    return name == simulated_provider_name ? &simulator : nullptr;
  };
  collector = std::make_unique<PaymentCollector>(std::move(collecting));
  collector->start();
}

Served::~Served() {
  collector.reset();
  engine->stop();
  gateway.reset();
  projections.reset();
  engine.reset();
  std::filesystem::remove_all(directory_);
}

Response Served::call(Method method, std::string_view target, std::string body, std::vector<Header> headers) {
  auto parsed = parse_target(target);
  auto* found = std::get_if<HttpTarget>(&parsed);
  REQUIRE(found != nullptr);
  Request request;
  request.method = method;
  request.method_text = to_string(method);
  request.target = target;
  request.path = std::move(found->path);
  request.query = std::move(found->query);
  request.headers = std::move(headers);
  const auto is_key = [](const Header& header) { return header.name == "authorization"; };
  if (std::none_of(request.headers.begin(), request.headers.end(), is_key))
    request.headers.push_back({"authorization", "Bearer dbk_dev"});
  request.body = std::move(body);
  const auto sink = std::make_shared<Waiting>();
  std::future<Response> response = sink->promise.get_future();
  gateway->handle(std::move(request), Responder(sink));
  REQUIRE(response.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  return response.get();
}

std::string Served::make_key(std::string_view members) {
  const Response response = post("/v1/api-keys", "{\"name\":\"test\"," + std::string(members) + "}");
  REQUIRE_MESSAGE(response.status == 201, response.body);
  const std::string text = json_at(response.body, "/secret");
  return text.substr(1, text.size() - 2);
}

std::string header_of(const Response& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

std::string json_at(std::string_view json, std::string_view pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root, found;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return {};
  if (pointer.empty()) return simdjson::minify(root);
  if (root.at_pointer(pointer).get(found) != simdjson::SUCCESS) return {};
  return simdjson::minify(found);
}

std::string Served::ids(const std::string& path) {
  const Response list = get(path);
  REQUIRE_MESSAGE(list.status == 200, list.body);
  std::string all;
  for (int i = 0;; ++i) {
    const std::string id = json_at(list.body, "/data/" + std::to_string(i) + "/id");
    if (id.empty()) return all;
    all += (all.empty() ? "" : " ") + unquoted(id);
  }
}

std::string unquoted(const std::string& json) {
  return json.size() < 2 ? json : json.substr(1, json.size() - 2);
}

}  // namespace daybook::test
