// The job catalogue-sync: the imported plans of every test book become what the payment provider's catalogue says, once
// a day and on demand.
//
// Concurrency: everything from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "domain/commands.h"
#include "engine/engine.h"
#include "gateway/jobs.h"
#include "tools/books_run.h"

namespace daybook {

inline constexpr std::string_view catalogue_job_name = "catalogue-sync";

class CatalogueJob {
 public:
  struct Options {
    std::chrono::hours period{24};  ///< From the end of one run to the next; 0: only on demand.
    std::function<ProviderCatalogue()> read;
  };

  /// The engine must outlive the answers to what was handed to it.
  CatalogueJob(Options options, Engine& engine);

  /// Runs it now; false if it is running.
  bool start();
  /// Runs it if it is due; called every few seconds.
  void tick();
  JobRun state() const { return run_->state(); }
  Instant next_run_at() const;
  /// For the gateway's list. Must not outlive this.
  Job job();

 private:
  const Options options_;
  Engine& engine_;
  const Instant first_run_at_;
  const std::shared_ptr<BooksRun> run_;
};

}  // namespace daybook
