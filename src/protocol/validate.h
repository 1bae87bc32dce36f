/* Holds the protocols of a folder against each other: what a call-taker must never meet is refused before a centre loads it.
 *
 * Refused are: numbers, ids and keys that stand twice; an id that is not the file's name; answers that lead nowhere; steps that
 * nothing reaches; steps from which no way leads to an end; questions that lead in a circle; a loop of instructions with a step
 * whose answers all lead on to the same next one; a protocol in which nothing is ever ready to send; and an arrest path longer
 * than two answers.
 *
 * The arrest path: from every step the call-taker can say "not awake" (the console's key 0), which begins protocol arrest at its
 * step breathing; one more answer there must recognise the arrest and reach an instruction that beats time for compressions. */
#ifndef MINGDI_PROTOCOL_VALIDATE_H
#define MINGDI_PROTOCOL_VALIDATE_H

#include "protocol/protocol.h"

#define PROTOCOL_ARREST "arrest"
#define PROTOCOL_ARREST_STEP "breathing"
enum { PROTOCOL_ARREST_ANSWERS_MAX = 2, PROTOCOL_FAR = UINT32_MAX };

/* Of whole protocols (read without a finding). Sorts the set by number, finds what each answer leads to, and tells what is wrong.
 * Where that adds no finding, all of to_protocol, to_step and entry are known. */
void protocol_set_validate(struct protocol_set *set, struct protocol_findings *findings);

/* Where a way goes to. */
enum protocol_goal { PROTOCOL_GOAL_READY, PROTOCOL_GOAL_END, PROTOCOL_GOAL_COMPRESSIONS };
/* The fewest answers from a step (of a valid set) until an answer that says ready was given, the end is reached, or compressions
 * are begun, without the universal answer; PROTOCOL_FAR: no way. */
uint32_t protocol_answers_to(const struct protocol_set *set, const struct protocol_file *protocol, uint8_t step,
                             enum protocol_goal goal);
/* The fewest answers from "not awake", itself counted, until compressions are begun by an answer that recognises the arrest. */
uint32_t protocol_arrest_answers(const struct protocol_set *set);

#endif
