#include "tests/projections/book_builder.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "domain/evolve.h"
#include "schemas/envelope_generated.h"

namespace daybook::test {
namespace {

constexpr std::int64_t micros_per_command = 1'000;
constexpr std::string_view tag_text = "-tag-of-16-bytes";

Sensitive sealed(const std::string& text) {
  Sensitive value;
  if (!text.empty()) value.sealed = {7, "twelve bytes", text + std::string(tag_text)};
  return value;
}

schema::Instant instant(Instant at) {
  return schema::Instant(micros(at));
}

std::string_view event_text(const flatbuffers::FlatBufferBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

/// Whether a part of it was given back, or waits to be: less is left of it than its credit notes say.
bool is_given_back(const AccountState& account, EntityRef invoice) {
  const auto& parts = account.given_back.all();
  if (std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return part.invoice == invoice; })) return true;
  for (const auto& [id, subscription] : account.subscriptions()) {
    for (const auto& line : subscription.waiting) {
      if (line->credits && line->credits->invoice == invoice) return true;
    }
  }
  return false;
}

}  // namespace

TestFolder::TestFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "daybook-test-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TestFolder::~TestFolder() {
  std::filesystem::remove_all(path_);
}

BookBuilder::BookBuilder(const std::filesystem::path& folder, ShardNumber shards) {
  EventLog::Options options;
  options.directory = folder / "log";
  options.shards = shards;
  options.sync = false;
  log_ = EventLog::open(options);
}

Position BookBuilder::head(ShardNumber shard) const {
  return log_->head(shard);
}

ShardNumber BookBuilder::shard_of(std::string_view book) const {
  return static_cast<ShardNumber>(std::hash<std::string_view>()(book) % log_->shards());
}

std::string BookBuilder::stream_name(const std::string& account) {
  return account.find('/') == std::string::npos ? "default/" + account : account;
}

BookBuilder::Stream& BookBuilder::stream(const std::string& name) {
  const auto [entry, is_new] = streams_.try_emplace(name);
  if (is_new) {
    entry->second.name = name;
    const ShardNumber shard = shard_of(std::string_view(name).substr(0, name.find('/')));
    entry->second.ordinal = ++ordinals_[shard];
    by_ordinal_[{shard, entry->second.ordinal}] = name;
  }
  return entry->second;
}

BookBuilder::Stream& BookBuilder::stream_of(EntityRef entity) {
  return stream(by_ordinal_.at({entity.shard, entity.stream_ordinal}));
}

std::string BookBuilder::book_of(const Stream& stream) {
  return stream.name.substr(0, stream.name.find('/')) + "/~book";
}

DecisionContext BookBuilder::context(const Stream& stream) const {
  static const BookState no_book;
  DecisionContext context;
  context.now = now_;
  context.shard = shard_of(std::string_view(stream.name).substr(0, stream.name.find('/')));
  context.ordinal = stream.ordinal;
  context.next_version = stream.version + 1;
  context.is_test_book = true;
  const auto book = streams_.find(book_of(stream));
  context.book = book == streams_.end() ? &no_book : &book->second.book;
  context.book_ordinal = book == streams_.end() ? ordinals_.at(context.shard) + 1 : book->second.ordinal;
  return context;
}

Subject BookBuilder::submit(Stream& stream, const Command& command) {
  now_ = Instant{micros(now_) + micros_per_command};
  const bool on_book = is_book_command(command);
  const Decision decision =
      on_book ? decide(stream.book, command, context(stream)) : decide(stream.account, command, context(stream));
  REQUIRE_MESSAGE(decision.accepted(), command_name(command),
                  " rejected: ", rejection_info(decision.rejection.code).name);
  append(stream, decision, command_name(command));
  return decision.subject;
}

void BookBuilder::append(Stream& stream, const Decision& decision, std::string_view command) {
  std::uint16_t index = 0;
  append_to(stream, decision.events, decision.size(), index, command);
  if (!decision.book_events.empty()) {
    append_to(this->stream(book_of(stream)), decision.book_events, decision.size(), index, command);
  }
  now_ = Instant{micros(now_) + index};
  if (!is_held_) commit();
}

void BookBuilder::append_to(Stream& stream, const std::vector<PendingEvent>& events, std::size_t size,
                            std::uint16_t& index, std::string_view command) {
  const ShardNumber shard = shard_of(std::string_view(stream.name).substr(0, stream.name.find('/')));
  for (const PendingEvent& event : events) {
    const Position position = log_->head(shard) + pending_[shard].size() + 1;
    flatbuffers::FlatBufferBuilder builder;
    const auto payload = event.pack(builder);
    const auto name = builder.CreateString(stream.name);
    const auto principal = builder.CreateString(actor);
    const auto command_text = builder.CreateString(std::string(command));
    const auto request = builder.CreateString(request_id);
    const auto correlation = builder.CreateString(correlation_id.empty() ? request_id : correlation_id);
    schema::ActorBuilder actor_builder(builder);
    actor_builder.add_principal(principal);
    const auto actor_table = actor_builder.Finish();
    const auto decided_at = instant(now_);
    const auto recorded_at = instant(Instant{micros(now_) + index});
    schema::EnvelopeBuilder envelope(builder);
    envelope.add_shard(shard);
    envelope.add_position(position);
    envelope.add_stream(name);
    envelope.add_stream_ordinal(stream.ordinal);
    envelope.add_stream_version(++stream.version);
    envelope.add_recorded_at(&recorded_at);
    envelope.add_decided_at(&decided_at);
    envelope.add_effective_at(&decided_at);
    envelope.add_actor(actor_table);
    envelope.add_command(command_text);
    if (!request_id.empty()) envelope.add_request_id(request);
    if (!request_id.empty() || !correlation_id.empty()) envelope.add_correlation_id(correlation);
    envelope.add_command_index(index++);
    envelope.add_command_size(static_cast<std::uint16_t>(size));
    envelope.add_sealing_key(7);
    envelope.add_event_type(static_cast<schema::Event>(event.type()));
    envelope.add_event(payload);
    schema::FinishEnvelopeBuffer(builder, envelope.Finish());
    stream.positions.push_back(position);
    pending_[shard].emplace_back(event_text(builder));
    const schema::Envelope& stored = *schema::GetEnvelope(builder.GetBufferPointer());
    if (command.empty()) continue;  // Planted.
    if (stream.name.find("/~") == std::string::npos) {
      evolve(stream.account, stored);
    } else {
      evolve(stream.book, stored);
    }
  }
}

void BookBuilder::commit() {
  for (auto& [shard, events] : pending_) {
    if (events.empty()) continue;
    const std::vector<std::string_view> views(events.begin(), events.end());
    log_->append(shard, log_->head(shard) + 1, views);
    events.clear();
  }
}

void BookBuilder::plant(const std::string& account, PendingEvent event) {
  Decision planted;
  planted.events.push_back(std::move(event));
  append(stream(stream_name(account)), planted, {});
}

void BookBuilder::open_account(const std::string& account, const std::string& email, const std::string& currency) {
  Stream& opened = stream(stream_name(account));
  OpenAccount command;
  command.account_id = opened.name.substr(opened.name.find('/') + 1);
  command.name = sealed("name of " + account);
  command.email = sealed(email);
  command.currency = find_currency(currency);
  command.time_zone = "UTC";
  command.address.country = "NL";
  submit(opened, command);
}

void BookBuilder::change_email(const std::string& account, const std::string& email) {
  UpdateAccount command;
  command.account_id = account;
  command.email = {Change<Sensitive>::Kind::set, sealed(email)};
  submit(stream(stream_name(account)), command);
}

void BookBuilder::change_country(const std::string& account, const std::string& country) {
  UpdateAccount command;
  command.account_id = account;
  command.country = {Change<std::string>::Kind::set, country};
  submit(stream(stream_name(account)), command);
}

EntityRef BookBuilder::issue_credit(const std::string& account, std::int64_t amount, CreditType type,
                                    std::optional<Instant> expires_at) {
  Stream& credited = stream(stream_name(account));
  IssueCredit command;
  command.account_id = credited.account.details.id;
  command.amount = amount;
  command.currency = credited.account.details.currency;
  command.type = type;
  command.reason = sealed("why");
  command.expires_at = expires_at;
  return submit(credited, command).id;
}

void BookBuilder::consume(EntityRef credit, std::int64_t amount) {
  ConsumeCredit command;
  command.credit = credit;
  command.amount = amount;
  command.reason = sealed("used");
  submit(stream_of(credit), command);
}

void BookBuilder::expire(EntityRef credit) {
  ExpireCredit command;
  command.credit = credit;
  submit(stream_of(credit), command);
}

void BookBuilder::void_credit(EntityRef credit) {
  VoidCredit command;
  command.credit = credit;
  submit(stream_of(credit), command);
}

void BookBuilder::allocate(const std::string& account, std::int64_t amount, const std::string& unit,
                           std::optional<Instant> expires_at) {
  AllocateUnitCredits command;
  command.account_id = account;
  command.unit = unit;
  command.amount = amount;
  command.expires_at = expires_at;
  submit(stream(stream_name(account)), command);
}

void BookBuilder::deduct(const std::string& account, std::int64_t amount, const std::string& unit) {
  DeductUnitCredits command;
  command.account_id = account;
  command.unit = unit;
  command.amount = amount;
  submit(stream(stream_name(account)), command);
}

void BookBuilder::adjust(const std::string& account, std::int64_t amount, const std::string& unit) {
  AdjustUnitCredits command;
  command.account_id = account;
  command.unit = unit;
  command.amount = amount;
  command.reason = sealed("counted again");
  submit(stream(stream_name(account)), command);
}

EntityRef BookBuilder::reserve(const std::string& account, std::int64_t amount, const std::string& unit) {
  ReserveUnitCredits command;
  command.account_id = account;
  command.unit = unit;
  command.amount = amount;
  command.ttl_seconds = 3'600;
  return submit(stream(stream_name(account)), command).id;
}

void BookBuilder::capture(const std::string& account, EntityRef reservation, std::optional<std::int64_t> amount) {
  CaptureReservation command;
  command.account_id = account;
  command.reservation = reservation;
  command.amount = amount;
  submit(stream(stream_name(account)), command);
}

void BookBuilder::release(const std::string& account, EntityRef reservation) {
  ReleaseReservation command;
  command.account_id = account;
  command.reservation = reservation;
  submit(stream(stream_name(account)), command);
}

void BookBuilder::advance(std::int64_t seconds) {
  now_ = Instant{micros(now_) + seconds * micros_per_second};
  for (auto& [name, one] : streams_) {
    while (one.account.next_due() <= now_) {
      const DueItem item = *one.account.due().begin();
      append(one, decide_due(one.account, item, context(one)), "RunDueWork");
    }
  }
}

void BookBuilder::advance_book_clock(const std::string& book) {
  AdvanceSandboxClock command;
  command.advance = Duration{0, 1, 0};
  submit(stream(book + "/~book"), command);
}

const AccountState& BookBuilder::state(const std::string& account) {
  return stream(stream_name(account)).account;
}

std::string BookBuilder::digest_of(std::string_view email) {
  return email.empty() ? std::string() : "hmac of " + std::string(email);
}

std::string BookBuilder::digest_of_sealed(const Sealed& email) {
  return digest_of(std::string_view(email.bytes).substr(0, email.bytes.size() - tag_text.size()));
}

std::vector<Position> BookBuilder::stream_positions(const std::string& stream, std::uint64_t from,
                                                    std::uint64_t to) const {
  const auto found = streams_.find(stream);
  std::vector<Position> positions;
  if (found == streams_.end()) return positions;
  const auto& all = found->second.positions;
  for (std::uint64_t version = from; version <= to && version <= all.size(); ++version) {
    positions.push_back(all[version - 1]);
  }
  return positions;
}

std::vector<Position> BookBuilder::scan(std::string_view book,
                                        const std::function<bool(const schema::Envelope&)>& matches) const {
  std::vector<Position> positions;
  const std::string prefix = std::string(book) + "/";
  const auto reader = log_->read_forward(shard_of(book), 1);
  StoredEvent event;
  while (reader->next(event)) {
    const schema::Envelope& envelope = *schema::GetEnvelope(event.envelope.data());
    if (envelope.stream()->string_view().starts_with(prefix) && matches(envelope)) positions.push_back(event.position);
  }
  return positions;
}

Position BookBuilder::random_commands(std::mt19937_64& random, std::size_t count, std::size_t accounts) {
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  hold();
  for (std::size_t i = 0; i < count; ++i) {
    request_id = "req_" + std::to_string(random() % 1'000);
    actor = "key:" + std::to_string(below(3));
    const std::size_t number = below(accounts);
    const std::string account = (number % 3 == 0 ? "second/a" : "default/a") + std::to_string(number);
    if (!state(account).exists()) {
      open_account(account, below(2) == 0 ? "somebody@example.com" : std::string(), below(2) == 0 ? "USD" : "JPY");
    } else {
      random_command(random, account);
    }
    if (below(200) == 0) advance(1'800);
    if (below(8) == 0) commit();
  }
  commit();
  is_held_ = false;
  Position events = 0;
  for (ShardNumber shard = 0; shard < log_->shards(); ++shard) events += log_->head(shard);
  return events;
}

EntityRef BookBuilder::draft_invoice(const std::string& account, std::int64_t amount) {
  Stream& invoiced = stream(stream_name(account));
  DraftInvoice command;
  command.account_id = invoiced.account.details.id;
  command.net_days = 0;
  command.lines.emplace_back().unit_amount = std::to_string(amount);
  command.lines.back().description = sealed("what for");
  return submit(invoiced, command).id;
}

void BookBuilder::add_line(EntityRef invoice, std::int64_t amount) {
  AddInvoiceLine command;
  command.invoice = invoice;
  command.line.unit_amount = std::to_string(amount);
  submit(stream_of(invoice), command);
}

void BookBuilder::finalize(EntityRef invoice) {
  submit(stream_of(invoice), FinalizeInvoice{invoice});
}

void BookBuilder::void_invoice(EntityRef invoice) {
  submit(stream_of(invoice), VoidInvoice{invoice, {}});
}

void BookBuilder::write_off(EntityRef invoice) {
  submit(stream_of(invoice), MarkInvoiceUncollectible{invoice, {}});
}

EntityRef BookBuilder::credit_invoice(EntityRef invoice, std::optional<std::int64_t> amount) {
  IssueCreditNote command;
  command.invoice = invoice;
  command.amount = amount;
  command.reason = sealed("a complaint");
  command.memo = sealed("we are sorry");
  return submit(stream_of(invoice), command).id;
}

void BookBuilder::void_credit_note(EntityRef note) {
  submit(stream_of(note), VoidCreditNote{note, sealed("a mistake")});
}

EntityRef BookBuilder::adjust_invoice(EntityRef invoice, AdjustmentType type, std::int64_t amount) {
  AdjustInvoice command;
  command.invoice = invoice;
  command.type = type;
  command.amount = amount;
  command.reason = sealed("a favour");
  return submit(stream_of(invoice), command).id;
}

void BookBuilder::random_correcting(std::mt19937_64& random, const std::string& account) {
  for (const auto& [id, note] : state(account).credit_notes()) {
    const Invoice* lowered = state(account).find_invoice(note.invoice);
    const bool is_fixed = (lowered != nullptr && lowered->is_collecting) || is_given_back(state(account), note.invoice);
    if (note.is_open() && !is_fixed && random() % 3 == 0) return void_credit_note(id);
  }
  const auto& invoices = state(account).invoices();
  // The newest first, which may be open.
  for (auto one = invoices.rbegin(); one != invoices.rend(); ++one) {
    const EntityRef id = one->first;
    const Invoice invoice = state(account).with_credit_notes(one->second);
    const bool is_correctable =
        (invoice.status == InvoiceStatus::open || invoice.status == InvoiceStatus::paid) && !invoice.is_collecting;
    std::int64_t left = invoice.total;
    for (const CreditNoteShare& note : invoice.credit_notes) left -= note.total;
    for (const auto& [refund_id, refund] : state(account).refunds()) {
      if (refund.is_open() && refund.invoice == id) left -= refund.amount;
    }
    if (!is_correctable || left <= 0 || is_given_back(state(account), id) || random() % 3 == 0) continue;
    const auto amount = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(left)) + 1;
    const std::int64_t due = invoice.amount_remaining();
    if (invoice.status == InvoiceStatus::paid || due < amount || random() % 4 == 0) {
      return void(credit_invoice(id, amount));
    }
    return void(adjust_invoice(id, static_cast<AdjustmentType>(random() % 4 + 1), amount));
  }
}

void BookBuilder::random_invoicing(std::mt19937_64& random, const std::string& account) {
  if (random() % 4 == 0) return random_correcting(random, account);
  const Invoice* invoice = nullptr;
  for (const auto& [id, one] : state(account).invoices()) {
    const bool can_change = one.is_open() && one.status != InvoiceStatus::uncollectible;
    if (can_change && (invoice == nullptr || random() % 2 == 0)) invoice = &one;
  }
  if (invoice == nullptr || random() % 4 == 0) {
    return void(draft_invoice(account, static_cast<std::int64_t>(random() % 900)));
  }
  const EntityRef id = invoice->id;
  if (invoice->is_collecting) return record(invoice->payment, static_cast<PaymentOutcome>(1 + random() % 2));
  if (invoice->status == InvoiceStatus::open) {
    const bool stays = state(account).billed.is_given_back(id);
    return stays || random() % 3 == 0 ? write_off(id) : void_invoice(id);
  }
  if (random() % 4 == 0) return add_line(id, 100);
  return finalize(id);
}

EntityRef BookBuilder::attach_method(const std::string& account) {
  Stream& paying = stream(stream_name(account));
  AttachPaymentMethod command;
  command.account_id = paying.account.details.id;
  command.token = sealed("tok_ok");
  command.is_default = true;
  command.found.fault = RejectionCode::none;
  command.found.provider = "simulator";
  return submit(paying, command).id;
}

EntityRef BookBuilder::pay(EntityRef invoice) {
  AttemptPayment command;
  command.invoice = invoice;
  return submit(stream_of(invoice), command).id;
}

void BookBuilder::record(EntityRef payment, PaymentOutcome outcome) {
  RecordPaymentResult command;
  command.payment = payment;
  command.outcome = outcome;
  command.transaction_id = "ch_1";
  if (outcome == PaymentOutcome::failed) command.code = "card_declined";
  if (outcome == PaymentOutcome::action_required) command.action_url = "https://bank.test/confirm";
  submit(stream_of(payment), command);
}

EntityRef BookBuilder::receive(EntityRef invoice, std::int64_t amount) {
  RecordOfflinePayment command;
  command.invoice = invoice;
  command.amount = amount;
  command.reference = sealed("statement 7");
  command.received_at = now_;
  return submit(stream_of(invoice), command).id;
}

EntityRef BookBuilder::refund(EntityRef payment, std::int64_t amount, RefundDestination destination) {
  IssueRefund command;
  command.payment = payment;
  command.amount = amount;
  command.destination = destination;
  command.reason = RefundReason::other;
  command.description = sealed("not what it was");
  return submit(stream_of(payment), command).id;
}

void BookBuilder::record_refund(EntityRef refund, RefundOutcome outcome) {
  RecordRefundResult command;
  command.refund = refund;
  command.outcome = outcome;
  command.provider_refund_id = "re_1";
  if (outcome == RefundOutcome::failed) command.code = "lost_or_stolen_card";
  submit(stream_of(refund), command);
}

EntityRef BookBuilder::dispute(EntityRef payment, std::int64_t amount) {
  Stream& disputed = stream_of(payment);
  OpenDispute command;
  command.payment = payment;
  command.amount = amount;
  command.reason = "fraudulent";
  command.provider_dispute_id =
      format_id("pay", payment) + std::to_string(disputed.account.reversals_of(payment).disputes.size());
  return submit(disputed, command).id;
}

void BookBuilder::close_dispute(EntityRef dispute, DisputeOutcome outcome) {
  Stream& disputed = stream_of(dispute);
  const Dispute open = *disputed.account.find_dispute(dispute);
  submit(disputed, CloseDispute{open.payment, open.provider_dispute_id, outcome});
}

bool BookBuilder::random_reversing(std::mt19937_64& random, const std::string& account) {
  const AccountState& now = state(account);
  for (const auto& [id, refund] : now.refunds()) {
    if (!refund.is_open()) continue;
    record_refund(id, static_cast<RefundOutcome>(1 + random() % 3));
    return true;
  }
  for (const auto& [id, dispute] : now.disputes()) {
    if (!dispute.is_open()) continue;
    close_dispute(id, static_cast<DisputeOutcome>(1 + random() % 2));
    return true;
  }
  for (const auto& [id, one] : now.payments()) {
    const Payment payment = now.with_reversals(one);
    if (!payment.is_collected() || random() % 3 == 0) continue;
    if (payment.status != PaymentStatus::refunded && payment.reversals.disputes.size() < 3 && random() % 3 == 0) {
      dispute(id, payment.amount);
      return true;
    }
    const Invoice& invoice = *now.find_invoice(payment.invoice);
    const bool is_creditable = invoice.status == InvoiceStatus::open || invoice.status == InvoiceStatus::paid;
    if (!is_creditable || invoice.is_collecting) continue;
    std::int64_t left = invoice.total;
    for (const CreditNoteShare& note : now.with_credit_notes(invoice).credit_notes) {
      left -= note.total;
    }
    left = std::min(left, payment.refundable());
    if (left <= 0 || is_given_back(now, payment.invoice)) continue;
    const auto amount = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(left)) + 1;
    refund(id, amount,
           payment.is_offline() ? RefundDestination::credit : static_cast<RefundDestination>(1 + random() % 2));
    return true;
  }
  return false;
}

void BookBuilder::random_paying(std::mt19937_64& random, const std::string& account) {
  if (random() % 3 == 0 && random_reversing(random, account)) return;
  const AccountState& now = state(account);
  for (const auto& [id, payment] : now.payments()) {
    if (!payment.is_open() || random() % 3 == 0) continue;
    const bool is_first = payment.status == PaymentStatus::pending;
    return record(id, static_cast<PaymentOutcome>(1 + random() % (is_first ? 3 : 2)));
  }
  if (now.details.payment_methods.size() < 3) return void(attach_method(account));
  for (const auto& [id, invoice] : now.invoices()) {
    const std::int64_t owed = invoice.amount_collectible();
    if (owed <= 0 || invoice.is_collecting) continue;
    if (random() % 3 != 0) return void(pay(id));
    return void(receive(id, static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * owed)) + 1));
  }
}

void BookBuilder::offer_plan(const std::string& book) {
  auto terms = std::make_shared<schema::PlanTermsT>();
  terms->name = "A plan";
  auto price = std::make_unique<schema::PlanPriceT>();
  price->currency = currency_of("USD").packed;
  price->unit_amount = "1000";
  auto yearly = std::make_unique<schema::PlanPriceT>(*price);
  yearly->interval = schema::IntervalUnit::year;
  terms->prices.push_back(std::move(price));
  terms->prices.push_back(std::move(yearly));
  submit(stream(book + "/~book"), CreatePlan{"plan", {}, std::move(terms)});
}

EntityRef BookBuilder::subscribe(const std::string& account, std::int32_t trial_days) {
  Stream& subscribed = stream(stream_name(account));
  CreateSubscription command;
  command.account_id = subscribed.account.details.id;
  command.plan_id = "plan";
  command.trial_days = trial_days;
  command.metadata = sealed("{}");
  return submit(subscribed, command).id;
}

void BookBuilder::cancel(EntityRef subscription, CancellationMode mode) {
  submit(stream_of(subscription), CancelSubscription{{}, subscription, mode, sealed("too dear"), {}});
}

void BookBuilder::reactivate(EntityRef subscription) {
  submit(stream_of(subscription), ReactivateSubscription{{}, subscription});
}

void BookBuilder::change_plan(EntityRef subscription, BillingInterval interval, ProrationBehavior behavior) {
  ChangePlan command;
  command.subscription = subscription;
  command.interval = interval;
  command.effective = ChangeEffect::now;
  command.proration_behavior = behavior;
  command.reason = sealed("longer");
  submit(stream_of(subscription), command);
}

void BookBuilder::change_quantity(EntityRef subscription, std::int64_t quantity, ChangeEffect effective,
                                  ProrationBehavior behavior) {
  ChangeQuantity command;
  command.subscription = subscription;
  command.quantity = quantity;
  command.effective = effective;
  command.proration_behavior = behavior;
  submit(stream_of(subscription), command);
}

void BookBuilder::mirror(EntityRef subscription, const std::string& provider_id, bool has_ended) {
  submit(stream_of(subscription),
         MirrorProviderSubscription{subscription, "stripe", provider_id, has_ended ? "canceled" : "active", has_ended});
}

void BookBuilder::cancel_scheduled_change(EntityRef subscription) {
  CancelScheduledPlanChange command;
  command.subscription = subscription;
  submit(stream_of(subscription), command);
}

void BookBuilder::pause(EntityRef subscription, std::optional<std::int64_t> seconds) {
  PauseSubscription command;
  command.subscription = subscription;
  if (seconds) command.resumes_at = Instant{micros(now_) + *seconds * micros_per_second};
  command.reason = sealed("away");
  submit(stream_of(subscription), command);
}

void BookBuilder::resume(EntityRef subscription) {
  submit(stream_of(subscription), ResumeSubscription{{}, subscription});
}

void BookBuilder::random_change(std::mt19937_64& random, const Subscription& subscription) {
  const EntityRef id = subscription.id;
  // While one is under way plan and quantity are not changed.
  for (const auto& [payment_id, payment] : stream_of(id).account.payments()) {
    if (payment.is_open()) return record(payment_id, static_cast<PaymentOutcome>(1 + random() % 2));
  }
  const AccountState& now = stream_of(id).account;
  for (const EntityRef failed : now.details.payments.failed) {
    if (now.find_invoice(failed)->subscription == id) return void(pay(failed));
  }
  const auto behavior = static_cast<ProrationBehavior>(1 + random() % 3);
  const std::int64_t quantity = subscription.quantity % 9 + 1;
  switch (random() % 4) {
    case 0:
      if (subscription.scheduled_plan) return cancel_scheduled_change(id);
      return change_quantity(id, quantity, ChangeEffect::period_end, behavior);
    case 1: {
      const bool is_yearly = subscription.price->interval == schema::IntervalUnit::year;
      return change_plan(id, is_yearly ? BillingInterval::month : BillingInterval::year, behavior);
    }
    case 2: {
      UpdateSubscription command;
      command.subscription = id;
      command.metadata = {Change<Sensitive>::Kind::set, sealed("{}")};
      return void(submit(stream_of(id), command));
    }
    default:
      return change_quantity(id, quantity, ChangeEffect::now, behavior);
  }
}

void BookBuilder::random_subscribing(std::mt19937_64& random, const std::string& account) {
  const std::string name = stream_name(account);
  const std::string book = name.substr(0, name.find('/'));
  if (!stream(book + "/~book").book.catalogue->plans.contains("plan")) return offer_plan(book);
  const Subscription* subscription = nullptr;
  for (const auto& [id, one] : state(account).subscriptions()) {
    if (subscription == nullptr || random() % 2 == 0) subscription = &one;
  }
  if (subscription == nullptr || random() % 4 == 0) {
    // Only accounts in the plan's currency can have it.
    if (state(account).details.currency == currency_of("USD"))
      subscribe(account, static_cast<std::int32_t>(random() % 3));
    return;
  }
  const EntityRef id = subscription->id;
  if (random() % 8 == 0) return mirror(id, "at_" + std::to_string(random() % 5), random() % 4 == 0);
  if (!subscription->is_live() || (subscription->cancels_at_period_end && random() % 2 == 0)) return reactivate(id);
  if (subscription->is_paused() && random() % 2 == 0) return resume(id);
  if (!subscription->is_paused() && !subscription->is_past_due() && random() % 4 == 0) {
    return pause(id, random() % 2 == 0 ? std::optional<std::int64_t>(1 + random() % 5'000) : std::nullopt);
  }
  if (!subscription->is_paused() && random() % 2 == 0) return random_change(random, *subscription);
  cancel(id, random() % 2 == 0 ? CancellationMode::period_end : CancellationMode::immediate);
}

void BookBuilder::random_command(std::mt19937_64& random, const std::string& account) {
  const AccountState& now = state(account);
  const auto amount = static_cast<std::int64_t>(1 + random() % 500);
  const std::string unit = random() % 4 == 0 ? "tokens" : "credits";
  const std::int64_t available = now.wallet({unit, false}).available;
  const auto soon = random() % 3 == 0 ? std::optional(Instant{micros(now_) + 3'000 * micros_per_second}) : std::nullopt;
  const Grant* open = nullptr;
  for (const auto& [id, grant] : now.grants()) {
    if (grant.asset.is_money && grant.is_open() && (open == nullptr || random() % 2 == 0)) open = &grant;
  }
  const Hold* hold = nullptr;
  for (const auto& [id, one] : now.holds()) {
    if (one.is_open()) hold = &one;
  }
  switch (random() % 16) {
    case 0:
      return change_country(account, now.details.country == "NL" ? "DE" : "NL");
    case 1:
      return change_email(account, "mail" + std::to_string(random() % 5) + "@example.com");
    case 2:
    case 3:
      return void(issue_credit(account, amount, static_cast<CreditType>(1 + random() % 7), soon));
    case 4:
    case 5:
      if (open != nullptr) return consume(open->id, std::min(open->free(), amount));
      return allocate(account, amount, unit, soon);
    case 6:
      if (open == nullptr) return allocate(account, amount, unit, soon);
      // What a credit note gave is voided with it.
      return open->remaining == open->amount && static_cast<CreditType>(open->type) != CreditType::adjustment
                 ? void_credit(open->id)
                 : expire(open->id);
    case 7:
      return allocate(account, amount, unit, soon);
    case 8:
      if (available >= amount) return void(reserve(account, amount, unit));
      return adjust(account, amount, unit);
    case 9:
      if (hold != nullptr) return capture(account, hold->id, random() % 2 == 0 ? std::optional(hold->amount) : 1);
      return allocate(account, amount, unit, soon);
    case 11:
    case 12:
      return random_invoicing(random, account);
    case 13:
      return random_subscribing(random, account);
    case 14:
      return random_paying(random, account);
    case 10:
      if (hold != nullptr) return release(account, hold->id);
      return advance_book_clock(account.substr(0, account.find('/')));
    default:
      if (available >= amount) return deduct(account, amount, unit);
      return allocate(account, amount * 3, unit);
  }
}

}  // namespace daybook::test
