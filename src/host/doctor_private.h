/* The rounds of the doctor, doctor_*.c. Each tells of what it looked at. */
#ifndef MINGDI_HOST_DOCTOR_PRIVATE_H
#define MINGDI_HOST_DOCTOR_PRIVATE_H

#include "host/doctor.h"
#include "store/sql.h"

struct doctor {
    const struct doctor_options *options;
    struct config config; /* the defaults where it cannot be read */
    bool server_runs;     /* on our journal, or at our port */
};

/* advice "": none is needed. */
void doctor_say(const struct doctor *doctor, enum doctor_level level, const char *subject, const char *advice, const char *format,
                ...) __attribute__((format(printf, 5, 6)));
/* The sentence of an error. */
void doctor_say_error(const struct doctor *doctor, enum doctor_level level, const char *subject, const struct error *error,
                      const char *advice);

void doctor_machine(const struct doctor *doctor);                 /* memory, disk, sync, files, clock */
void doctor_files(const struct doctor *doctor);                   /* secrets, city, protocols */
void doctor_certificates(const struct doctor *doctor);            /* of nginx, of mosquitto, of the gateway for MQTT */
void doctor_store(struct doctor *doctor);                         /* tables, journal, report, replication */
void doctor_access(const struct doctor *doctor, struct sql *sql); /* tokens and given passwords in the centre's tables */
void doctor_keeping(const struct doctor *doctor);                 /* backups, retention */
void doctor_port(const struct doctor *doctor);

#endif
