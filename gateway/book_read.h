// A book's things as of now, from the engine (linearizable).
#pragma once

#include <functional>

#include "domain/book.h"
#include "gateway/exchange.h"

namespace daybook {

/// `take` copies what is wanted, on the writer thread of the book's shard; then `answer`, on a completion thread. 503
/// if the shard has stopped or its queue is full.
void read_book(const ExchangePtr& exchange, std::function<void(const BookState&, Instant now)> take,
               std::function<void()> answer);

}  // namespace daybook
