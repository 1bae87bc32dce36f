/* Assertions that stay on in release builds.
 *
 * A failed CHECK is a bug in Mingdi, never bad input and never the environment: the process says where and aborts, so that
 * the supervisor can restart it and replay the journal. Arguments are evaluated exactly once. */
#ifndef MINGDI_BASE_CHECK_H
#define MINGDI_BASE_CHECK_H

#include <stdnoreturn.h>

noreturn void check_failed(const char *expression, const char *file, int line);

#define CHECK(condition)                                  \
    do {                                                  \
        if (__builtin_expect(!(condition), 0)) {          \
            check_failed(#condition, __FILE__, __LINE__); \
        }                                                 \
    } while (0)

/* A place that no correct program reaches, such as the default of a switch over a checked enum. */
#define UNREACHABLE() check_failed("unreachable", __FILE__, __LINE__)

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
