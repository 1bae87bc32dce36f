/* The distance between words: what "did you mean" is made from. Workload: a word against a hundred others, once a mistake. */
#ifndef MINGDI_BASE_WORD_H
#define MINGDI_BASE_WORD_H

/* Edits (insert, delete, replace, swap of neighbours) from a to b; at most WORD_DISTANCE_MAX, which longer words give too. */
enum { WORD_DISTANCE_MAX = 40 };
int word_distance(const char *a, const char *b);

#endif
