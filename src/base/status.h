/* What can go wrong outside the program, and the text that tells a person about it.
 *
 * A function that can fail for reasons outside the program returns an enum status and takes a struct error as its last
 * argument but for the result. On STATUS_OK the error is untouched. On failure the error is filled once, at the place where
 * the failure first arose, with a sentence that says what, where and what to do; callers may prefix it with context, never
 * replace it. On failure nothing else has changed unless the function says so. */
#ifndef MINGDI_BASE_STATUS_H
#define MINGDI_BASE_STATUS_H

enum status {
    STATUS_OK = 0,
    STATUS_BAD_INPUT, /* a file, an argument or a message that is not what it must be */
    STATUS_NOT_FOUND, /* what was named does not exist */
    STATUS_IO,        /* the operating system or a device refused */
    STATUS_NO_MEMORY, /* an allocation was refused */
    STATUS_FULL,      /* a limit of the limits file is reached */
    STATUS_CORRUPT,   /* stored bytes do not match their checksum or chain */
    STATUS_VERSION,   /* made by another version, or on a machine of another kind */
    STATUS_USAGE,     /* the command line is wrong: exit code 2 */
};

enum { ERROR_TEXT_MAX = 1024 };

struct error {
    enum status status;
    const char *source_file; /* where it first arose, for the log; never shown to users */
    int source_line;
    char text[ERROR_TEXT_MAX]; /* one sentence, UTF-8, no newline at the end; truncated with "..." if longer */
};

#define MUST_USE __attribute__((warn_unused_result))

/* Fill the error and return the status, so that a failure is one line: return ERROR(error, STATUS_IO, "%s: %s", path, why). */
#define ERROR(error, failure, ...)                                            \
    (__extension__({                                                          \
        (void)error_set((error), (failure), __FILE__, __LINE__, __VA_ARGS__); \
        (enum status)(failure); /* so that compilers see that it is one */    \
    }))

enum status error_set(struct error *error, enum status status, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Put context in front of a text that is there already: "shifts.csv:12: ". Returns error->status. */
enum status error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Return the status from the enclosing function unless it is STATUS_OK. For functions that hold nothing to release. */
#define TRY(call)                         \
    do {                                  \
        enum status try_status_ = (call); \
        if (try_status_ != STATUS_OK) {   \
            return try_status_;           \
        }                                 \
    } while (0)

/* Jump to the label unless STATUS_OK; the enclosing function keeps its result in a variable named status. */
#define TRY_GOTO(call, label)      \
    do {                           \
        status = (call);           \
        if (status != STATUS_OK) { \
            goto label;            \
        }                          \
    } while (0)

#endif
