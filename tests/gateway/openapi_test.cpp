// The API's document against the table of routes and the descriptions of the commands, both ways.
#include <simdjson.h>

#include <algorithm>
#include <set>

#include "doctest/doctest.h"
#include "domain/rejection.h"
#include "gateway/command_text.h"
#include "gateway/problem.h"
#include "gateway/routes.h"
#include "openapi_json.h"

using namespace daybook;

namespace {

/// The document, parsed once a test.
struct Document {
  Document() { REQUIRE(parser.parse(openapi_json().data(), openapi_json().size()).get(root) == simdjson::SUCCESS); }
  simdjson::dom::element at(const std::string& pointer) const {
    simdjson::dom::element found;
    CAPTURE(pointer);
    REQUIRE(root.at_pointer(pointer).get(found) == simdjson::SUCCESS);
    return found;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::set<std::string> words(std::string_view text) {
  std::set<std::string> found;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    found.emplace(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  return found;
}

std::set<std::string> members_of(const Document& document, simdjson::dom::element schema,
                                 const std::string& prefix = "") {
  std::set<std::string> names;
  std::string_view reference;
  if (schema["$ref"].get(reference) == simdjson::SUCCESS) schema = document.at(std::string(reference.substr(1)));
  simdjson::dom::array choices;
  if (schema["oneOf"].get(choices) == simdjson::SUCCESS) {
    for (const simdjson::dom::element choice : choices) names.merge(members_of(document, choice, prefix));
    return names;
  }
  simdjson::dom::object properties;
  if (schema["properties"].get(properties) != simdjson::SUCCESS) return names;
  for (const auto [name, value] : properties) {
    names.insert(prefix + std::string(name));
    names.merge(members_of(document, value, prefix + std::string(name) + "/"));
    simdjson::dom::element items;
    if (value["items"].get(items) == simdjson::SUCCESS) {
      names.merge(members_of(document, items, prefix + std::string(name) + "/"));
    }
  }
  return names;
}

}  // namespace

TEST_CASE("the document and the router list the same operations, parameters and permissions") {
  const Document document;
  std::set<std::string> routed, documented;
  for (const Route& route : all_routes()) {
    routed.insert(lower(to_string(route.method)) + " " + std::string(route.path) + " " +
                  std::string(route.operation_id));
  }
  const simdjson::dom::object paths = document.at("/paths");
  for (const auto [path, operations] : paths) {
    for (const auto [method, operation] : simdjson::dom::object(operations)) {
      const std::string_view id = operation["operationId"];
      documented.insert(std::string(method) + " " + std::string(path) + " " + std::string(id));
    }
  }
  CHECK(routed == documented);
}

TEST_CASE("each operation's query parameters are those that its route takes") {
  const Document document;
  const simdjson::dom::object paths = document.at("/paths");
  for (const Route& route : all_routes()) {
    CAPTURE(route.operation_id);
    simdjson::dom::element operation;
    for (const auto [path, operations] : paths) {
      if (path == route.path) operation = operations[lower(to_string(route.method))];
    }
    std::set<std::string> names;
    for (const simdjson::dom::element reference : simdjson::dom::array(operation["parameters"])) {
      const std::string_view target = reference["$ref"];
      const auto parameter = document.at(std::string(target.substr(1)));
      const std::string_view place = parameter["in"];
      const std::string_view name = parameter["name"];
      if (place == "query") names.emplace(name);
    }
    CHECK(names == words(route.query));
  }
}

TEST_CASE("each command's members are those of its line in the document") {
  const Document document;
  for (const std::string name : {"OpenAccount",
                                 "UpdateAccount",
                                 "IssueCredit",
                                 "ConsumeCredit",
                                 "ExpireCredit",
                                 "VoidCredit",
                                 "AllocateUnitCredits",
                                 "DeductUnitCredits",
                                 "AdjustUnitCredits",
                                 "ReserveUnitCredits",
                                 "CaptureReservation",
                                 "ReleaseReservation",
                                 "AdvanceSandboxClock",
                                 "CreateTestClock",
                                 "AdvanceTestClock",
                                 "CreateApiKey",
                                 "RevokeApiKey",
                                 "ScheduleAccountDeletion",
                                 "RestoreAccount",
                                 "PurgeAccount",
                                 "PlaceLegalHold",
                                 "ReleaseLegalHold",
                                 "UnparkAccount",
                                 "SetTaxRate",
                                 "CreatePlan",
                                 "RevisePlan",
                                 "RetirePlan",
                                 "RestorePlan",
                                 "SyncCatalogue",
                                 "AttachPaymentMethod",
                                 "SetDefaultPaymentMethod",
                                 "DetachPaymentMethod",
                                 "CreateDiscount",
                                 "ChangeDiscount",
                                 "RetireDiscount",
                                 "CreateCoupon",
                                 "RetireCoupon",
                                 "RedeemCoupon",
                                 "DraftInvoice",
                                 "AddInvoiceLine",
                                 "RemoveInvoiceLine",
                                 "FinalizeInvoice",
                                 "VoidInvoice",
                                 "MarkInvoiceUncollectible",
                                 "SendInvoice",
                                 "ChangePolicy",
                                 "CreateSubscription",
                                 "StartCheckout",
                                 "CompleteCheckout",
                                 "ExpireCheckout",
                                 "MirrorProviderSubscription",
                                 "CancelSubscription",
                                 "ReactivateSubscription",
                                 "IssueCreditNote",
                                 "VoidCreditNote",
                                 "AdjustInvoice",
                                 "ChangePlan",
                                 "ChangeQuantity",
                                 "CancelScheduledPlanChange",
                                 "UpdateSubscription",
                                 "PauseSubscription",
                                 "ResumeSubscription",
                                 "AttemptPayment",
                                 "RetryPayment",
                                 "RecordOfflinePayment",
                                 "IssueRefund",
                                 "RecordRefundResult",
                                 "OpenDispute",
                                 "CloseDispute",
                                 "RecordPaymentResult",
                                 "ApplyDiscount",
                                 "RemoveDiscount",
                                 "ApplyCredit",
                                 "ReceiveProviderEvent",
                                 "ProcessProviderEvent",
                                 "CreateBook",
                                 "ChangeBook",
                                 "CloseBook"}) {
    CAPTURE(name);
    const auto params = document.at("/components/schemas/Line" + name + "/properties/params");
    const std::vector<std::string> described = member_names(name);
    CHECK(members_of(document, params) == std::set<std::string>(described.begin(), described.end()));
  }
}

TEST_CASE("the document lists every error code") {
  const Document document;
  std::set<std::string> listed, known;
  for (const simdjson::dom::element code :
       simdjson::dom::array(document.at("/components/schemas/Problem/properties/code/enum"))) {
    listed.emplace(std::string_view(code));
  }
  for (const RejectionInfo& row : all_rejections()) known.emplace(row.name);
  known.emplace(link_invalid.name);
  CHECK(listed == known);
}

TEST_CASE("every reference in the document leads somewhere") {
  const Document document;
  std::string_view text = openapi_json();
  const std::string_view mark = "\"$ref\":\"#";
  while (true) {
    const std::size_t at = text.find(mark);
    if (at == text.npos) break;
    text.remove_prefix(at + mark.size());
    document.at(std::string(text.substr(0, text.find('"'))));
  }
}
