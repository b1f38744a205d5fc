#include "gateway/book_read.h"

#include <utility>

#include "gateway/services.h"

namespace daybook {

void read_book(const ExchangePtr& exchange, std::function<void(const BookState&, Instant now)> take,
               std::function<void()> answer) {
  Work work;
  work.context.principal = exchange->principal;
  work.read_book = [take = std::move(take)](const BookState& book, LogPosition, Instant now) { take(book, now); };
  work.done = [exchange, answer = std::move(answer)](Answer result) {
    if (!result.accepted()) return exchange->refuse_busy();  // a read is refused only by a stopped shard
    answer();
  };
  if (!exchange->services.engine.submit(std::move(work))) exchange->refuse_busy();
}

}  // namespace daybook
