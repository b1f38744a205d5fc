// tzdata.zi names every zone ("Z name ...") and link ("L target name"); zone.tab's lines are
// country<TAB>coordinates<TAB>zone, a country's most populous zone first.
#include "gateway/time_zones.h"

#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace daybook {
namespace {

struct Zones {
  std::set<std::string, std::less<>> names = {"UTC"};
  std::map<std::string, std::string, std::less<>> by_country;
};

Zones read_zones() {
  Zones zones;
  std::ifstream list("/usr/share/zoneinfo/tzdata.zi");
  for (std::string line; std::getline(list, line);) {
    std::istringstream words(line);
    std::string kind, first, second;
    words >> kind >> first >> second;
    if (kind == "Z") zones.names.insert(first);
    if (kind == "L") zones.names.insert(second);
  }
  std::ifstream countries("/usr/share/zoneinfo/zone.tab");
  for (std::string line; std::getline(countries, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string country, coordinates, name;
    words >> country >> coordinates >> name;
    zones.by_country.emplace(country, name);
  }
  return zones;
}

const Zones& zones() {
  static const Zones read = read_zones();
  return read;
}

}  // namespace

bool time_zone_exists(std::string_view name) {
  return zones().names.contains(name);
}

std::string_view default_time_zone(std::string_view country) {
  const auto found = zones().by_country.find(country);
  return found == zones().by_country.end() ? std::string_view("UTC") : std::string_view(found->second);
}

}  // namespace daybook
