/* What the parts of setup share: the setup once it is read, and the steps of making a centre. */
#ifndef MINGDI_HOST_SETUP_PRIVATE_H
#define MINGDI_HOST_SETUP_PRIVATE_H

#include <stdint.h>

#include "host/directory.h"
#include "host/identity.h"
#include "host/setup.h"
#include "road/city.h"
#include "sim/scenario.h"

enum {
    SETUP_PASSWORD_SIZE = 256,
    SETUP_SEATS_MAX = 1000,
    SETUP_PEOPLE_MAX = 5000,
    SETUP_PATH_MAX = STORE_PATH_MAX,
};

struct setup_seat {
    char code[SCENARIO_ID_SIZE], name[SCENARIO_NAME_SIZE];
    uint8_t role; /* call-taker, dispatcher or duty commander */
};

struct setup_person {
    char name[IDENTITY_NAME_SIZE], display[IDENTITY_NAME_SIZE];
    char password[SETUP_PASSWORD_SIZE]; /* "": one is made and told */
    struct grant grants[GRANTS_MAX];
    uint8_t grant_count;
    bool drill_only;
};

struct setup_token {
    char name[IDENTITY_NAME_SIZE];
    struct grant grant;
};

struct setup {
    struct setup_options options;
    struct store store, other; /* other: of the drill, if this is the centre, and the reverse */
    bool beside;               /* other is there already: its configuration, city and key are used */
    struct config config;
    struct scenario *scenario;
    struct city *city;
    char *city_path;
    char **shapes; /* by district: a GeoJSON geometry, or NULL */
    struct setup_seat *seats;
    uint32_t seat_count;
    struct setup_person *people;
    uint32_t people_count, drill_only_left_out;
    struct setup_token tokens[SETUP_TOKENS_MAX];
    size_t token_count;
    bool seats_made; /* there was no seats.csv */
    int lock;        /* descriptor of the data folder; -1 none */
    char folder[SETUP_PATH_MAX], staging[SETUP_PATH_MAX];
};

/* ---- reading (setup_read.c, setup_people.c) ---- */
enum status setup_read_shapes(struct setup *setup, struct error *error) MUST_USE;
enum status setup_read_seats(struct setup *setup, struct error *error) MUST_USE;
enum status setup_read_people(struct setup *setup, struct error *error) MUST_USE;
/* The administrator and the tokens that the options name; somebody must be an administrator of the centre. */
enum status setup_add_named(struct setup *setup, struct error *error) MUST_USE;

/* ---- writing ---- */
/* Directory, people and tokens, in the store's tables; *administrator is the first one's id (setup_tables.c). */
enum status setup_write_tables(const struct setup *setup, const struct store *store, uint32_t *administrator, struct text *told,
                               struct error *error) MUST_USE;
/* The journal's first entries, durable in one commit (setup_journal.c). */
enum status setup_write_journal(const struct setup *setup, const struct store *store, uint32_t administrator, struct error *error)
    MUST_USE;
/* Whether the store holds a journal with a first entry. */
enum status setup_holds_centre(const struct store *store, bool *holds, struct error *error) MUST_USE;
/* STATUS_IO "stopped" once the options' flag is set. */
enum status setup_stopped(const struct setup *setup, struct error *error) MUST_USE;

#endif
