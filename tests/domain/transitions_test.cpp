// The state machines of accounts, invoices, payments, credits, reservations, payment methods and credit notes: every
// command in every state either goes one of the edges that are listed, or is refused and changes nothing. Those of
// subscriptions are in subscription_states_test.cpp.
#include <memory>

#include "tests/domain/crediting.h"
#include "tests/domain/paying.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// One that stands in a state, with the account that it belongs to.
struct Standing {
  std::shared_ptr<Paying> given = std::make_shared<Paying>();
  EntityRef id{};
};

struct MachineState {
  std::string_view name;
  std::string_view allowed;  ///< What a refusal names.
  Standing (*bring)();
  std::string_view status = {};  ///< Where it is not the name.
};

/// What becomes of a command in a state: a state's name, or the code of its refusal where that is not
/// invalid_transition.
struct Outcome {
  std::string_view from;
  std::string_view leads{};
  RejectionCode code = RejectionCode::none;
};

struct MachineMove {
  std::string_view name;
  std::string_view to;  ///< What a refusal says was asked for.
  Command (*command)(const Standing& standing);
  std::vector<Outcome> outcomes;  ///< Of every other state: invalid_transition.
};

using StatusOf = std::string (*)(const Standing& standing);

std::string member_of(const Rejection& rejection, std::string_view name) {
  for (const RejectionDetail& detail : rejection.details) {
    if (detail.name == name) return std::get<std::string>(detail.value);
  }
  return "(none)";
}

void check_refusal(const Rejection& rejection, const MachineState& state, const MachineMove& move) {
  CHECK(rejection.code == RejectionCode::invalid_transition);
  CHECK(member_of(rejection, "from") == (state.status.empty() ? state.name : state.status));
  CHECK(member_of(rejection, "to") == move.to);
  CHECK(member_of(rejection, "allowed") == state.allowed);
  // What is refused is not named as what would be taken.
  CHECK((", " + member_of(rejection, "allowed") + ",").find(", " + std::string(move.to) + ",") == std::string::npos);
}

void check_machine(const std::vector<MachineState>& states, const std::vector<MachineMove>& moves, StatusOf status_of) {
  for (const MachineState& state : states) {
    for (const MachineMove& move : moves) {
      CAPTURE(state.name);
      CAPTURE(move.name);
      const Standing standing = state.bring();
      const std::string_view status = state.status.empty() ? state.name : state.status;
      REQUIRE(status_of(standing) == status);
      const auto outcome = std::find_if(move.outcomes.begin(), move.outcomes.end(),
                                        [&](const Outcome& one) { return one.from == state.name; });
      const std::size_t before = standing.given->types.size();
      const Decision decision = standing.given->when(move.command(standing));
      if (outcome != move.outcomes.end() && !outcome->leads.empty()) {
        CHECK(decision.accepted());
        CHECK(status_of(standing) == outcome->leads);
        continue;
      }
      CHECK(standing.given->types.size() == before);
      CHECK(status_of(standing) == status);
      if (outcome == move.outcomes.end()) {
        check_refusal(decision.rejection, state, move);
      } else {
        CHECK(decision.rejection.code == outcome->code);
      }
    }
  }
}

template <class T>
Command on_account(const Standing&) {
  T command;
  command.account_id = "acme";
  return command;
}

Standing account_after(std::initializer_list<Command> commands) {
  Standing standing;
  for (const Command& command : commands) standing.given->accept(command);
  return standing;
}

std::string invoice_status(const Standing& standing) {
  return std::string(to_text(standing.given->invoice(standing.id).status));
}

Standing drafted() {
  Standing standing;
  standing.given->attach();
  standing.id = standing.given->draft({"1000"});
  return standing;
}

template <class T>
Standing invoice_after() {
  Standing standing = drafted();
  standing.given->accept(FinalizeInvoice{standing.id});
  if constexpr (!std::is_same_v<T, FinalizeInvoice>) standing.given->accept(T{standing.id, {}});
  return standing;
}

Standing being_collected(PaymentOutcome outcome) {
  Standing standing;
  standing.given->attach();
  standing.id = standing.given->collected("1000");
  const EntityRef payment = standing.given->last_payment().id;
  if (outcome == PaymentOutcome::action_required) standing.given->accept(Paying::challenge(payment));
  return standing;
}

Standing paid_invoice() {
  Standing standing = being_collected(PaymentOutcome::succeeded);
  standing.given->accept(Paying::success(standing.given->last_payment().id));
  return standing;
}

Standing payment_of(Standing standing) {
  standing.id = standing.given->last_payment().id;
  return standing;
}

Standing declined_payment() {
  Standing standing = payment_of(being_collected(PaymentOutcome::succeeded));
  standing.given->accept(Paying::decline(standing.id));
  return standing;
}

Standing issued_credit() {
  Standing standing;
  standing.id = standing.given->accept(issue(1'000));
  return standing;
}

Standing consumed_credit(std::int64_t amount) {
  Standing standing = issued_credit();
  standing.given->accept(consume(standing.id, amount));
  return standing;
}

Standing held_units() {
  Standing standing;
  standing.given->accept(allocate(100));
  standing.id = standing.given->accept(reserve(40));
  return standing;
}

Standing method_of(PaymentMethodStatus status) {
  Standing standing;
  standing.given->attach();
  standing.id = standing.given->attach(status);
  return standing;
}

/// A credit note that gave credit for a part of a paid invoice.
Standing noted() {
  Standing standing;
  standing.given->accept(issue(1'000));
  IssueCreditNote command;
  command.invoice = standing.given->finalized({"1000"});
  command.amount = 400;
  standing.id = standing.given->accept(command);
  return standing;
}

Standing opened_checkout_session() {
  Standing standing;
  standing.given->plan(flat_terms("1900"));
  StartCheckout command;
  command.account_id = "acme";
  command.plan_id = "plan";
  command.provider = "simulator";
  standing.id = standing.given->accept(command);
  return standing;
}

Command complete_checkout(const Standing& standing) {
  CompleteCheckout command;
  command.checkout_session = standing.id;
  command.payment_method = {"", {1, "123456789012", "ciphertext and tag"}};
  command.found.fault = RejectionCode::none;
  command.found.provider = "simulator";
  return command;
}

constexpr auto locked = RejectionCode::invoice_locked;
constexpr auto in_payment = RejectionCode::payment_in_progress;
constexpr auto gone = RejectionCode::not_found;
constexpr auto uncreditable = RejectionCode::invoice_not_creditable;

}  // namespace

TEST_CASE("TS-022, ACC-06: an account's deletion goes the edges of its states and no others") {
  const std::vector<MachineState> states = {
      {"active", "deletion_scheduled", [] { return account_after({}); }},
      {"deletion_scheduled", "active, deleted",
       [] { return account_after({on_account<ScheduleAccountDeletion>({})}); }},
      {"deleted", "",
       [] {
         return account_after({on_account<ScheduleAccountDeletion>({}), on_account<PurgeAccount>({})});
       }},
  };
  constexpr auto closed = RejectionCode::account_deleted;
  const std::vector<MachineMove> moves = {
      {"schedule",
       "deletion_scheduled",
       on_account<ScheduleAccountDeletion>,
       {{"active", "deletion_scheduled"}, {"deletion_scheduled", "deletion_scheduled"}, {"deleted", {}, closed}}},
      {"restore", "active", on_account<RestoreAccount>, {{"deletion_scheduled", "active"}, {"deleted", {}, closed}}},
      {"purge", "deleted", on_account<PurgeAccount>, {{"deletion_scheduled", "deleted"}, {"deleted", {}, closed}}},
  };
  check_machine(states, moves,
                [](const Standing& standing) { return std::string(to_text(standing.given->account.details.status)); });
}

TEST_CASE("TS-022, INV-04: an invoice goes the edges of its states and no others") {
  const std::vector<MachineState> states = {
      {"draft", "open, void", drafted},
      {"open", "paid, void, uncollectible", [] { return invoice_after<FinalizeInvoice>(); }},
      {"being collected", "paid, void, uncollectible", [] { return being_collected(PaymentOutcome::succeeded); },
       "open"},
      {"paid", "", paid_invoice},
      {"void", "", [] { return invoice_after<VoidInvoice>(); }},
      {"uncollectible", "paid", [] { return invoice_after<MarkInvoiceUncollectible>(); }},
      {"being paid late", "paid",
       [] {
         Standing standing = invoice_after<MarkInvoiceUncollectible>();
         standing.given->accept(Paying::pay(standing.id));
         return standing;
       },
       "uncollectible"},
  };
  const std::vector<MachineMove> moves = {
      {"finalize", "open", [](const Standing& one) -> Command { return FinalizeInvoice{one.id}; }, {{"draft", "open"}}},
      {"void",
       "void",
       [](const Standing& one) -> Command {
         return VoidInvoice{one.id, {}};
       },
       {{"draft", "void"},
        {"open", "void"},
        {"being collected", {}, in_payment},
        {"paid", {}, RejectionCode::refund_first}}},
      {"write off",
       "uncollectible",
       [](const Standing& one) -> Command {
         return MarkInvoiceUncollectible{one.id, {}};
       },
       {{"open", "uncollectible"}, {"being collected", {}, in_payment}}},
      {"attempt a payment",
       "paid",
       [](const Standing& one) -> Command { return Paying::pay(one.id); },
       {{"open", "open"},
        {"being collected", {}, in_payment},
        {"uncollectible", "uncollectible"},
        {"being paid late", {}, in_payment}}},
      {"be paid by the provider's word",
       "paid",
       [](const Standing& one) -> Command {
         const Invoice& invoice = one.given->invoice(one.id);
         if (!invoice.is_collecting) return Paying::pay({2, 99, 0, 0});
         return Paying::success(invoice.payment);
       },
       {{"draft", {}, gone},
        {"open", {}, gone},
        {"being collected", "paid"},
        {"paid", {}, gone},
        {"void", {}, gone},
        {"uncollectible", {}, gone},
        {"being paid late", "paid"}}},
      {"pay by a credit",
       "paid",
       [](const Standing& one) -> Command {
         IssueCredit command = issue(1'000);
         command.invoice = one.id;
         return command;
       },
       {{"open", "paid"},
        {"being collected", {}, in_payment},
        {"uncollectible", {}, uncreditable},
        {"being paid late", {}, uncreditable}}},
      {"add a line",
       "draft",
       [](const Standing& one) -> Command {
         return AddInvoiceLine{one.id, invoice_line("1")};
       },
       {{"draft", "draft"},
        {"open", {}, locked},
        {"being collected", {}, locked},
        {"paid", {}, locked},
        {"void", {}, locked},
        {"uncollectible", {}, locked},
        {"being paid late", {}, locked}}},
      {"remove a line",
       "draft",
       [](const Standing& one) -> Command {
         return RemoveInvoiceLine{one.id, 1};
       },
       {{"draft", "draft"},
        {"open", {}, locked},
        {"being collected", {}, locked},
        {"paid", {}, locked},
        {"void", {}, locked},
        {"uncollectible", {}, locked},
        {"being paid late", {}, locked}}},
      {"credit all of it",
       "paid",
       [](const Standing& one) -> Command {
         IssueCreditNote command;
         command.invoice = one.id;
         return command;
       },
       {{"draft", {}, uncreditable},
        {"open", "paid"},
        {"being collected", {}, in_payment},
        {"paid", "paid"},
        {"void", {}, uncreditable},
        {"uncollectible", {}, uncreditable},
        {"being paid late", {}, uncreditable}}},
      {"write all of it off by an adjustment",
       "paid",
       [](const Standing& one) -> Command {
         AdjustInvoice command;
         command.invoice = one.id;
         command.type = AdjustmentType::write_off;
         command.amount = 1'000;
         return command;
       },
       {{"draft", {}, uncreditable},
        {"open", "paid"},
        {"being collected", {}, in_payment},
        {"paid", {}, uncreditable},
        {"void", {}, uncreditable},
        {"uncollectible", {}, uncreditable},
        {"being paid late", {}, uncreditable}}},
  };
  check_machine(states, moves, invoice_status);
}

TEST_CASE("TS-022, PMT-02, PMT-04: what the provider says moves an open payment, and nothing one that has ended") {
  const std::vector<MachineState> states = {
      {"pending", "", [] { return payment_of(being_collected(PaymentOutcome::succeeded)); }},
      {"requires_action", "", [] { return payment_of(being_collected(PaymentOutcome::action_required)); }},
      {"succeeded", "", [] { return payment_of(paid_invoice()); }},
      {"failed", "", declined_payment},
  };
  struct Report {
    std::string_view to;
    Command (*command)(const Standing& standing);
  };
  const Report reports[] = {
      {"succeeded", [](const Standing& one) -> Command { return Paying::success(one.id); }},
      {"failed", [](const Standing& one) -> Command { return Paying::decline(one.id); }},
      {"requires_action", [](const Standing& one) -> Command { return Paying::challenge(one.id); }},
  };
  for (const MachineState& state : states) {
    for (const Report& report : reports) {
      CAPTURE(state.name);
      CAPTURE(report.to);
      const Standing standing = state.bring();
      REQUIRE(to_text(standing.given->payment(standing.id).status) == state.name);
      const bool is_open = state.name == "pending" || state.name == "requires_action";
      const std::size_t before = standing.given->types.size();
      CHECK(standing.given->when(report.command(standing)).accepted());
      CHECK(to_text(standing.given->payment(standing.id).status) == (is_open ? report.to : state.name));
      const bool changes = is_open && report.to != state.name;
      CHECK((standing.given->types.size() > before) == changes);
      // The invoice is paid by a success, and else still to be collected.
      const bool is_paid = state.name == "succeeded" || (is_open && report.to == "succeeded");
      CHECK(standing.given->account.receivable() == (is_paid ? 0 : 1'000));
    }
  }
}

TEST_CASE("TS-022, CRD-04, CRD-09: a credit goes the edges of its states and no others") {
  const std::vector<MachineState> states = {
      {"available", "consumed, expired", issued_credit},
      {"partially_applied", "consumed, expired", [] { return consumed_credit(400); }},
      {"consumed", "", [] { return consumed_credit(1'000); }},
      {"expired", "",
       [] {
         Standing standing = issued_credit();
         standing.given->accept(ExpireCredit{standing.id, {}});
         return standing;
       }},
      {"voided", "",
       [] {
         Standing standing = issued_credit();
         standing.given->accept(VoidCredit{standing.id, {}});
         return standing;
       }},
  };
  const std::vector<MachineMove> moves = {
      {"consume a part",
       "consumed",
       [](const Standing& one) -> Command { return consume(one.id, 100); },
       {{"available", "partially_applied"}, {"partially_applied", "partially_applied"}}},
      {"consume the rest",
       "consumed",
       [](const Standing& one) -> Command { return consume(one.id, one.given->money()); },
       {{"available", "consumed"}, {"partially_applied", "consumed"}}},
      {"expire",
       "expired",
       [](const Standing& one) -> Command {
         return ExpireCredit{one.id, {}};
       },
       {{"available", "expired"}, {"partially_applied", "expired"}}},
      {"void",
       "voided",
       [](const Standing& one) -> Command {
         return VoidCredit{one.id, {}};
       },
       {{"available", "voided"}}},
  };
  check_machine(states, moves, [](const Standing& standing) {
    return std::string(to_text(standing.given->account.find_grant(standing.id)->status));
  });
}

TEST_CASE("TS-022, UNI-03, UNI-04: a reservation is captured, released or expired, once") {
  const std::vector<MachineState> states = {
      {"held", "captured, released, expired", held_units},
      {"captured", "",
       [] {
         Standing standing = held_units();
         standing.given->accept(capture(standing.id));
         return standing;
       }},
      {"released", "",
       [] {
         Standing standing = held_units();
         standing.given->accept(release(standing.id));
         return standing;
       }},
      {"expired", "",
       [] {
         Standing standing = held_units();
         standing.given->pass_seconds(600);
         standing.given->run_due();
         return standing;
       }},
  };
  const std::vector<MachineMove> moves = {
      {"capture", "captured", [](const Standing& one) -> Command { return capture(one.id); }, {{"held", "captured"}}},
      {"capture a part",
       "captured",
       [](const Standing& one) -> Command { return capture(one.id, 1); },
       {{"held", "captured"}}},
      {"release", "released", [](const Standing& one) -> Command { return release(one.id); }, {{"held", "released"}}},
  };
  check_machine(states, moves, [](const Standing& standing) {
    return std::string(to_text(standing.given->account.find_hold(standing.id)->status));
  });
}

TEST_CASE("TS-022, SUB-03: a checkout session is completed or expires, and both are final") {
  const std::vector<MachineState> states = {
      {"open", "completed, expired", opened_checkout_session},
      {"completed", "",
       [] {
         Standing standing = opened_checkout_session();
         standing.given->accept(complete_checkout(standing));
         return standing;
       }},
      {"expired", "",
       [] {
         Standing standing = opened_checkout_session();
         standing.given->pass_seconds(checkout_seconds);
         standing.given->run_due();
         return standing;
       }},
  };
  const std::vector<MachineMove> moves = {
      {"complete", "completed", complete_checkout, {{"open", "completed"}, {"completed", "completed"}}},
      {"expire",
       "expired",
       [](const Standing& one) -> Command { return ExpireCheckout{one.id}; },
       {{"open", "expired"}, {"expired", "expired"}}},
  };
  check_machine(states, moves, [](const Standing& standing) {
    return std::string(to_text(standing.given->account.find_checkout_session(standing.id)->status));
  });
}

TEST_CASE("TS-022, PMM-06: a payment method of any status is detached, and is then not there for anything") {
  const std::vector<MachineState> states = {
      {"pending", "", [] { return method_of(PaymentMethodStatus::pending); }},
      {"verified", "", [] { return method_of(PaymentMethodStatus::verified); }},
      {"requires_action", "", [] { return method_of(PaymentMethodStatus::requires_action); }},
      {"expired", "", [] { return method_of(PaymentMethodStatus::expired); }},
      {"failed", "", [] { return method_of(PaymentMethodStatus::failed); }},
      {"detached", "",
       [] {
         Standing standing = method_of(PaymentMethodStatus::verified);
         standing.given->accept(DetachPaymentMethod{"acme", standing.id});
         return standing;
       }},
  };
  std::vector<Outcome> stays, goes;
  for (const MachineState& state : states) {
    const bool is_there = state.name != "detached";
    stays.push_back({state.name, is_there ? state.name : std::string_view(), is_there ? RejectionCode::none : gone});
    goes.push_back({state.name, is_there ? "detached" : std::string_view(), is_there ? RejectionCode::none : gone});
  }
  const std::vector<MachineMove> moves = {
      {"make it the default", "",
       [](const Standing& one) -> Command {
         return SetDefaultPaymentMethod{"acme", one.id};
       },
       stays},
      {"detach", "",
       [](const Standing& one) -> Command {
         return DetachPaymentMethod{"acme", one.id};
       },
       goes},
  };
  check_machine(states, moves, [](const Standing& standing) {
    const PaymentMethod* method = standing.given->account.details.find_payment_method(standing.id);
    return method == nullptr ? std::string("detached") : std::string(to_text(method->status));
  });
}

TEST_CASE("TS-022, CN-03: a credit note is voided once, and not when what it gave is used") {
  const std::vector<MachineState> states = {
      {"issued", "void", noted},
      {"issued and used", "",
       [] {
         Standing standing = noted();
         standing.given->accept(consume(standing.given->account.grants().rbegin()->first, 1));
         return standing;
       },
       "issued"},
      {"void", "",
       [] {
         Standing standing = noted();
         standing.given->accept(VoidCreditNote{standing.id, {}});
         return standing;
       }},
  };
  const std::vector<MachineMove> moves = {
      {"void",
       "void",
       [](const Standing& one) -> Command {
         return VoidCreditNote{one.id, {}};
       },
       {{"issued", "void"}}},
  };
  check_machine(states, moves, [](const Standing& standing) {
    const CreditNote* note = standing.given->account.find_credit_note(standing.id);
    return note == nullptr ? std::string("let go") : std::string(to_text(note->status));
  });
}
