// What an answer shows: which entity a stored command was about, and that entity's values out of a state.
#pragma once

#include <string>

#include "domain/deciders/decision.h"
#include "engine/answer.h"

namespace daybook::schema {
struct Envelope;
}

namespace daybook {

/// The subject of the command whose first event this is, as its decider named it.
Subject subject_of(const schema::Envelope& first_event);

/// Whether the state has what an answer about the subject shows.
bool holds(const AccountState& account, const Subject& subject);
bool holds(const BookState& book, const Subject& subject);

/// Fills answer.shown and answer.version from the state, which holds() the subject; `entry` is the unit movement for
/// SubjectKind::unit_entry.
void show(Answer& answer, const Subject& subject, const AccountState& account, const std::optional<UnitMovement>& entry,
          std::string_view actor);
void show(Answer& answer, const Subject& subject, const BookState& book, Instant now);

/// The rejection that a CommandAnswered event keeps.
Rejection stored_rejection(const schema::Envelope& command_answered);

/// The CommandAnswered event for a rejection, or (code none) for a command that changed nothing.
PendingEvent answered_event(const Rejection& rejection, const Subject& subject, std::string_view account_id);

/// The entity that a command names, and the account id otherwise.
std::optional<EntityRef> entity_of(const Command& command);
const std::string* account_id_of(const Command& command);
/// Of a command on a book itself; null of every other.
const std::string* book_id_of(const Command& command);
/// The version that If-Match is compared with; nothing if the entity is not there.
std::optional<std::uint64_t> version_of(const Command& command, const AccountState& account);
std::optional<std::uint64_t> version_of(const Command& command, const BookState& book);

}  // namespace daybook
