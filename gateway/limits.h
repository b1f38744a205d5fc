// The limits of the HTTP transport, each with its unit last in its name. What a request may ask of a business command
// is limited where that command is parsed, not here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daybook::limits {

/// Request line, header fields and the blank line after them, together. One byte more: 431.
inline constexpr std::size_t http_header_bytes_max = 16 * 1024;
/// Header fields of one request. One more: 431.
inline constexpr std::size_t http_headers_max = 100;
/// A request's body after chunk decoding; sized for the bulk path. One byte more: 413.
inline constexpr std::size_t http_body_bytes_max = 16 * 1024 * 1024;
/// The request target as received. One byte more: 400.
inline constexpr std::size_t http_target_bytes_max = 8 * 1024;
/// name=value pairs in a query. One more: 400.
inline constexpr std::size_t http_query_pairs_max = 64;
/// A Request-Id that a client may choose.
inline constexpr std::size_t request_id_bytes_max = 64;

/// Connections served at once. One more is answered 503.
inline constexpr std::size_t http_connections_max = 4096;
/// Connections being told 503 at once; beyond it they are closed without a word.
inline constexpr std::size_t http_refusals_max = 64;
/// Length of the kernel's queue of connections not yet accepted.
inline constexpr int http_backlog_connections = 1024;

/// A keep-alive connection with no request under way is closed silently after this.
inline constexpr std::uint32_t http_idle_timeout_ms = 75'000;
/// From a request's first byte to its last. Longer: 408.
inline constexpr std::uint32_t http_read_timeout_ms = 30'000;
/// From a response's first byte to its last. Longer: the connection is closed.
inline constexpr std::uint32_t http_write_timeout_ms = 30'000;
/// How long stop() waits for the requests in progress.
inline constexpr std::uint32_t http_drain_timeout_ms = 10'000;
/// After a refusal the client may still be sending: what it sends is read and discarded, up to these, so that the
/// kernel does not reset the connection before the answer was read.
inline constexpr std::uint32_t http_linger_timeout_ms = 1'000;
inline constexpr std::size_t http_linger_bytes_max = 1024 * 1024;
/// Between two attempts to accept when the process has run out of file descriptors.
inline constexpr std::uint32_t http_accept_retry_ms = 50;

/// A read asks for this much while a header is awaited: what an idle connection costs.
inline constexpr std::size_t http_header_read_bytes = 4 * 1024;
/// ... and for this much within a body.
inline constexpr std::size_t http_body_read_bytes = 64 * 1024;
/// Buffers grown beyond this by one request are given back after it.
inline constexpr std::size_t http_buffer_kept_bytes = 16 * 1024;
/// A declared body is reserved in one piece up to this; beyond it memory grows with what really arrives.
inline constexpr std::size_t http_body_reserved_bytes = 1024 * 1024;

}  // namespace daybook::limits
