/* Skills, equipment and capabilities as bits: what an incident needs, what a unit has, what a facility can treat. A need is met
 * when every bit of it is there. The bits NEED_BASIC, NEED_ADVANCED ... are the set need_set of schema/types.toml. */
#ifndef MINGDI_CORE_NEED_H
#define MINGDI_CORE_NEED_H

#include "core/schema_types.h"

/* Those of units. The others are of facilities: an incident has them for the facility that its patients will need, and no unit is
 * unfit for lack of them. */
enum { NEEDS_OF_UNITS = 0xFFFF };

/* What a unit with these skills lacks for an incident with these needs. */
static inline uint32_t need_unmet(uint32_t needs, uint32_t skills) { return needs & NEEDS_OF_UNITS & ~skills; }

#endif
