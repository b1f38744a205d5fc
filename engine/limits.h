// Every bound of the engine, with its unit.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace daybook {

inline constexpr std::size_t queue_length_max = 65'536;   ///< Pieces of work waiting for one shard.
inline constexpr std::size_t group_commands_max = 8'192;  ///< Pieces of work in one group.
inline constexpr std::size_t group_bytes_max = 8 << 20;   ///< Envelopes in one group; the group closes after it.
inline constexpr std::size_t group_due_items_max = 64;    ///< Due items of the agenda in one group; commands wait.
inline constexpr std::size_t idempotency_key_bytes_max = 255;
inline constexpr std::int64_t idempotency_ttl_us = 30LL * 24 * 3600 * 1'000'000;
inline constexpr std::uint64_t dirty_lag_events_default = 32'768;  ///< A changed state's row is written so much later.
inline constexpr std::size_t index_backlog_max = 400'000;  ///< Index entries waiting; the writer pauses above it.
/// How long a test clock stands at an instant for the results of payments that were attempted there.
inline constexpr auto clock_payment_wait = std::chrono::seconds(10);
inline constexpr auto space_look_period = std::chrono::milliseconds(100);  ///< Between looks at the disk's free space.

}  // namespace daybook
