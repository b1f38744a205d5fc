#include "gateway/http_response.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "domain/ascii.h"
#include "gateway/limits.h"

namespace daybook {
namespace {

struct ProblemText {
  int status;
  std::string_view title;
  std::string_view code;
  std::string_view hint;
};

ProblemText text_of(TransportProblem problem) {
  switch (problem) {
    case TransportProblem::malformed_request:
      return {400, "Malformed request", "malformed_request", "Send a well-formed HTTP/1.1 request."};
    case TransportProblem::request_timeout:
      return {408, "Request timeout", "request_timeout", "Send the whole request without pausing, then try again."};
    case TransportProblem::payload_too_large:
      return {413, "Payload too large", "payload_too_large", "Send a smaller body, or split it into several requests."};
    case TransportProblem::headers_too_large:
      return {431, "Headers too large", "headers_too_large", "Send fewer or shorter headers."};
    case TransportProblem::not_ready:
      return {503, "Not ready", "not_ready", "Try again after the time that Retry-After names."};
    case TransportProblem::internal:
      break;
  }
  return {500, "Internal error", "internal",
          "Try again with the same Idempotency-Key; if it persists, report the request_id."};
}

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "";
  }
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [others](char c) {
    return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

bool has_content(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

Response transport_problem(TransportProblem problem, std::string_view detail, std::string_view request_id) {
  const ProblemText text = text_of(problem);
  Response response{.status = text.status, .content_type = "application/problem+json", .headers = {}, .body = {}};
  response.headers.push_back({"Request-Id", std::string(request_id)});
  if (problem == TransportProblem::not_ready) response.headers.push_back({"Retry-After", "1"});

  std::string& body = response.body;
  const auto member = [&body](std::string_view name, std::string_view value) {
    body.append(",\"").append(name).append("\":\"");
    for (const char c : value) {
      if (c == '"' || c == '\\') body.push_back('\\');
      body.push_back(c);
    }
    body.push_back('"');
  };
  body = R"({"type":"about:blank")";
  member("title", text.title);
  body.append(",\"status\":");
  append_number(body, static_cast<std::uint64_t>(text.status));
  member("code", text.code);
  member("detail", detail);
  member("hint", text.hint);
  body.append(",\"errors\":[]");
  member("request_id", request_id);
  body.push_back('}');
  return response;
}

bool is_valid_request_id(std::string_view text) {
  constexpr std::string_view others = "_.:-";
  return !text.empty() && text.size() <= limits::request_id_bytes_max &&
         std::all_of(text.begin(), text.end(),
                     [others](char c) { return is_letter_or_digit(c) || others.find(c) != std::string_view::npos; });
}

std::string new_request_id() {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<std::uint8_t, 22> random;
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  std::string id = "req_";
  for (const std::uint8_t byte : random) id.push_back(alphabet[byte & 31U]);
  return id;
}

std::string_view DateHeader::now() {
  const std::time_t second = std::time(nullptr);
  if (second == rendered_at_) return text_;
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&second, &utc);
  const auto two_digits = [](int number) {
    return std::string{static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
  };
  text_ = std::string(days[utc.tm_wday]) + ", " + two_digits(utc.tm_mday) + " " + months[utc.tm_mon] + " " +
          std::to_string(utc.tm_year + 1900) + " " + two_digits(utc.tm_hour) + ":" + two_digits(utc.tm_min) + ":" +
          two_digits(utc.tm_sec) + " GMT";
  rendered_at_ = second;
  return text_;
}

bool sends_body(const Response& response, ResponseFraming framing) {
  return !framing.head && has_content(response.status) && !response.body.empty();
}

bool has_sound_headers(const Response& response) {
  return is_field_value(response.content_type) && response.status >= 200 && response.status <= 599 &&
         std::all_of(response.headers.begin(), response.headers.end(),
                     [](const Header& header) { return is_token(header.name) && is_field_value(header.value); });
}

void append_chunk(std::string& out, std::string_view piece, ResponseFraming framing) {
  if (framing.http_1_0) {
    out.append(piece);
    return;
  }
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16).ptr;
  out.append(digits.data(), end).append("\r\n").append(piece).append("\r\n");
}

void append_response_head(std::string& out, const Response& response, ResponseFraming framing, std::string_view date) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status));
  out.append(" ").append(reason(response.status)).append("\r\nDate: ").append(date);
  if (has_content(response.status)) {
    if (!response.content_type.empty()) out.append("\r\nContent-Type: ").append(response.content_type);
    if (!response.source) {
      out.append("\r\nContent-Length: ");
      append_number(out, response.body.size());
    } else if (!framing.http_1_0) {  // HTTP/1.0 has no chunks: the end of the connection ends the body
      out.append("\r\nTransfer-Encoding: chunked");
    }
  }
  if (framing.close) {
    out.append("\r\nConnection: close");
  } else if (framing.http_1_0) {
    out.append("\r\nConnection: keep-alive");
  }
  for (const Header& header : response.headers) {
    out.append("\r\n").append(header.name).append(": ").append(header.value);
  }
  out.append("\r\n\r\n");
}

}  // namespace daybook
