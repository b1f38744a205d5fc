#include "eventstore/base64.h"

#include <doctest/doctest.h>

using namespace daybook;

TEST_CASE("bytes come back from their base64, whatever they are") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
    bytes += static_cast<char>(i * 7);
  }
  CHECK(encode_base64("foobar") == "Zm9vYmFy");
  CHECK(encode_base64("fooba") == "Zm9vYmE=");
  CHECK(encode_base64("foob") == "Zm9vYg==");
}

TEST_CASE("a text that is not the one base64 of its bytes is refused") {
  CHECK(decode_base64("") == "");
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Z", "=", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9",
                                      "Zm9\n", "Zm9v\n", "Zm-_", "Z=9v", "Zm9vZ"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
}
