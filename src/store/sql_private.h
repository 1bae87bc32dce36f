/* What the two databases behind sql.h have in common, and what each must do. */
#ifndef MINGDI_STORE_SQL_PRIVATE_H
#define MINGDI_STORE_SQL_PRIVATE_H

#include "store/sql.h"
#include "store/store.h"

struct sql_row {
    int count;
    struct sql_value values[SQL_COLUMNS_MAX]; /* texts end in a zero byte */
};

/* One statement, and what is to be done with its answer. */
struct sql_call {
    const char *text;
    const struct sql_value *parameters;
    size_t count;
    bool once; /* not worth keeping prepared: DDL */
    sql_row_fn row;
    void *context;
    int64_t rows, changed; /* results */
};

struct sql_driver {
    enum status (*run)(struct sql *sql, struct sql_call *call, struct error *error);
    enum status (*begin)(struct sql *sql, struct error *error);
    enum status (*commit)(struct sql *sql, struct error *error);
    void (*rollback)(struct sql *sql);
    enum status (*forget)(struct sql *sql, const char *table, struct error *error);
    enum status (*make_room)(struct sql *sql, struct error *error); /* for tables: the schema they will be in */
    void (*close)(struct sql *sql);
};

/* The first member of each database's own struct. */
struct sql {
    const struct sql_driver *driver;
    enum store_kind kind;
    bool read_only, in_transaction, transaction_failed, conflict;
    bool owner_only;                 /* writes only while this process owns the centre (lease.h) */
    char shown[STORE_PATH_MAX + 16]; /* in messages */
};

enum status sql_sqlite_open(const struct store *store, enum sql_database database, bool read_only, struct sql **sql,
                            struct error *error) MUST_USE;
enum status sql_postgres_open(const struct store *store, enum sql_database database, bool read_only, struct sql **sql,
                              struct error *error) MUST_USE;

/* As sql_run, for a statement that is used once. */
enum status sql_run_once(struct sql *sql, const char *text, const struct sql_value *parameters, size_t count, struct error *error)
    MUST_USE;
enum status sql_table_exists(struct sql *sql, const char *table, bool *exists, struct error *error) MUST_USE;

#endif
