/* Hostile bytes as commands: engine_step must refuse or accept, never crash, and the state must stay sound.
 *
 * The input is a row of records: one byte of seconds that pass, two bytes of length, then that many bytes taken as a command. The
 * centre stands ready with units, facilities, an incident, a mission and a protocol that a call is asked by, so that a few
 * records reach deep. */
#include <stdint.h>
#include <string.h>

#include "core/test_engine.h"

enum { RECORD_MAX = 4096, RECORDS_MAX = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void fuzz_begin(struct centre *centre)
{
    centre_begin(centre, 3, 2);
    DO(centre, BEDS_SET, beds_set, FACILITY, .facility = { 1 }, .kind = BED_KIND_WARD, .available = 10000);
    uint32_t mission = centre_assign(centre, centre_incident(centre, PRIORITY_NON_URGENT, 0, 2), 1);
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_ARRIVE));
    (void)centre_incident(centre, PRIORITY_URGENT, NEED_NEONATAL, 1);
    static const struct protocol_answer answers[] = {
        { .step = 1, .answer = 1, .to_step = 2, .effect = PRIORITY_EFFECT_RAISE, .marks = MARK_ARREST_RECOGNISED, .units = 2 },
        { .step = 1, .answer = 2, .to_protocol = 2 },
        { .step = 2, .answer = 1, .effect = PRIORITY_EFFECT_SET, .priority = PRIORITY_URGENT, .needs = NEED_ADVANCED },
    };
    MUST(centre, centre_protocol(centre, 1, 1, 1, answers, ARRAY_LENGTH(answers)));
    DO(centre, TRIAGE_BEGIN, triage_begin, SEAT, .call = { 1 }, .protocol = 1);
    (void)centre_located_call(centre);
}

/* The copy is exactly as long as the sender says, rounded up to the alignment that callers owe. */
static void send_record(struct centre *centre, const uint8_t *bytes, size_t size)
{
    unsigned char *copy = aligned_alloc(8, (size + 8) / 8 * 8);
    CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    (void)centre_send(centre, (const struct command_head *)(const void *)copy, size);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct centre centre;
    fuzz_begin(&centre);
    for (int record = 0; record < RECORDS_MAX && size >= 3; record++) {
        size_t length = (size_t)(bytes[1] | bytes[2] << 8);
        centre_wait(&centre, bytes[0]);
        bytes += 3;
        size -= 3;
        length = length > RECORD_MAX ? RECORD_MAX : length;
        length = length > size ? size : length;
        send_record(&centre, bytes, length);
        bytes += length;
        size -= length;
    }
    centre_destroy(&centre);
    return 0;
}
