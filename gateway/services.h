// What the routes work with, made once by the gateway.
#pragma once

#include "engine/engine.h"
#include "gateway/event_streams.h"
#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "gateway/plan_cache.h"
#include "gateway/position_waiters.h"
#include "gateway/rate_limiter.h"
#include "gateway/reader_pool.h"
#include "projections/event_json.h"
#include "projections/projections.h"

namespace daybook {

struct Services {
  Services(Gateway::Options chosen, Engine& the_engine, Projections& the_projections,
           std::function<KafkaStatus()> the_kafka, Metrics& the_metrics)
      : options(std::move(chosen)),
        engine(the_engine),
        projections(the_projections),
        kafka(std::move(the_kafka)),
        metrics(the_metrics),
        limiter(options.requests_per_hour),
        streams(engine, renderer, options.event_streams_max, options.event_stream_heartbeat_ms),
        waiters(engine) {}

  const Gateway::Options options;
  Engine& engine;
  Projections& projections;
  const std::function<KafkaStatus()> kafka;
  Metrics& metrics;
  const EventRenderer renderer;
  RateLimiter limiter;
  PlanCache plan_cache;
  EventStreams streams;
  ReaderPool readers;       ///< Its threads end before anything above that they use.
  PositionWaiters waiters;  ///< Last: hands over to the readers.
};

}  // namespace daybook
