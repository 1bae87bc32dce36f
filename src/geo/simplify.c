#include "geo/simplify.h"

#include <string.h>

static double off_line_squared(struct geo_plane_point point, struct geo_plane_point from, struct geo_plane_point to)
{
    double dx = to.x - from.x, dy = to.y - from.y, squared = dx * dx + dy * dy;
    double share = squared > 0 ? ((point.x - from.x) * dx + (point.y - from.y) * dy) / squared : 0;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    double x = point.x - from.x - share * dx, y = point.y - from.y - share * dy;
    return x * x + y * y;
}

static void keep_between(const struct geo_plane_point *points, uint32_t from, uint32_t to, double squared, uint8_t *keep)
{
    uint32_t stack[2 * GEO_SIMPLIFY_RUN + 4], depth = 0; /* each point is pushed once as a beginning at most */
    stack[depth++] = from;
    stack[depth++] = to;
    while (depth > 0) {
        uint32_t end = stack[--depth], begin = stack[--depth], furthest = begin;
        double most = squared;
        for (uint32_t i = begin + 1; i < end; i++) {
            double off = off_line_squared(points[i], points[begin], points[end]);
            if (off > most) {
                most = off;
                furthest = i;
            }
        }
        if (furthest != begin) {
            keep[furthest] = 1;
            stack[depth++] = begin;
            stack[depth++] = furthest;
            stack[depth++] = furthest;
            stack[depth++] = end;
        }
    }
}

void geo_simplify(const struct geo_plane_point *points, uint32_t count, double tolerance, uint8_t *keep)
{
    memset(keep, 0, count);
    for (uint32_t begin = 0; begin < count; begin += GEO_SIMPLIFY_RUN) {
        uint32_t end = begin + GEO_SIMPLIFY_RUN < count ? begin + GEO_SIMPLIFY_RUN : count - 1;
        keep[begin] = keep[end] = 1;
        keep_between(points, begin, end, tolerance * tolerance, keep);
    }
}
