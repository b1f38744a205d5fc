#include "projections/number_check.h"

#include <doctest/doctest.h>
#include <flatbuffers/flatbuffers.h>

#include "domain/native.h"
// native.h comes before the generated headers, which name its functions.
#include "schemas/envelope_generated.h"

using namespace daybook;

namespace {

template <class EventT>
void show(NumberCheck& check, EventT event, const std::string& stream) {
  schema::EnvelopeT envelope;
  envelope.stream = stream;
  envelope.event.Set(std::move(event));
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Envelope::Pack(builder, &envelope));
  check.see(*schema::GetEnvelope(builder.GetBufferPointer()));
}

void finalize(NumberCheck& check, std::uint64_t sequence, const std::string& book = "default") {
  schema::InvoiceFinalizedT event;
  event.series = "INV-";
  event.sequence = sequence;
  event.number = "INV-" + std::to_string(sequence);
  show(check, std::move(event), book + "/acme");
}

void assign(NumberCheck& check, std::uint64_t sequence, const std::string& book = "default") {
  schema::InvoiceNumberAssignedT event;
  event.series = "INV-";
  event.sequence = sequence;
  event.number = "INV-" + std::to_string(sequence);
  show(check, std::move(event), book + "/~book");
}

std::vector<std::string> faults_of(NumberCheck& check) {
  check.finish();
  std::vector<std::string> faults;
  for (const auto& [series, what] : check.faults()) faults.push_back(series.book + " " + what);
  return faults;
}

}  // namespace

TEST_CASE("INV-05: dense numbers have no fault, each book's series by itself") {
  NumberCheck check;
  for (std::uint64_t number = 1; number <= 5; ++number) {
    finalize(check, number);
    assign(check, number);
    if (number > 2) continue;
    finalize(check, number, "second");
    assign(check, number, "second");
  }
  schema::CreditNoteIssuedT note;
  note.series = "INV-";
  note.number = "INV-1";
  show(check, std::move(note), "default/acme");
  schema::CreditNoteNumberAssignedT number;
  number.series = "INV-";
  number.number = "INV-1";
  number.sequence = 1;
  show(check, std::move(number), "default/~book");
  CHECK(faults_of(check).empty());
  REQUIRE(check.last().size() == 3);
  CHECK(check.last().at({"default", "invoices", "INV-"}) == 5);
  CHECK(check.last().at({"second", "invoices", "INV-"}) == 2);
  CHECK(check.last().at({"default", "credit_notes", "INV-"}) == 1);
}

TEST_CASE("INV-05: a gap, a number given twice, and one that only the book or only the invoice has are named") {
  NumberCheck check;
  for (const std::uint64_t number : {1, 3, 3, 7}) {
    finalize(check, number);
    assign(check, number);
  }
  finalize(check, 8);
  assign(check, 1, "second");
  const std::vector<std::string> expected = {"default 2 is missing", "default 3 was given again, as INV-3",
                                             "default 4 to 6 are missing", "default INV-8 was never given",
                                             "second INV-1 was given to no document"};
  CHECK(faults_of(check) == expected);
}
