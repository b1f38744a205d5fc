// daybook serve: the engine, the views, the relay and the HTTP gateway in one process, until SIGTERM or SIGINT.
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <thread>

#include "connectors/kafka_relay.h"
#include "connectors/payment_collector.h"
#include "connectors/provider_event_follower.h"
#include "connectors/simulated_provider.h"
#include "engine/engine.h"
#include "engine/sealing.h"
#include "eventstore/checkpoint_keys.h"
#include "eventstore/merkle_tree.h"
#include "gateway/api_keys.h"
#include "gateway/gateway.h"
#include "gateway/http_server.h"
#include "gateway/metrics.h"
#include "projections/event_json.h"
#include "projections/projections.h"
#include "schemas/envelope_generated.h"
#include "tools/catalogue_job.h"
#include "tools/command_line.h"
#include "tools/config_file.h"
#include "tools/due_work_jobs.h"
#include "tools/json_log.h"
#include "tools/verify_job.h"

namespace daybook {
namespace {

constexpr auto sample_period = std::chrono::milliseconds(1'000);
constexpr auto relay_drain = std::chrono::seconds(10);

struct ServeOptions {
  CommonOptions common;
  std::string listen = "127.0.0.1:8080";
  bool dev = false;
  ShardNumber shards = 1;
  std::string kafka_brokers, kafka_topic_prefix;
  std::vector<std::string> kafka_properties;
  std::string master_key_file, log_name, config_file;
  std::string log_level = "info";
  bool request_log = true;
  std::uint64_t cache_mib = 64;
  std::uint64_t min_free_mib = 256;
  std::uint64_t requests_per_hour = rate_limit_default_per_hour;
  std::uint32_t verify_every_hours = 24;
  std::vector<std::string> stripe_webhook_secrets;
  std::filesystem::path simulator_catalogue;
  std::uint32_t catalogue_every_hours = 24;
  std::uint32_t webhook_tolerance_s = webhook_tolerance_s_default;
};

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

ListenAddress parse_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
      std::stoul(port) > 65'535) {
    throw std::invalid_argument("--listen takes address:port, such as 127.0.0.1:8080; port 0 takes a free one");
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, static_cast<std::uint16_t>(std::stoul(port))};
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// One secret a line of --stripe-webhook-secret, or several between commas.
WebhookTrust webhook_trust(const ServeOptions& options) {
  WebhookTrust trust;
  trust.tolerance_s = options.webhook_tolerance_s;
  for (const std::string& line : options.stripe_webhook_secrets) {
    std::string_view rest = line;
    while (!rest.empty()) {
      const std::string_view secret = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), secret.size() + 1));
      if (!secret.empty()) trust.secrets.emplace_back(secret);
    }
  }
  if (trust.secrets.empty()) trust.secrets.emplace_back(simulated_webhook_secret);
  return trust;
}

/// What is running, in the order it is made; stop() goes the other way.
class Server {
 public:
  Server(const ServeOptions& options, const ListenAddress& address) : simulator_(webhook_trust(options)) {
    Engine::Options engine_options;
    engine_options.data = options.common.data;
    engine_options.shards = options.shards;
    engine_options.sandbox = options.dev;
    engine_options.collects = true;
    engine_options.cache_bytes = options.cache_mib << 20;
    engine_options.free_bytes_min = options.min_free_mib << 20;
    engine_options.master_key_file = options.master_key_file;
    engine_options.log_name = options.log_name;
    engine_ = Engine::open(engine_options);

    Projections::Options view_options;
    view_options.directory = engine_->directory().views_path();
    view_options.log = &engine_->log();
    view_options.email_digest = email_digester(engine_->keyring());
    view_options.streams = [this](const std::string& stream, std::uint64_t from, std::uint64_t to) {
      return engine_->stream_positions(stream, from, to);
    };
    projections_ = Projections::open(view_options);
    if (!options.kafka_brokers.empty()) make_relay(options);
    engine_->add_commit_listener([this](ShardNumber shard, Position position) {
      projections_->committed(shard, position);
      if (relay_) relay_->committed(shard, position);
    });

    make_verify_job(options);
    make_catalogue_job(options);
    make_collector();
    make_webhooks(options);

    Gateway::Options gateway_options;
    gateway_options.dev = options.dev;
    gateway_options.find_payment_method = [this](std::string_view token) { return simulator_.find_method(token); };
    if (options.dev) {
      gateway_options.checkout_provider = simulated_provider_name;
      gateway_options.read_webhook = [this](std::string_view provider, const Request& request) {
        return read_webhook(provider, request);
      };
    }
    gateway_options.log_requests = options.request_log;
    gateway_options.open_metrics = is_loopback(address.host);
    gateway_options.requests_per_hour = options.requests_per_hour;
    gateway_options.version = DAYBOOK_VERSION;
    gateway_options.jobs = due_work_jobs(*engine_);
    gateway_options.jobs.push_back(verify_job_->job());
    if (catalogue_job_) {
      gateway_options.read_catalogue = [file = options.simulator_catalogue] { return simulated_catalogue(file); };
      gateway_options.jobs.push_back(catalogue_job_->job());
    }
    gateway_options.verification = [this] { return verify_job_->state(); };
    gateway_ = std::make_unique<Gateway>(
        gateway_options, *engine_, *projections_, [this] { return kafka_status(); }, metrics_);
    HttpServerOptions http;
    http.address = address.host;
    http.port = address.port;
    http.on_escaped_exception = [](std::string_view request_id, std::string_view what) {
      spdlog::error("request {} ended in an exception: {}", request_id, what);
    };
    http_ = std::make_unique<HttpServer>(http, [this](Request request, Responder responder) {
      gateway_->handle(std::move(request), std::move(responder));
    });
    engine_->set_completion_sink([this](std::vector<std::function<void()>> answers) {
      http_->post([answers = std::move(answers)] {
        for (const auto& answer : answers) answer();
      });
    });
    http_->start();
    engine_->directory().publish_address(fmt::format("{}:{}", address.host, http_->port()));
    if (relay_) relay_->start();
    collector_->start();
    webhooks_->start();
    sampler_ = std::thread([this] { sample(); });
  }

  std::uint16_t port() const { return http_->port(); }
  Engine& engine() { return *engine_; }

  /// Finishes the requests under way, then the engine, the relay and the views.
  void stop() {
    stopping_ = true;
    verify_job_->stop();
    http_->stop();
    sampler_.join();
    collector_->stop();
    webhooks_->stop();
    engine_->stop();
    if (relay_) relay_->stop(relay_drain);
    projections_.reset();
    relay_.reset();
    gateway_.reset();
    verify_job_.reset();
    catalogue_job_.reset();
    collector_.reset();
    webhooks_.reset();
    engine_.reset();
  }

 private:
  void make_relay(const ServeOptions& options) {
    KafkaRelay::Options relay;
    relay.kafka = kafka_settings(options.kafka_brokers, options.kafka_properties);
    relay.log_id = engine_->directory().format().log_id;
    relay.shards = engine_->directory().format().shards;
    relay.topic_prefix = options.kafka_topic_prefix;
    relay.topics = billing_topics(renderer_);
    relay.checkpoint = [this](ShardNumber shard, std::uint64_t size) {
      const auto tree = engine_->tree(shard);
      if (!tree) throw StorageFault("the shard is being reloaded");
      return engine_->checkpoint_keys().sign(shard, tree->head_at(size));
    };
    relay.on_state = [](ShardNumber shard, const KafkaRelay::Status& status) {
      spdlog::info("kafka relay of shard {}: {}{}{}", shard, status.state, status.message.empty() ? "" : ": ",
                   status.message);
    };
    relay_ = std::make_unique<KafkaRelay>(std::move(relay), engine_->log(),
                                          cloud_event_format(renderer_, engine_->directory().format().log_id));
  }

  void make_catalogue_job(const ServeOptions& options) {
    if (options.simulator_catalogue.empty()) return;
    CatalogueJob::Options job;
    job.period = std::chrono::hours(options.catalogue_every_hours);
    job.read = [file = options.simulator_catalogue] { return simulated_catalogue(file); };
    catalogue_job_ = std::make_unique<CatalogueJob>(std::move(job), *engine_);
  }

  void make_verify_job(const ServeOptions& options) {
    VerifyJob::Options job;
    job.data = options.common.data;
    job.master_key_file = options.master_key_file;
    job.period = std::chrono::hours(options.verify_every_hours);
    job.obstacle = [this]() -> std::string {
      if (engine_->is_full()) return "the disk has no room beyond its reserve";
      for (ShardNumber shard = 0; shard < engine_->log().shards(); ++shard) {
        if (engine_->log().head(shard) > 0) return {};
      }
      return "the log holds no event yet";
    };
    verify_job_ = std::make_unique<VerifyJob>(std::move(job), metrics_);
  }

  void make_collector() {
    PaymentCollector::Options collector;
    collector.engine = engine_.get();
    // No money moves in a test book, and none of a live one goes to the simulator.
    collector.provider = [this](std::string_view name, const std::string& book) -> PaymentProvider* {
      const bool is_test = engine_->mode_of(book) == BookMode::test;
      return is_test && name == simulated_provider_name ? &simulator_ : nullptr;
    };
    collector_ = std::make_unique<PaymentCollector>(std::move(collector));
  }

  void make_webhooks(const ServeOptions& options) {
    ProviderEventFollower::Options follower;
    follower.engine = engine_.get();
    follower.provider = [this, is_dev = options.dev](std::string_view name) -> const PaymentProvider* {
      return is_dev && name == stripe_name ? &simulator_ : nullptr;
    };
    webhooks_ = std::make_unique<ProviderEventFollower>(std::move(follower));
  }

  /// The simulator posts as Stripe does.
  ProviderMessage read_webhook(std::string_view provider, const Request& request) const {
    if (provider != stripe_name) return {};
    return read_signed(simulator_, request.header(stripe_signature_header), request.body, wall_clock().now());
  }

  KafkaStatus kafka_status() const {
    KafkaStatus status;
    if (!relay_) return status;
    status.is_configured = true;
    status.is_connected = true;
    for (ShardNumber shard = 0; shard < engine_->log().shards(); ++shard) {
      const KafkaRelay::Status one = relay_->status(shard);
      status.is_connected = status.is_connected && one.state == "publishing";
      status.is_halted = status.is_halted || one.state == "halted";
      if (status.message.empty()) status.message = one.message;
      status.backlog_events += one.head - std::min(one.head, one.published);
    }
    return status;
  }

  void sample() {
    const std::vector<std::string> types = renderer_.event_types();
    std::vector<std::uint64_t> seen(types.size() + 1, 0);
    while (!stopping_) {
      const Engine::Counters counters = engine_->counters();
      for (std::size_t type = 1; type <= types.size(); ++type) {
        const std::uint64_t now = counters.events_by_type[type];
        if (now > seen[type]) metrics_.events_appended(types[type - 1], now - seen[type]);
        seen[type] = now;
      }
      metrics_.set_gauge("store_memory_bytes", {{"kind", "state_cache"}},
                         static_cast<double>(counters.state_cache_bytes));
      metrics_.set_gauge("engine_queue_length", {}, static_cast<double>(counters.queue_length));
      metrics_.set_gauge("payments_unanswered", {}, static_cast<double>(collector_->status().unanswered));
      metrics_.set_gauge("webhooks_unprocessed", {}, static_cast<double>(webhooks_->unprocessed()));
      metrics_.set_gauge("relay_backlog_events", {}, static_cast<double>(kafka_status().backlog_events));
      for (const ViewStatus& view : projections_->status(wall_clock().now())) {
        const std::string_view name = to_text(view.name);
        metrics_.set_gauge("projection_lag_events", {{"projection", name}}, static_cast<double>(view.lag_events));
        metrics_.set_gauge("projection_lag_seconds", {{"projection", name}}, view.lag_seconds);
      }
      if (catalogue_job_) catalogue_job_->tick();
      for (int slice = 0; slice < 10 && !stopping_; ++slice) std::this_thread::sleep_for(sample_period / 10);
    }
  }

  EventRenderer renderer_;
  Metrics metrics_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Projections> projections_;
  std::unique_ptr<KafkaRelay> relay_;
  std::unique_ptr<VerifyJob> verify_job_;
  std::unique_ptr<CatalogueJob> catalogue_job_;
  SimulatedProvider simulator_;
  std::unique_ptr<PaymentCollector> collector_;
  std::unique_ptr<ProviderEventFollower> webhooks_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<HttpServer> http_;
  std::atomic<bool> stopping_{false};
  std::thread sampler_;
};

int run_serve(const ServeOptions& options) {
  const ListenAddress address = parse_listen(options.listen);
  if (options.dev && !is_loopback(address.host)) {
    throw std::invalid_argument(
        "--dev serves on loopback only: its key is no secret. Listen on 127.0.0.1, or make "
        "keys with 'daybook keys create' and leave --dev out");
  }
  if (!options.dev && !options.stripe_webhook_secrets.empty()) {
    throw std::invalid_argument("--stripe-webhook-secret is for --dev: there is no adapter for Stripe itself yet");
  }
  if (!options.dev && !options.simulator_catalogue.empty()) {
    throw std::invalid_argument("--simulator-catalogue is for --dev: live books have no simulated provider");
  }
  // Blocked before any thread starts (the log has one), so that every thread inherits it and only sigwait sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  log_as_json(options.log_level);

  Server server(options, address);
  const std::string base = fmt::format("http://{}:{}", address.host, server.port());
  if (options.common.json) {
    fmt::print("{{\"listening\":\"{}\",\"port\":{},\"data\":\"{}\"}}\n", base, server.port(),
               options.common.data.string());
  } else {
    fmt::print("daybook {} listens on {}\n", DAYBOOK_VERSION, base);
    if (options.dev) {
      fmt::print(
          "Test mode: the key is {}. The API's description: {}/docs\nTry:\n"
          "  curl -s {}/v1/accounts -H 'Authorization: Bearer {}' \\\n"
          "    -d '{{\"id\":\"acme\",\"name\":\"Acme\",\"email\":\"billing@acme.test\",\"currency\":\"USD\"}}' "
          "-H 'Content-Type: application/json'\n",
          dev_key_text, base, base, dev_key_text);
    }
  }
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("stopping: finishing what is under way");
  server.stop();
  spdlog::info("stopped");
  return exit_done;
}

}  // namespace

void add_serve(Subcommand app, Action& action) {
  auto options = std::make_shared<ServeOptions>();
  const Subcommand command = app.subcommand("serve", "Take commands over HTTP and answer from the ledger");
  add_common(command, options->common);
  command.declared("--data").envname("DAYBOOK_DATA");
  command.add_option("--listen", &options->listen, "address:port; port 0 takes a free one and prints it")
      .envname("DAYBOOK_LISTEN")
      .shows_default();
  command.add_flag("--dev", options->dev, "Test mode on loopback: key dbk_dev, movable clock").envname("DAYBOOK_DEV");
  command.add_option("--shards", &options->shards, "Shards of a new data directory")
      .envname("DAYBOOK_SHARDS")
      .between(1, 64)
      .shows_default();
  command.add_option("--kafka-brokers", &options->kafka_brokers, "host:port,... : publish every event to Kafka")
      .envname("DAYBOOK_KAFKA_BROKERS");
  command.add_option("--kafka-topic-prefix", &options->kafka_topic_prefix, "In front of every topic's name")
      .envname("DAYBOOK_KAFKA_TOPIC_PREFIX");
  command.add_option("--kafka-property", &options->kafka_properties, "name=value for librdkafka; repeatable")
      .envname("DAYBOOK_KAFKA_PROPERTIES");
  command.add_option("--master-key-file", &options->master_key_file, "64 hex digits; default: keys/master.key")
      .envname("DAYBOOK_MASTER_KEY_FILE");
  command
      .add_option("--log-name", &options->log_name, "In the checkpoints of a new log, as ledger.example.com; it stays")
      .envname("DAYBOOK_LOG_NAME");
  command.add_option("--log-level", &options->log_level, "trace, debug, info, warning, error, critical, off")
      .envname("LOG_LEVEL")
      .shows_default();
  command.add_flag("--request-log,!--no-request-log", options->request_log, "One log line a request")
      .envname("DAYBOOK_REQUEST_LOG");
  command.add_option("--cache-mib", &options->cache_mib, "Memory for account states, MiB")
      .envname("DAYBOOK_CACHE_MIB")
      .between(8, 65'536)
      .shows_default();
  command
      .add_option("--min-free-mib", &options->min_free_mib,
                  "Refuse commands while less than this is free on the data directory's disk, MiB; 0: no reserve")
      .envname("DAYBOOK_MIN_FREE_MIB")
      .between(0, 1'048'576)
      .shows_default();
  command.add_option("--requests-per-hour", &options->requests_per_hour, "Of one API key; 0: no limit")
      .envname("DAYBOOK_REQUESTS_PER_HOUR")
      .shows_default();
  command
      .add_option("--verify-every", &options->verify_every_hours,
                  "Hours from one check of the whole ledger in the background to the next; 0: only on demand")
      .envname("DAYBOOK_VERIFY_EVERY")
      .between(0, 8'760)
      .shows_default();
  command
      .add_option(
          "--stripe-webhook-secret", &options->stripe_webhook_secrets,
          "What messages to /v1/webhooks/stripe are signed with; repeatable while it is replaced. Test mode only, "
          "where it is whsec_dev if none is given")
      .envname("STRIPE_WEBHOOK_SECRET");
  command
      .add_option(
          "--simulator-catalogue", &options->simulator_catalogue,
          "The products and prices of the simulated payment provider: a JSON file with Stripe's two lists. Test "
          "mode only")
      .envname("DAYBOOK_SIMULATOR_CATALOGUE");
  command
      .add_option("--catalogue-sync-every", &options->catalogue_every_hours,
                  "Hours from one import of the provider's catalogue to the next; 0: only on demand")
      .envname("DAYBOOK_CATALOGUE_SYNC_EVERY")
      .between(0, 8'760)
      .shows_default();
  command
      .add_option("--webhook-in-tolerance-s", &options->webhook_tolerance_s,
                  "How far the time of a provider's signature may be from now, seconds")
      .envname("DAYBOOK_WEBHOOK_IN_TOLERANCE_S")
      .between(1, 86'400)
      .shows_default();
  command.add_option("--config", &options->config_file, "A TOML file with these options by their long names")
      .envname("DAYBOOK_CONFIG");
  command.footer(
      "Flags go before environment variables, those before the file.\nExamples:\n"
      "  daybook serve --dev --data ./data\n"
      "  daybook serve --data /srv/daybook --listen 127.0.0.1:8080 --kafka-brokers kafka-1:9092");
  command.callback([options, command, &action] {
    if (!options->config_file.empty()) command.apply_config_file(options->config_file);
    action = [options] { return run_serve(*options); };
  });
}

}  // namespace daybook
