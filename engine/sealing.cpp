#include "engine/sealing.h"

#include <algorithm>

#include "domain/rules/vat_id.h"

namespace daybook {
namespace {

/// Whose VAT id it is, if it is one: known from here on, where the id itself is sealed.
std::string country_of(const Sensitive& vat_id) {
  const VatIdCheck check = check_vat_id(vat_id.clear);
  return check.fault == VatIdFault::none ? check.country : std::string();
}

struct Sealer {
  Keyring& keys;
  std::uint64_t& key_id;  ///< Renewed if it is gone.
  std::string_view stream;
  const AccountDetails* current;

  void seal(Sensitive& member, std::string_view field) const {
    if (member.clear.empty()) return;
    if (!keys.is_living(key_id)) key_id = keys.new_key();
    member.sealed = keys.seal(key_id, stream, field, member.clear);
  }
  void change(Change<Sensitive>& member, std::string_view field, const Sealed& now) const {
    if (!member.is_set()) return;
    if (!now.empty() && keys.unseal(now, stream, field) == member.value.clear) {
      member.value.sealed = now;
      return;
    }
    seal(member.value, field);
  }

  void operator()(OpenAccount& command) const {
    seal(command.name, "name");
    seal(command.email, "email");
    seal(command.billing_email, "billing_email");
    seal(command.company, "company");
    seal(command.tax_id, "tax_id");
    seal(command.vat_id, "vat_id");
    command.vat_id_country = country_of(command.vat_id);
    seal(command.metadata, "metadata");
    seal(command.address.line1, "line1");
    seal(command.address.line2, "line2");
    seal(command.address.city, "city");
    seal(command.payment_method_token, "token");
  }
  void operator()(UpdateAccount& command) const {
    if (current == nullptr) return;
    change(command.name, "name", current->name);
    change(command.email, "email", current->email);
    change(command.billing_email, "billing_email", current->billing_email);
    change(command.company, "company", current->company);
    change(command.tax_id, "tax_id", current->tax_id);
    change(command.vat_id, "vat_id", current->vat_id);
    command.vat_id_country = country_of(command.vat_id.value);
    change(command.metadata, "metadata", current->metadata);
    change(command.line1, "line1", current->line1);
    change(command.line2, "line2", current->line2);
    change(command.city, "city", current->city);
  }
  void operator()(IssueCredit& command) const {
    seal(command.reason, "reason");
    seal(command.metadata, "metadata");
  }
  void operator()(ConsumeCredit& command) const { seal(command.reason, "reason"); }
  void operator()(ExpireCredit& command) const { seal(command.reason, "reason"); }
  void operator()(VoidCredit& command) const { seal(command.reason, "reason"); }
  void operator()(AllocateUnitCredits& command) const { seal(command.reason, "reason"); }
  void operator()(DeductUnitCredits& command) const { seal(command.reason, "reason"); }
  void operator()(AdjustUnitCredits& command) const { seal(command.reason, "reason"); }
  void operator()(ReserveUnitCredits&) const {}
  void operator()(CaptureReservation&) const {}
  void operator()(ReleaseReservation&) const {}
  void operator()(ScheduleAccountDeletion& command) const { seal(command.reason, "reason"); }
  void operator()(RestoreAccount& command) const { seal(command.reason, "reason"); }
  void operator()(PurgeAccount&) const {}
  void operator()(PlaceLegalHold& command) const { seal(command.reason, "reason"); }
  void operator()(ReleaseLegalHold& command) const { seal(command.reason, "reason"); }
  void operator()(UnparkAccount& command) const { seal(command.reason, "reason"); }
  void operator()(AdvanceSandboxClock&) const {}
  void operator()(CreateTestClock&) const {}
  void operator()(AdvanceTestClock&) const {}
  void operator()(CreateBook&) const {}
  void operator()(ChangeBook&) const {}
  void operator()(CloseBook&) const {}
  void operator()(CreateApiKey&) const {}
  void operator()(RevokeApiKey&) const {}
  void operator()(CreatePlan&) const {}
  void operator()(RevisePlan&) const {}
  void operator()(RetirePlan&) const {}
  void operator()(RestorePlan&) const {}
  void operator()(SyncCatalogue&) const {}
  void operator()(AttachPaymentMethod& command) const {
    seal(command.token, "token");
    seal(command.metadata, "metadata");
  }
  void operator()(SetDefaultPaymentMethod&) const {}
  void operator()(DetachPaymentMethod&) const {}
  void operator()(CreateDiscount&) const {}
  void operator()(ChangeDiscount&) const {}
  void operator()(RetireDiscount&) const {}
  void operator()(CreateCoupon&) const {}
  void operator()(RetireCoupon&) const {}
  void operator()(RedeemCoupon&) const {}
  void operator()(DraftInvoice& command) const {
    for (InvoiceLineInput& line : command.lines) seal(line.description, "description");
    seal(command.metadata, "metadata");
  }
  void operator()(AddInvoiceLine& command) const { seal(command.line.description, "description"); }
  void operator()(RemoveInvoiceLine&) const {}
  void operator()(FinalizeInvoice&) const {}
  void operator()(VoidInvoice& command) const { seal(command.reason, "reason"); }
  void operator()(MarkInvoiceUncollectible& command) const { seal(command.reason, "reason"); }
  void operator()(SendInvoice&) const {}
  void operator()(ChangePolicy&) const {}
  void operator()(SetTaxRate&) const {}
  void operator()(CreateSubscription& command) const {
    seal(command.metadata, "metadata");
    seal(command.payment_method, "token");
  }
  void operator()(StartCheckout& command) const {
    seal(command.metadata, "metadata");
    seal(command.success_url, "success_url");
    seal(command.cancel_url, "cancel_url");
  }
  void operator()(CompleteCheckout& command) const { seal(command.payment_method, "token"); }
  void operator()(ExpireCheckout&) const {}
  void operator()(MirrorProviderSubscription&) const {}
  void operator()(CancelSubscription& command) const {
    seal(command.reason, "cancel_reason");
    seal(command.comment, "cancel_comment");
  }
  void operator()(ReactivateSubscription&) const {}
  void operator()(IssueCreditNote& command) const {
    seal(command.reason, "reason");
    seal(command.memo, "memo");
  }
  void operator()(VoidCreditNote& command) const { seal(command.reason, "void_reason"); }
  void operator()(AdjustInvoice& command) const { seal(command.reason, "reason"); }
  void operator()(ChangePlan& command) const { seal(command.reason, "reason"); }
  void operator()(ChangeQuantity& command) const { seal(command.reason, "reason"); }
  void operator()(CancelScheduledPlanChange&) const {}
  void operator()(UpdateSubscription& command) const { seal(command.metadata.value, "metadata"); }
  void operator()(PauseSubscription& command) const { seal(command.reason, "reason"); }
  void operator()(ResumeSubscription&) const {}
  void operator()(AttemptPayment&) const {}
  void operator()(RetryPayment&) const {}
  void operator()(RecordPaymentResult&) const {}
  void operator()(RecordOfflinePayment& command) const { seal(command.reference, "reference"); }
  void operator()(IssueRefund& command) const { seal(command.description, "description"); }
  void operator()(RecordRefundResult&) const {}
  void operator()(OpenDispute&) const {}
  void operator()(CloseDispute&) const {}
  void operator()(ApplyDiscount&) const {}
  void operator()(RemoveDiscount&) const {}
  void operator()(ApplyCredit&) const {}
  void operator()(ReceiveProviderEvent&) const {}  // by the shard, under the key of the account that it is about
  void operator()(ProcessProviderEvent&) const {}
};

}  // namespace

std::uint64_t seal_command(Command& command, Keyring& keys, std::uint64_t key_id, std::string_view stream,
                           const AccountDetails* current) {
  std::visit(Sealer{keys, key_id, stream, current}, command);
  return key_id;
}

std::string email_digest(Keyring& keys, std::string_view book, std::string_view email) {
  std::string lower(email);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return keys.hmac("email:" + std::string(book), lower);
}

std::function<std::string(std::string_view, std::string_view, const Sealed&)> email_digester(Keyring& keys) {
  return [&keys](std::string_view book, std::string_view stream, const Sealed& email) {
    const auto clear = keys.unseal(email, stream, "email");
    return clear ? email_digest(keys, book, *clear) : std::string();
  };
}

}  // namespace daybook
