/* Skills, equipment and capabilities as bits: what an incident needs, what a unit has, what a facility can treat. A need is met
 * when every bit of it is there. The bits NEED_BASIC, NEED_ADVANCED ... are the set need_set of schema/types.toml. */
#ifndef MINGDI_CORE_NEED_H
#define MINGDI_CORE_NEED_H

#include "core/schema_types.h"

#endif
