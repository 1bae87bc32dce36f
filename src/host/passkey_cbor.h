/* Whether bytes are CBOR as authenticators may write it (CTAP 2.1, section 8: definite lengths, no tags, little nesting), before
 * a library is given them that takes memory for as much as they announce. Only lengths are looked at.
 *
 * Workload: a key of 77 bytes, a map of extensions of some ten. */
#ifndef MINGDI_HOST_PASSKEY_CBOR_H
#define MINGDI_HOST_PASSKEY_CBOR_H

#include <stddef.h>

enum { PASSKEY_CBOR_DEPTH = 4 };

/* How many bytes the item at the beginning has; 0: it is none, or goes on behind the end. */
size_t passkey_cbor_size(const unsigned char *bytes, size_t size);

#endif
