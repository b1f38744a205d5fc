#include "connectors/circuit_breaker.h"

namespace daybook {

std::optional<CircuitBreaker::Permit> CircuitBreaker::admit(Time now) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::closed) return Permit{round_};
  if (now - since_ < options_.pause) return std::nullopt;
  state_ = State::half_open;
  since_ = now;
  return Permit{++round_};
}

void CircuitBreaker::succeeded(Permit permit) {
  const std::lock_guard lock(mutex_);
  if (permit.round != round_) return;
  failures_ = 0;
  if (state_ == State::closed) return;
  state_ = State::closed;
  ++round_;
}

void CircuitBreaker::failed(Permit permit, Time now) {
  const std::lock_guard lock(mutex_);
  if (permit.round != round_) return;
  if (state_ == State::closed && ++failures_ < options_.failures_max) return;
  state_ = State::open;
  since_ = now;
  failures_ = 0;
  ++round_;
}

CircuitBreaker::State CircuitBreaker::state(Time now) const {
  const std::lock_guard lock(mutex_);
  if (state_ == State::open && now - since_ >= options_.pause) return State::half_open;
  return state_;
}

}  // namespace daybook
