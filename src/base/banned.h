/* Functions that must not be called: each has no bound on what it writes, hides an error, or keeps state that threads share.
 * The build includes this file first in every translation unit, so a call does not compile. The message names what to use.
 * Headers of libraries that mention these names are included below before the ban. */
#ifndef MINGDI_BASE_BANNED_H
#define MINGDI_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef MINGDI_EVP /* CMakeLists.txt names the files that sign or verify */
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#endif

/* Macros in glibc, which compilers warn of poisoning: alloca always, the other two with clang and _FORTIFY_SOURCE. */
#undef alloca
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol atof atoll
#pragma GCC poison gmtime localtime ctime asctime rand srand random tmpnam mktemp alloca

#endif
