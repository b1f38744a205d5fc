// The check digits of VAT ids, one function a country or kind of number. Each takes a number whose pattern has been
// checked (domain/rules/vat_id.cpp), without the country's prefix.
#pragma once

#include <string_view>

namespace daybook::vat {

/// ISO 7064 MOD 11,10, over all digits: DE, HR.
bool mod_11_10(std::string_view digits);
/// ISO/IEC 7812 (Luhn), over all digits: IT, SE, FR's SIREN.
bool luhn(std::string_view digits);

bool austria(std::string_view id);
bool belgium(std::string_view id);
bool bulgaria(std::string_view id);
bool cyprus(std::string_view id);
bool czechia(std::string_view id);
bool denmark(std::string_view id);
bool estonia(std::string_view id);
bool finland(std::string_view id);
bool france(std::string_view id);
bool germany(std::string_view id);
bool greece(std::string_view id);
bool hungary(std::string_view id);
bool ireland(std::string_view id);
bool italy(std::string_view id);
bool latvia(std::string_view id);
bool lithuania(std::string_view id);
bool luxembourg(std::string_view id);
bool malta(std::string_view id);
bool netherlands(std::string_view id);
bool norway(std::string_view id);
bool poland(std::string_view id);
bool portugal(std::string_view id);
bool romania(std::string_view id);
bool slovakia(std::string_view id);
bool slovenia(std::string_view id);
bool spain(std::string_view id);
bool sweden(std::string_view id);
bool switzerland(std::string_view id);
bool united_kingdom(std::string_view id);

}  // namespace daybook::vat
